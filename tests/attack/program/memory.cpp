// SPDX-License-Identifier: BSD-3-Clause
// The host reads, writes and executes pages of a VM, by every route it has. Control: the same on a shared
// page.
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cinttypes>

#include "guest/checks/kernel_probe.hpp"
#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

using checks::Instruction;
using checks::RefusalWitness;
using checks::UserMapping;
using Route = UserMapping::Route;

constexpr u64 kTwoReturns = 0xd65f03c0d65f03c0;  // RET, RET
constexpr unsigned kOffset = 0x40;

// Every instruction at one physical page; how many were refused as they should, completed, went astray.
struct Count {
  int refused = 0, completed = 0, astray = 0;
};

bool is_refused(const checks::Outcome& outcome, const RefusalWitness& witness, u64 physical) {
  return outcome.signal == SIGBUS && witness.aborts() == 1 && witness.logged(physical);
}

// Before an access that is allowed: what earlier ones left there may be no code.
void write_returns(const Lab& lab, u64 physical) {
  const UserMapping mapping(lab.host, physical, REDOUBT_TEST_CACHED);
  checks::probe_user(Instruction::kStore, mapping.at(kOffset), kTwoReturns);
  char* const code = static_cast<char*>(const_cast<void*>(mapping.at(kOffset)));
  __builtin___clear_cache(code, code + sizeof(kTwoReturns));
}

Count user_accesses(const Lab& lab, u64 physical, redoubt_test_memory memory, Route route,
                    bool allowed = false) {
  Count count;
  const UserMapping mapping(lab.host, physical, memory, route);
  if (!mapping.valid()) return count;
  const bool device = memory == REDOUBT_TEST_DEVICE;
  for (const Instruction instruction : checks::all_instructions()) {
    const bool plain = instruction == Instruction::kLoad || instruction == Instruction::kStore;
    if ((memory != REDOUBT_TEST_CACHED || route != Route::kRemap) && !plain &&
        (device || instruction != Instruction::kExecute))
      continue;
    if (allowed) write_returns(lab, physical);
    const RefusalWitness witness(lab.host);
    const checks::Outcome outcome = checks::probe_user(instruction, mapping.at(kOffset), kTwoReturns);
    if (outcome.signal == 0 && checks::may_pass_silently(instruction)) continue;
    if (outcome.signal == 0) {
      ++count.completed;
    } else if (is_refused(outcome, witness, physical)) {
      ++count.refused;
    } else {
      ++count.astray;
    }
  }
  return count;
}

Verdict judge(const Count& count, bool wanted_refused, bool sound) {
  const int wanted = wanted_refused ? count.refused : count.completed;
  const int others = count.astray + (wanted_refused ? count.completed : count.refused);
  return {wanted > 0 && others == 0 && sound,
          text("%d instructions refused, %d completed, %d otherwise; the VM is %s", count.refused,
               count.completed, count.astray, sound ? "sound" : "NOT sound")};
}

template <redoubt_test_memory Memory, Route How>
Verdict user_attack(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Count count = user_accesses(lab, victim.page.physical, Memory, How);
  return judge(count, true, victim.sound());
}

// Instructions write RETs into the shared page: the guest must see that, and go on.
template <redoubt_test_memory Memory, Route How>
Verdict user_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || victim.share(true) != REDOUBT_SUCCESS) return {false, "no shared page"};
  const Count count = user_accesses(lab, victim.page.physical, Memory, How, true);
  const bool seen =
      victim.vm.command(Command::kLoad, {victim.page.address + kOffset}).x[0] != pattern(Victim::kSeed, 8);
  return judge(count, false, seen && victim.vm.answers());
}

// --- the kernel ---

Count kernel_accesses(const Lab& lab, u64 physical, redoubt_test_memory memory, bool allowed = false) {
  Count count;
  const checks::KernelWindow window(lab.host, REDOUBT_TEST_WINDOW_LEAF, physical, memory);
  for (int i = 0; i < REDOUBT_TEST_OPERATION_COUNT; ++i) {
    const auto operation = static_cast<redoubt_test_operation>(i);
    const bool cached = memory == REDOUBT_TEST_CACHED;
    if (!cached && operation != REDOUBT_TEST_LOAD && operation != REDOUBT_TEST_STORE) continue;
    if (allowed) write_returns(lab, physical);
    const RefusalWitness witness(lab.host);
    const checks::TaskEnd end = window.probe(operation, kOffset, kTwoReturns);
    if (end.completed && operation == REDOUBT_TEST_CLEAN) continue;  // cleaning needs no translation
    if (end.completed) {
      ++count.completed;
    } else if (end.oops.seen && witness.aborts() == 1 && witness.logged(physical)) {
      ++count.refused;
    } else {
      ++count.astray;
    }
  }
  return count;
}

template <redoubt_test_memory Memory>
Verdict kernel_attack(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Count count = kernel_accesses(lab, victim.page.physical, Memory);
  return judge(count, true, victim.sound());
}

template <redoubt_test_memory Memory>
Verdict kernel_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || victim.share(true) != REDOUBT_SUCCESS) return {false, "no shared page"};
  return judge(kernel_accesses(lab, victim.page.physical, Memory, true), false, victim.vm.answers());
}

Count linear_accesses(const Lab& lab, u64 physical) {
  Count count;
  for (const unsigned write : {0U, 1U}) {
    const RefusalWitness witness(lab.host);
    const auto body = [&]() -> u64 {
      redoubt_test_linear request{physical + kOffset, kTwoReturns, write, 0, 0};
      return ::ioctl(lab.host.device(), REDOUBT_TEST_LINEAR, &request) == 0 ? 1 : 2;
    };
    const checks::TaskEnd end = checks::run_in_task(body, physical);
    if (end.completed && end.value == 1) {
      ++count.completed;
    } else if (end.oops.seen && witness.aborts() == 1 && witness.logged(physical)) {
      ++count.refused;
    } else {
      ++count.astray;
    }
  }
  return count;
}

Verdict linear_attack(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Count count = linear_accesses(lab, victim.page.physical);
  return judge(count, true, victim.sound());
}

Verdict linear_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || victim.share(true) != REDOUBT_SUCCESS) return {false, "no shared page"};
  return judge(linear_accesses(lab, victim.page.physical), false, victim.vm.answers());
}

// The kernel writes there on behalf of a system call.
Count system_call(const Lab& lab, u64 physical) {
  Count count;
  const RefusalWitness witness(lab.host);
  const auto body = [&]() -> u64 {
    const UserMapping mapping(lab.host, physical, REDOUBT_TEST_CACHED);
    const int zero = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
    return ::read(zero, const_cast<void*>(mapping.at(0)), 64) == 64 ? 1 : 2;
  };
  const checks::TaskEnd end = checks::run_in_task(body, 0);
  const bool refused =
      (!end.completed || end.value == 2) && witness.aborts() >= 1 && witness.logged(physical);
  ++(end.completed && end.value == 1 ? count.completed : refused ? count.refused : count.astray);
  return count;
}

Verdict system_call_attack(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Count count = system_call(lab, victim.page.physical);
  return judge(count, true, victim.sound());
}

Verdict system_call_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || victim.share(true) != REDOUBT_SUCCESS) return {false, "no shared page"};
  return judge(system_call(lab, victim.page.physical), false, victim.vm.answers());
}

// --- translation tables of the host's that lie in the VM ---

constexpr unsigned kKernelTable = 0;

template <unsigned Level>
checks::TaskEnd walk_through(const Lab& lab, u64 physical) {
  if constexpr (Level == kKernelTable) {
    const checks::KernelWindow window(lab.host, REDOUBT_TEST_WINDOW_TABLE, physical);
    return window.probe(REDOUBT_TEST_LOAD, kOffset);
  } else {
    return checks::probe_user_walk(lab.host, physical, Level);
  }
}

template <unsigned Level>
Verdict walk_attack(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const RefusalWitness witness(lab.host);
  const checks::TaskEnd end = walk_through<Level>(lab, victim.page.physical);
  const bool refused = !end.completed && witness.aborts() == 1 && witness.logged(victim.page.physical);
  const bool sound = victim.sound();
  return {refused && sound,
          text("the task %s, %" PRIu64 " aborts; the VM is %s", end.completed ? "lived" : "died",
               witness.aborts(), sound ? "sound" : "NOT sound")};
}

template <unsigned Level>
Verdict walk_control(const Lab& lab) {
  const checks::TaskEnd end = walk_through<Level>(lab, 0);
  return {end.completed, "a table in the host's own memory translates"};
}

// --- other pages of a VM ---

Verdict image_attack(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const u64 code = victim.vm.given.front();
  const Count count = user_accesses(lab, code, REDOUBT_TEST_CACHED, Route::kRemap);
  return judge(count, true, victim.sound());
}

// A block of 2 MiB that the VM has; the host touches its first, a middle and its last page.
Verdict block_accesses(const Lab& lab, bool given) {
  Victim victim(lab);
  Block memory(lab.host, 10);
  if (!victim.ready() || !memory.valid()) return {false, "no victim"};
  const u64 block = (memory.base() + kPageSize + kBlockSize - 1) & ~(kBlockSize - 1);
  const u64 address = victim.vm.memory() + 4 * kBlockSize;
  bool mapped = given;
  for (u64 i = 0; given && i < kBlockSize / kPageSize; i += kMostPages) {
    mapped =
        mapped && victim.vm.give(address + i * kPageSize, block + i * kPageSize, kMostPages, 0).status == 0;
  }
  mapped = mapped && call(lab.host, REDOUBT_HOST_VM_MAP_BLOCK, victim.vm.id, address, block).status == 0;
  victim.note();
  if (mapped) mapped = victim.vm.command(Command::kStore, {address + 0x12348, 77}).syndrome == 0;
  Count all;
  for (const u64 page : {u64{0}, u64{200}, u64{511}}) {
    const Count count = user_accesses(lab, block + page * kPageSize, REDOUBT_TEST_UNCACHED, Route::kRemap);
    all = {all.refused + count.refused, all.completed + count.completed, all.astray + count.astray};
  }
  const bool kept = !given || victim.vm.command(Command::kLoad, {address + 0x12348}).x[0] == 77;
  Verdict verdict = judge(all, given, victim.sound() && mapped == given && kept);
  if (!victim.vm.end()) memory.abandon();
  return verdict;
}

Verdict block_attack(const Lab& lab) { return block_accesses(lab, true); }
Verdict block_control(const Lab& lab) {
  const Block memory(lab.host, 2);
  return judge(user_accesses(lab, memory.page(0), REDOUBT_TEST_UNCACHED, Route::kRemap, true), false, true);
}

// --- translations that a CPU still has ---

// The page is read on CPU 1, changes hands on CPU 0, and is read on CPU 1 again.
Verdict stale_after_donation(const Lab& lab, bool donate) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const u64 page = victim.vm.fresh_page();
  const View view(lab.host, page);
  move_to_cpu(1);
  const bool before = view.store(1).signal == 0 && view.load().value == 1;
  move_to_cpu(0);
  const bool given = !donate || victim.vm.give(victim.vm.memory() + kBlockSize, page).status == 0;
  victim.note();
  move_to_cpu(1);
  const checks::Outcome load = view.load(), store = view.store(2);
  move_to_cpu(0);
  const bool sound = victim.sound();
  const bool refused = load.signal == SIGBUS && store.signal == SIGBUS;
  const bool completed = load.signal == 0 && store.signal == 0;
  return {before && given && sound && (donate ? refused : completed),
          text("before: %s; after: load %d, store %d (signals)", before ? "works" : "FAILS", load.signal,
               store.signal)};
}

Verdict stale_donation_attack(const Lab& lab) { return stale_after_donation(lab, true); }
Verdict stale_donation_control(const Lab& lab) { return stale_after_donation(lab, false); }

Verdict stale_after_unshare(const Lab& lab, bool unshare) {
  Victim victim(lab);
  if (!victim.ready() || victim.share(true) != REDOUBT_SUCCESS) return {false, "no shared page"};
  const View view(lab.host, victim.page.physical);
  move_to_cpu(1);
  const bool before = view.load().signal == 0;
  move_to_cpu(0);
  const bool done = !unshare || victim.share(false) == REDOUBT_SUCCESS;
  move_to_cpu(1);
  const checks::Outcome load = view.load();
  move_to_cpu(0);
  return {
      before && done && load.signal == (unshare ? SIGBUS : 0) && victim.vm.has(victim.page, Victim::kSeed),
      text("before: %s; after: signal %d", before ? "works" : "FAILS", load.signal)};
}

Verdict stale_unshare_attack(const Lab& lab) { return stale_after_unshare(lab, true); }
Verdict stale_unshare_control(const Lab& lab) { return stale_after_unshare(lab, false); }

// After its end, nothing of the secret is left for the host.
Verdict remains(const Lab& lab, bool share_first) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const u64 page = victim.page.physical;
  if (share_first && victim.share(true) != REDOUBT_SUCCESS) return {false, "no shared page"};
  const bool held = !share_first || View(lab.host, page).words()[0] == pattern(Victim::kSeed, 0);
  const bool ended = victim.vm.end();
  const bool zero = ended && View(lab.host, page).is_zero();
  return {held && ended && zero,
          text("ended: %s, the page is %s", ended ? "yes" : "NO", zero ? "zero" : "NOT zero")};
}

Verdict remains_attack(const Lab& lab) { return remains(lab, false); }
Verdict shared_remains_attack(const Lab& lab) { return remains(lab, true); }
Verdict remains_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || victim.share(true) != REDOUBT_SUCCESS) return {false, "no shared page"};
  const bool seen = View(lab.host, victim.page.physical).words()[7] == pattern(Victim::kSeed, 7);
  return {seen,
          seen ? "while it is shared, the host reads the secret" : "the secret is not where it should be"};
}

constexpr Attack kAttacks[] = {
    {"host-user-touches-private-page", user_control<REDOUBT_TEST_CACHED, Route::kRemap>,
     user_attack<REDOUBT_TEST_CACHED, Route::kRemap>},
    {"host-user-touches-private-page-uncached", user_control<REDOUBT_TEST_UNCACHED, Route::kRemap>,
     user_attack<REDOUBT_TEST_UNCACHED, Route::kRemap>},
    {"host-user-touches-private-page-as-device", user_control<REDOUBT_TEST_DEVICE, Route::kRemap>,
     user_attack<REDOUBT_TEST_DEVICE, Route::kRemap>},
    {"host-user-faults-in-private-page", user_control<REDOUBT_TEST_CACHED, Route::kOnFault>,
     user_attack<REDOUBT_TEST_CACHED, Route::kOnFault>},
    {"host-kernel-touches-private-page", kernel_control<REDOUBT_TEST_CACHED>,
     kernel_attack<REDOUBT_TEST_CACHED>},
    {"host-kernel-touches-private-page-uncached", kernel_control<REDOUBT_TEST_UNCACHED>,
     kernel_attack<REDOUBT_TEST_UNCACHED>},
    {"host-kernel-touches-private-page-as-device", kernel_control<REDOUBT_TEST_DEVICE>,
     kernel_attack<REDOUBT_TEST_DEVICE>},
    {"host-linear-map-touches-private-page", linear_control, linear_attack},
    {"host-system-call-writes-private-page", system_call_control, system_call_attack},
    {"host-kernel-table-in-private-page", walk_control<kKernelTable>, walk_attack<kKernelTable>},
    {"host-user-level-3-table-in-private-page", walk_control<3>, walk_attack<3>},
    {"host-user-level-2-table-in-private-page", walk_control<2>, walk_attack<2>},
    {"host-touches-code-of-guest", user_control<REDOUBT_TEST_CACHED, Route::kRemap>, image_attack},
    {"host-touches-block-of-guest", block_control, block_attack},
    {"stale-translation-after-donation", stale_donation_control, stale_donation_attack},
    {"stale-translation-after-unshare", stale_unshare_control, stale_unshare_attack},
    {"read-what-ended-vm-left", remains_control, remains_attack},
    {"share-then-reclaim", remains_control, shared_remains_attack},
};

}  // namespace

std::span<const Attack> memory_attacks() { return kAttacks; }

}  // namespace redoubt::attack
