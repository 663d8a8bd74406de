// SPDX-License-Identifier: BSD-3-Clause
// What a guest and a host may ask, at its edges, with the exact answer; and the same calls on all CPUs at
// once.
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cinttypes>
#include <cstdlib>
#include <thread>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

constexpr std::int64_t kInvalid = -2, kNo = -1;

struct Call {
  u64 function, x1, x2, x3;
  std::int64_t answer;
};

// --- calls of a guest ---

Verdict guest_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Answer version = victim.vm.command(Command::kHvc, {0x84000000});
  return {version.x[0] == 0x10001, "PSCI_VERSION"};
}

std::string ask_all(Vm& vm, std::span<const Call> calls) {
  for (const Call& one : calls) {
    for (const Command how : {Command::kHvc, Command::kSmc}) {
      const Answer answer = vm.command(how, {one.function, one.x1, one.x2, one.x3});
      if (!answer.done || answer.syndrome != 0 || static_cast<std::int64_t>(answer.x[0]) != one.answer) {
        return text("%#" PRIx64 "(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ") answers %" PRId64, one.function,
                    one.x1, one.x2, one.x3, static_cast<std::int64_t>(answer.x[0]));
      }
    }
  }
  return {};
}

Verdict guest_calls(const Lab& lab) {
  static constexpr std::array kCalls{
      Call{0x80000001, 0x80000000, 0, 0, 0},  // SMCCC_ARCH_FEATURES
      Call{0x80000001, 0x80000001, 0, 0, 0},
      Call{0x80000001, 0x80000002, 0, 0, kNo},
      Call{0x80000001, 0x80008000, 0, 0, kNo},  // workarounds: this board's firmware has none
      Call{0x80008000, 0, 0, 0, kNo},
      Call{0x80007fff, 1, 0, 0, kNo},
      Call{0x84000006, 0, 0, 0, 2},  // MIGRATE_INFO_TYPE
      Call{0x8400000a, 0xc4000003, 0, 0, 0},
      Call{0x8400000a, 0x80000000, 0, 0, 0},
      Call{0x8400000a, 0xc400000e, 0, 0, kNo},
      Call{0xc4000004, 0, 0, 0, 0},  // AFFINITY_INFO: itself is on, the second off
      Call{0x84000004, 1, 0, 0, 1},
      Call{0xc4000004, 2, 0, 0, kInvalid},
      Call{0xc4000004, 8, 0, 0, kInvalid},
      Call{0xc4000004, 0, 1, 0, kInvalid},
      Call{REDOUBT_GUEST_MEMINFO, 0, 0, 0, 4096},
      Call{REDOUBT_GUEST_MEMINFO, 0, 0, 1, kInvalid},
      Call{REDOUBT_GUEST_FEATURES, 0, 0, 0, 0x1d},
      Call{REDOUBT_SMCCC_VENDOR_UID, 0, 0, 0, REDOUBT_UID_0},
      Call{0xffffffff84000000, 0, 0, 0, 0x10001},  // the upper half of x0 does not count
  };
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const std::string wrong = ask_all(victim.vm, kCalls);
  const bool sound = victim.sound();
  return {wrong.empty() && sound, wrong.empty() ? text("%zu calls by HVC and SMC", kCalls.size()) : wrong};
}

// Random numbers: all there is where the CPU makes them, nothing where it does not.
Verdict guest_random(const Lab& lab) {
  static constexpr std::array kCalls{
      Call{0x84000051, 0xc4000053, 0, 0, 0},  // TRNG_FEATURES
      Call{0x84000051, 0x84000050, 0, 0, 0},
      Call{0x84000051, 0x84000000, 0, 0, kNo},
      Call{0x84000052, 0, 0, 0, REDOUBT_UID_0},
      Call{0x84000053, 0, 0, 0, kInvalid},
      Call{0x84000053, 97, 0, 0, kInvalid},
      Call{0xc4000053, 193, 0, 0, kInvalid},
      Call{0x84000053, 1, 0, 0, 0},
      Call{0x84000053, 96, 0, 0, 0},
      Call{0xc4000053, 64, 0, 0, 0},
      Call{0xc4000053, 192, 0, 0, 0},
  };
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const auto version = static_cast<std::int64_t>(victim.vm.command(Command::kHvc, {0x84000050}).x[0]);
  if (version == kNo) return {victim.sound(), "this CPU makes no random numbers: NOT_SUPPORTED"};
  const std::string wrong = ask_all(victim.vm, kCalls);
  const Answer few = victim.vm.command(Command::kHvc, {0x84000053, 1});
  const Answer many = victim.vm.command(Command::kHvc, {0xc4000053, 192});
  const bool cut = few.x[1] == 0 && few.x[2] == 0 && few.x[3] <= 1;
  const bool full = many.x[1] != 0 && many.x[2] != 0 && many.x[3] != 0 && many.x[1] != many.x[3];
  return {version == 0x10000 && wrong.empty() && cut && full && victim.sound(),
          wrong.empty() ? "1 to 96 and 1 to 192 bits, no more" : wrong};
}

// --- the guest's redistributors ---

constexpr u64 kLoadWord = 0xb9400000, kStoreWord = 0xb9000001, kLoadByte = 0x39400000,
              kStoreByte = 0x39000001;
constexpr u64 kSgiFrame = 0x10000;

struct Access {
  u64 offset, instruction, value;
  bool is_read;
};

// Each line: what is written where, or what must be read.
constexpr std::array kAccesses{
    Access{0x0008, kLoadWord, 0, true},    // TYPER: the first, not the last
    Access{0x0014, kStoreWord, 0, false},  // WAKER: wakes at once
    Access{0x0014, kLoadWord, 0, true},
    Access{0xffe8, kLoadWord, 0x3b, true},                      // PIDR2: GICv3
    Access{kSgiFrame + 0xffe8, kLoadWord, 0x3b, true},          //
    Access{kSgiFrame + 0x080, kLoadWord, ~u64{0} >> 32, true},  // IGROUPR0
    Access{kSgiFrame + 0xc00, kLoadWord, 0xaaaaaaaa, true},     // ICFGR0: SGIs are edges
    Access{kSgiFrame + 0x300, kStoreWord, 1 << 9, false},       // ISACTIVER0
    Access{kSgiFrame + 0x300, kLoadWord, 1 << 9, true},
    Access{kSgiFrame + 0x380, kStoreWord, 1 << 9, false},  // ICACTIVER0
    Access{kSgiFrame + 0x380, kLoadWord, 0, true},
    Access{kSgiFrame + 0x200, kStoreWord, 3 << 10, false},  // ISPENDR0
    Access{kSgiFrame + 0x200, kLoadWord, 3 << 10, true},
    Access{kSgiFrame + 0x280, kStoreWord, 3 << 10, false},  // ICPENDR0
    Access{kSgiFrame + 0x280, kLoadWord, 0, true},
    Access{kSgiFrame + 0x100, kStoreWord, 1 << 4, false},  // ISENABLER0
    Access{kSgiFrame + 0x100, kLoadWord, 1 << 4, true},
    Access{kSgiFrame + 0x180, kStoreWord, 1 << 4, false},  // ICENABLER0
    Access{kSgiFrame + 0x100, kLoadWord, 0, true},
    Access{kSgiFrame + 0x404, kStoreWord, 0xa0b0c0d0, false},  // IPRIORITYR
    Access{kSgiFrame + 0x404, kLoadWord, 0xa0b0c0d0, true},
    Access{kSgiFrame + 0x405, kLoadByte, 0xc0, true},
    Access{kSgiFrame + 0x405, kStoreByte, 0xff, false},
    Access{kSgiFrame + 0x405, kLoadByte, 0xf8, true},  // five bits of priority
    Access{kSgiFrame + 0x200, kLoadByte, 0, true},     // no such width
};

Verdict redistributor_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Answer identity = victim.vm.command(Command::kExecute, {kLoadWord, REDOUBT_GUEST_GICR_BASE + 0xffe8});
  return {identity.syndrome == 0 && identity.x[0] == 0x3b, "a guest reads its redistributor's identity"};
}

std::string try_frame(Vm& vm, u64 base) {
  for (const Access& access : kAccesses) {
    const Answer answer =
        vm.command(Command::kExecute, {access.instruction, base + access.offset, access.value});
    const bool good =
        answer.done && answer.syndrome == 0 &&
        (!access.is_read || answer.x[0] == access.value || (access.offset == 8 && answer.x[0] >> 32 == 0));
    if (!good) {
      return text("%#" PRIx64 ": read %#" PRIx64 ", syndrome %#" PRIx64, base + access.offset, answer.x[0],
                  answer.syndrome);
    }
  }
  return {};
}

Verdict redistributor(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  if (const std::string own = try_frame(victim.vm, REDOUBT_GUEST_GICR_BASE); !own.empty())
    return {false, own};
  // The second vCPU's frame: whatever is read and written there, the guest goes on.
  const u64 other = u64{REDOUBT_GUEST_GICR_BASE} + REDOUBT_GUEST_GICR_STRIDE;
  for (const Access& access : kAccesses) {
    const Answer answer =
        victim.vm.command(Command::kExecute, {access.instruction, other + access.offset, access.value});
    if (!answer.done || answer.syndrome != 0) {
      return {false, text("the second frame, %#" PRIx64 ": exit %" PRIu64 ", %s, syndrome %#" PRIx64,
                          access.offset, answer.exit, name_of(answer.status), answer.syndrome)};
    }
  }
  // Behind the last frame there is nothing of the core's: the VMM answers.
  const Answer beyond = victim.vm.command(Command::kLoad, {other + REDOUBT_GUEST_GICR_STRIDE});
  if (!beyond.done)
    return {false, text("behind the frames: exit %" PRIu64 ", %s", beyond.exit, name_of(beyond.status))};
  const bool sound = victim.sound();
  return {sound, text("%zu accesses to each of two frames, the VM is %s", kAccesses.size(),
                      sound ? "sound" : "NOT sound")};
}

// --- calls of the host to the firmware ---

Verdict firmware_control(const Lab& lab) {
  return {lab.host.smc(checks::kPsciVersion) == 0x10001, "PSCI_VERSION"};
}

Verdict firmware_calls(const Lab& lab) {
  const u64 entry = lab.host.own_page();
  const std::array calls{
      Call{0x80000000, 0, 0, 0, 0x10001},  // SMCCC_VERSION
      Call{0x80000001, 0x80000000, 0, 0, 0},
      Call{0x80000001, 0x80000001, 0, 0, 0},
      Call{0x80000001, 0x80008000, 0, 0, kNo},
      Call{0x80000001, 0x84000000, 0, 0, kNo},
      Call{0x80008000, 0, 0, 0, kNo},
      Call{0x84000006, 0, 0, 0, 2},
      Call{0x8400000a, 0x80000000, 0, 0, 0},
      Call{0x8400000a, 0xc4000001, 0, 0, kNo},
      Call{0xc4000004, 0, 0, 0, 0},
      Call{0x84000004, 0, 1, 0, kInvalid},
      Call{0xc4000004, 0x123456, 0, 0, kInvalid},
      Call{0xc4000003, 0x123456, entry, 0, kInvalid},
      Call{0xc4000003, 0, entry, 0, -4},
      Call{0x84000003, 0, entry & 0xffffffff, 0, -4},
      Call{0xc4000003, 0, entry + 2, 0, -9},
      Call{0xc4000003, 0, lab.witness.given.front(), 0, -9},
  };
  for (const Call& one : calls) {
    const std::int64_t answer = lab.host.smc(one.function, one.x1, one.x2, one.x3);
    if (answer != one.answer) {
      return {false, text("%#" PRIx64 "(%#" PRIx64 ", %#" PRIx64 ") answers %" PRId64, one.function, one.x1,
                          one.x2, answer)};
    }
  }
  return {true, text("%zu calls by SMC", calls.size())};
}

// --- everything at once ---

constexpr u64 kPagesEach = 24, kRoundsEach = 60, kMostCpus = 8;

unsigned online() {
  const long count = ::sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : static_cast<unsigned>(count < static_cast<long>(kMostCpus) ? count : kMostCpus);
}

template <class Body>
void on_all(unsigned cpus, Body body) {
  std::vector<std::thread> others;
  for (unsigned cpu = 1; cpu < cpus; ++cpu) {
    others.emplace_back([&body, cpu] {
      move_to_cpu(cpu);
      body(cpu);
    });
  }
  move_to_cpu(0);
  body(0U);
  for (std::thread& other : others) other.join();
}

u64 unused_vmid(const Lab& lab) {
  u64 vmid = 1;
  while (vmid < kMostVms && call(lab.host, REDOUBT_HOST_VM_INFO, vmid).x1 != REDOUBT_VM_UNUSED) ++vmid;
  return vmid;
}

// Calls that change nothing, on the victim, on a VMID that nobody has, on the core and on the firmware; how
// many got another answer than they should.
u64 refused_calls(const Lab& lab, const Victim& victim, u64 nobody, u64 own_page, u64 no_manifest) {
  const u64 v = victim.vm.id;
  const auto is = [&](std::int64_t wanted, u64 function, u64 a = 0, u64 b = 0, u64 c = 0, u64 d = 0,
                      u64 e = 0) {
    return call(lab.host, function, a, b, c, d, e).status == wanted ? 0U : 1U;
  };
  return is(REDOUBT_SUCCESS, REDOUBT_HOST_VM_INFO, v) + is(REDOUBT_DENIED, REDOUBT_HOST_VCPU_CREATE, v, 0) +
         is(REDOUBT_DENIED, REDOUBT_HOST_VM_DONATE_IMAGE, v, 0, own_page, 1) +
         is(REDOUBT_DENIED, REDOUBT_HOST_VM_VERIFY, v) +
         is(REDOUBT_DENIED, REDOUBT_HOST_VM_RECLAIM, v, victim.page.physical, 1) +
         is(REDOUBT_BUSY, REDOUBT_HOST_VM_DESTROY, v) + is(REDOUBT_NOT_FOUND, REDOUBT_HOST_VM_STOP, nobody) +
         is(REDOUBT_NOT_FOUND, REDOUBT_HOST_VM_DESTROY, nobody) +
         is(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_CREATE, no_manifest, REDOUBT_MANIFEST_BYTES) +
         is(REDOUBT_SUCCESS, REDOUBT_HOST_LOG_READ, 0) +
         (lab.host.smc(checks::kPsciAffinityInfo, 0) == 0 ? 0U : 1U) +
         (lab.host.smc(checks::kPsciCpuOn, 0, own_page) == -4 ? 0U : 1U);
}

Verdict alone(const Lab& lab) {
  Victim victim(lab);
  const Block pages(lab.host, 2);
  if (!victim.ready() || !pages.valid()) return {false, "no victim"};
  View(lab.host, pages.page(1)).fill(0);
  const u64 wrong = refused_calls(lab, victim, unused_vmid(lab), pages.page(0), pages.page(1));
  return {wrong == 0 && victim.sound(), text("one CPU makes each call once: %" PRIu64 " surprises", wrong)};
}

// Every CPU: refused calls; pages given to one VM; its pages taken back once it has ended, and touched. The
// victim's guest shares and unshares its page meanwhile.
Verdict everywhere(const Lab& lab) {
  Victim victim(lab);
  Vm churn(lab.host, lab.main);
  Block pages(lab.host, 9);
  const unsigned cpus = online();
  if (!victim.ready() || !churn.start() || !pages.valid()) return {false, "no VMs"};
  View(lab.host, pages.page(0)).fill(0);
  const u64 nobody = unused_vmid(lab);
  std::atomic<u64> wrong{0};
  std::barrier<> line(static_cast<std::ptrdiff_t>(cpus));
  on_all(cpus, [&](unsigned cpu) {
    const u64 first = 2 + cpu * kPagesEach;
    line.arrive_and_wait();
    for (u64 i = 0; i < kRoundsEach; ++i) {
      wrong += refused_calls(lab, victim, nobody, pages.page(1), pages.page(0));
      if (cpu == 0) wrong += victim.share(i % 2 == 0) == REDOUBT_SUCCESS ? 0 : 1;
    }
    line.arrive_and_wait();
    for (u64 i = 0; i < kPagesEach; ++i) {
      wrong += call(lab.host, REDOUBT_HOST_VM_DONATE, churn.id,
                    churn.memory() + 3 * kBlockSize + (cpu * kPagesEach + i) * kPageSize,
                    pages.page(first + i), 1, REDOUBT_DONATE_MAP)
                           .status == REDOUBT_SUCCESS
                   ? 0
                   : 1;
    }
    line.arrive_and_wait();
    if (cpu == 0) churn.stop();
    line.arrive_and_wait();
    for (u64 i = 0; i < kPagesEach; ++i)
      wrong += call(lab.host, REDOUBT_HOST_VM_RECLAIM, churn.id, pages.page(first + i), 1).x1 == 1 ? 0 : 1;
    line.arrive_and_wait();
    for (u64 i = 0; i < kPagesEach; ++i) wrong += View(lab.host, pages.page(first + i)).is_zero() ? 0 : 1;
  });
  const bool ended = churn.end();
  if (!ended) pages.abandon();
  return {wrong == 0 && ended && victim.sound(),
          text("%u CPUs, %" PRIu64 " rounds each: %" PRIu64 " surprises", cpus, kRoundsEach, wrong.load())};
}

constexpr Attack kAttacks[] = {
    {"edges-of-guest-calls", guest_control, guest_calls},
    {"edges-of-guest-random-numbers", guest_control, guest_random},
    {"edges-of-guest-redistributors", redistributor_control, redistributor},
    {"edges-of-firmware-calls", firmware_control, firmware_calls},
    {"edges-all-calls-on-all-cpus", alone, everywhere},
};

}  // namespace

std::span<const Attack> edge_attacks() { return kAttacks; }

}  // namespace redoubt::attack
