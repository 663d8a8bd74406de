// SPDX-License-Identifier: BSD-3-Clause
// vCPUs, mailboxes and power: what the host can do to a vCPU beyond running it.
#include <atomic>
#include <cinttypes>
#include <random>
#include <thread>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

constexpr u64 kLongSpin = 200'000'000;
constexpr int kSigbus = 7;

// Runs `body` on CPU 1 until it ends; meanwhile this thread goes on.
class OnOtherCpu {
 public:
  template <class Body>
  explicit OnOtherCpu(Body body)
      : thread_([body] {
          move_to_cpu(1);
          body();
        }) {}
  ~OnOtherCpu() { thread_.join(); }
  OnOtherCpu(const OnOtherCpu&) = delete;
  OnOtherCpu& operator=(const OnOtherCpu&) = delete;

 private:
  std::thread thread_;
};

Verdict run_control(const Lab& lab) {
  Victim victim(lab);
  return {victim.ready() && victim.sound(), "a VM runs its vCPU 0"};
}

// CPU 1 has the vCPU inside, computing, and enters it again whenever the host's clock brings it out, until
// `meanwhile` here answers true or the guest is done.
template <class Meanwhile>
void while_inside(const Lab& lab, Victim& victim, Meanwhile meanwhile) {
  std::atomic<bool> inside{false}, over{false};
  const OnOtherCpu other([&] {
    victim.vm.pause_at = kArguments + u64{8} * (kArgumentCount - 1);
    victim.vm.command(Command::kSpin, {kLongSpin});
    victim.vm.pause_at = 0;
    inside = true;
    while (!over) {
      const std::int64_t status = call(lab.host, REDOUBT_HOST_VCPU_RUN, victim.vm.id, 0).status;
      if (status == REDOUBT_SUCCESS && victim.vm.mailbox(0)->exit == REDOUBT_EXIT_INTERRUPT) continue;
      if (status != REDOUBT_BUSY) over = true;
    }
  });
  while (!inside) std::this_thread::yield();
  while (!over) {
    if (meanwhile()) over = true;
  }
}

Verdict two_cpus(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  unsigned busy = 0, entered = 0, others = 0;
  while_inside(lab, victim, [&] {
    // An entry between two of CPU 1's is right. A second one meanwhile would mix registers, which the guest's
    // rounds, secret and answers would show.
    const std::int64_t run = call(lab.host, REDOUBT_HOST_VCPU_RUN, victim.vm.id, 0).status;
    ++(run == REDOUBT_BUSY ? busy : run == REDOUBT_SUCCESS ? entered : others);
    return busy >= 1000;
  });
  const bool done = victim.vm.finish(0).done;
  const bool sound = victim.sound();
  return {busy > 0 && others == 0 && done && sound,
          text("%u entries BUSY, %u in turn, %u otherwise; the VM is %s", busy, entered, others,
               sound ? "sound" : "NOT sound")};
}

struct Leaving {
  unsigned busy = 0, early = 0, refused = 0;
  std::int64_t after = 0;
};

// Stopped while it runs: nothing comes back before it has left.
Leaving stop_and_reclaim(const Lab& lab, Victim& victim) {
  Leaving seen;
  while_inside(lab, victim, [&] {
    const std::int64_t stop = call(lab.host, REDOUBT_HOST_VM_STOP, victim.vm.id).status;
    if (stop != REDOUBT_BUSY) return true;
    ++seen.busy;
    // It may leave right now; only then may a page come back.
    const Result page = call(lab.host, REDOUBT_HOST_VM_RECLAIM, victim.vm.id, victim.page.physical, 1);
    const bool left = call(lab.host, REDOUBT_HOST_VM_STOP, victim.vm.id).status == REDOUBT_SUCCESS;
    if (page.status == REDOUBT_SUCCESS) {
      seen.early += left ? 0 : 1;
      std::erase(victim.vm.given, victim.page.physical);
      return true;
    }
    ++seen.refused;
    return false;
  });
  seen.after = call(lab.host, REDOUBT_HOST_VCPU_RUN, victim.vm.id, 0).status;
  return seen;
}

// Where the first stop finds the vCPU outside, or it leaves before the first reclaim, nothing was tried: then
// another VM is. A core that makes one call at a time, each a long one, needs more of them.
Verdict reclaim_while_leaving(const Lab& lab) {
  constexpr unsigned kMostTries = 40;
  Leaving seen;
  unsigned tries = 0;
  while (tries < kMostTries && seen.refused == 0) {
    Victim victim(lab);
    if (!victim.ready()) return {false, "no victim"};
    seen = stop_and_reclaim(lab, victim);
    ++tries;
    if (seen.early != 0 || seen.after != REDOUBT_DENIED) break;
  }
  const bool tried = seen.busy > 0 && seen.refused > 0;
  return {tried && seen.early == 0 && seen.after == REDOUBT_DENIED,
          text("VM %u: %u times BUSY, %u reclaims refused, %u too early, run afterwards: %s", tries,
               seen.busy, seen.refused, seen.early, name_of(seen.after))};
}

Verdict run_after_stop(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || victim.vm.stop() != REDOUBT_SUCCESS) return {false, "no victim"};
  const std::int64_t run = call(lab.host, REDOUBT_HOST_VCPU_RUN, victim.vm.id, 0).status;
  const std::int64_t give = victim.vm.give(victim.vm.memory() + kBlockSize, victim.vm.fresh_page()).status;
  const std::int64_t verify = call(lab.host, REDOUBT_HOST_VM_VERIFY, victim.vm.id).status;
  const int touch = View(lab.host, victim.page.physical).load().signal;
  return {run == REDOUBT_DENIED && give == REDOUBT_DENIED && verify == REDOUBT_DENIED && touch == kSigbus,
          text("run: %s, give: %s, verify: %s; its page: signal %d", name_of(run), name_of(give),
               name_of(verify), touch)};
}

// The guest's own SYSTEM_OFF and SYSTEM_RESET are final.
template <u64 Function>
Verdict run_after_off(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Answer off = victim.vm.command(Command::kHvc, {Function});
  const std::int64_t run = call(lab.host, REDOUBT_HOST_VCPU_RUN, victim.vm.id, 0).status;
  const u64 state = victim.vm.info().x1;
  return {!off.done && run == REDOUBT_DENIED && state == REDOUBT_VM_POWEROFF,
          text("exit %" PRIu64 ", run: %s, state %" PRIu64, off.exit, name_of(run), state)};
}

// --- mailboxes ---

// Every word of the page that the host can write, but the answer itself.
void scribble(volatile u64* words, u64 value) {
  for (u64 i = 0; i < kPageSize / 8; ++i) words[i] = value + i;
}

Verdict mailbox_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Answer answer = victim.vm.command(Command::kHold, {0x1234567800});
  const bool kept = answer.done && answer.x[0] == 0;
  return {kept && victim.sound(), "all registers live through a device read"};
}

// Values for PC, PSTATE and every register, wherever a host might suspect them in the mailbox.
Verdict mailbox_forged(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  u64 changed = 0;
  for (const u64 value : {u64{0x3c9}, u64{0x3cd}, u64{0x40200000}, ~u64{0}, u64{0x8000'0000'0000'0000}}) {
    // While the guest waits for its device, with known values in all registers.
    victim.vm.pause_at = kProbe;
    const Answer inside = victim.vm.command(Command::kHold, {0x77000000});
    victim.vm.pause_at = 0;
    if (inside.done) return {false, "the guest was not inside"};
    scribble(reinterpret_cast<volatile u64*>(victim.vm.mailbox(0)), value);
    victim.vm.mailbox(0)->mmio_abort = 0;  // that is the host's to say
    victim.vm.mailbox(0)->spi_count = 0;
    const Answer answer = victim.vm.finish(0);
    changed += answer.done ? answer.x[0] : 99;
  }
  const bool sound = victim.sound();
  return {changed == 0 && sound,
          text("%" PRIu64 " registers changed; the VM is %s", changed, sound ? "sound" : "NOT sound")};
}

// CPU 1 writes all fields of the host while CPU 0 enters and leaves.
Verdict mailbox_races(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  std::atomic<bool> over{false};
  const unsigned rounds = 300;
  u64 changed = 0;
  {
    volatile redoubt_vcpu_mailbox* const box = victim.vm.mailbox(0);
    const OnOtherCpu other([&] {
      std::minstd_rand random(7);
      while (!over) {
        box->spi_count = static_cast<unsigned>(random());
        for (auto& spi : box->spi) {
          spi.intid = static_cast<unsigned short>(random());
          spi.priority = static_cast<unsigned char>(random());
          spi.reserved = static_cast<unsigned char>(random());
        }
        auto* const rest = reinterpret_cast<volatile u64*>(box);
        for (u64 i = sizeof(redoubt_vcpu_mailbox) / 8 + 1; i < kPageSize / 8; ++i) rest[i] = random();
      }
    });
    for (unsigned i = 0; i < rounds; ++i) {
      const Answer answer = victim.vm.command(Command::kHold, {u64{i} << 20 | 1});
      changed += answer.done ? answer.x[0] : 99;
    }
    over = true;
  }
  const bool sound = victim.sound();
  return {changed == 0 && sound, text("%u commands, %" PRIu64 " registers changed; the VM is %s", rounds,
                                      changed, sound ? "sound" : "NOT sound")};
}

// Reads of less than 8 bytes take no more than that from the answer.
Verdict mailbox_wide_answer(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  struct Load {
    std::uint32_t instruction;  // of x0, from [x0]
    u64 wanted;
  };
  // LDRB, LDRH, LDR w, LDRSB x, LDRSB w, LDRSW, LDR x: the device answers all ones.
  constexpr std::array kLoads{Load{0x39400000, 0xff},       Load{0x79400000, 0xffff},
                              Load{0xb9400000, 0xffffffff}, Load{0x39800000, ~u64{0}},
                              Load{0x39c00000, 0xffffffff}, Load{0xb9800000, ~u64{0}},
                              Load{0xf9400000, ~u64{0}}};
  for (const Load& load : kLoads) {
    const Answer answer = victim.vm.command(Command::kExecute, {load.instruction, kProbe, 0});
    if (!answer.done || answer.x[0] != load.wanted)
      return {false, text("instruction %#x: %#" PRIx64, load.instruction, answer.x[0])};
  }
  return {victim.sound(), "7 kinds of load take their own bytes only"};
}

// SPI numbers that are none, or the core's: no interrupt of the core may be forged.
Verdict mailbox_spis(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  for (const unsigned intid : {0U, 15U, 16U, 27U, 30U, 31U, 256U, 1019U, 1023U, 8192U, 65535U}) {
    volatile redoubt_vcpu_mailbox* const box = victim.vm.mailbox(0);
    box->spi[0].intid = static_cast<unsigned short>(intid);
    box->spi[0].priority = 0;
    box->spi_count = 0xffffffff;
    const Answer answer = victim.vm.command(Command::kPing, {intid});
    const bool taken = (box->spi_taken & 1) != 0;
    box->spi_count = 0;
    if (!answer.done || taken) return {false, text("INTID %u was taken", intid)};
  }
  return {victim.sound(), "11 numbers that are no SPI were ignored"};
}

// What a guest has in its registers when it leaves does not come out in the host's.
Verdict registers_leak(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  constexpr u64 kCanary = 0x5ec4e70000000000;
  victim.vm.pause_at = kArguments + u64{8} * (kArgumentCount - 1);
  victim.vm.command(Command::kHold, {kCanary});
  victim.vm.pause_at = 0;
  unsigned leaked = 0, lost = 0, entries = 0;
  for (; entries < 40; ++entries) {
    checks::Registers x{REDOUBT_HOST_VCPU_RUN, victim.vm.id, 0};
    for (unsigned i = 3; i < x.size(); ++i) x[i] = 0xaaaa'0000 + i;
    x = lab.host.call(REDOUBT_TEST_HVC_0, x);
    for (unsigned i = 0; i < x.size(); ++i) leaked += (x[i] & 0xffff'ff00'0000'0000) == kCanary ? 1 : 0;
    for (unsigned i = 4; i < x.size(); ++i) lost += x[i] != 0xaaaa'0000 + i ? 1 : 0;
    if (static_cast<std::int64_t>(x[0]) != 0 || victim.vm.mailbox(0)->exit == REDOUBT_EXIT_MMIO) break;
  }
  // The mailbox shows what the guest wrote to its device, and nothing else of it.
  unsigned shown = 0;
  const volatile u64* const words = reinterpret_cast<volatile u64*>(victim.vm.mailbox(0));
  for (u64 i = 0; i < kPageSize / 8; ++i) shown += (words[i] & 0xffff'ff00'0000'0000) == kCanary ? 1 : 0;
  victim.vm.finish(0);
  const bool sound = victim.sound();
  return {leaked == 0 && lost == 0 && shown == 0 && sound,
          text("%u values of the guest in registers, %u in the mailbox, %u host registers lost", leaked,
               shown, lost)};
}

// Two vCPUs on one CPU in turn, each with registers and memory of its own.
Verdict two_vcpus_one_cpu(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || !victim.vm.start_second()) return {false, "no second vCPU"};
  for (unsigned i = 0; i < 50; ++i) {
    victim.vm.pause_at = kProbe;
    const Answer first = victim.vm.command(Command::kHold, {0x1110'0000});
    victim.vm.pause_at = 0;
    const Answer second = victim.vm.command(Command::kHold, {0x2220'0000}, 1);
    const Answer rest = first.done ? first : victim.vm.finish(0);
    if (!second.done || second.x[0] != 0 || !rest.done || rest.x[0] != 0) {
      return {false,
              text("round %u: %" PRIu64 " and %" PRIu64 " registers changed", i, rest.x[0], second.x[0])};
    }
  }
  return {victim.sound() && victim.vm.answers(1), "50 rounds: no register of one shows in the other"};
}

constexpr Attack kAttacks[] = {
    {"one-vcpu-on-two-cpus", run_control, two_cpus},
    {"reclaim-before-vcpu-has-left", run_control, reclaim_while_leaving},
    {"run-stopped-vm", run_control, run_after_stop},
    {"run-after-system-off", run_control, run_after_off<0x84000008>},
    {"run-after-system-reset", run_control, run_after_off<0x84000009>},
    {"mailbox-forges-pc-and-pstate", mailbox_control, mailbox_forged},
    {"mailbox-changes-during-entry", mailbox_control, mailbox_races},
    {"mailbox-answer-too-wide", mailbox_control, mailbox_wide_answer},
    {"mailbox-interrupts-that-are-the-cores", mailbox_control, mailbox_spis},
    {"guest-registers-leak-to-host", mailbox_control, registers_leak},
    {"two-vcpus-on-one-cpu-mix", mailbox_control, two_vcpus_one_cpu},
};

}  // namespace

std::span<const Attack> vcpu_attacks() { return kAttacks; }

}  // namespace redoubt::attack
