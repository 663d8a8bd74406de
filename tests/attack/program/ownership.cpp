// SPDX-License-Identifier: BSD-3-Clause
// Pages that must not change hands: given twice, foreign, the core's, devices'; taken back while in use.
#include <cinttypes>
#include <memory>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

Verdict expect(std::int64_t got, std::int64_t wanted, bool sound) {
  return {got == wanted && sound, text("%s; the VM is %s", name_of(got), sound ? "sound" : "NOT sound")};
}

// --- giving ---

u64 free_address(const Vm& vm) { return vm.memory() + 3 * kBlockSize; }

Verdict give_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const u64 page = victim.vm.fresh_page();
  const Result result = victim.vm.give(free_address(victim.vm), page);
  victim.note();
  return expect(result.status, REDOUBT_SUCCESS, victim.sound());
}

// Offers `page` of somebody to the victim, as memory; what its owner has must stay.
Verdict offer(const Lab& lab, u64 physical, std::int64_t wanted = REDOUBT_DENIED) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Result mapped = call(lab.host, REDOUBT_HOST_VM_DONATE, victim.vm.id, free_address(victim.vm),
                             physical, 1, REDOUBT_DONATE_MAP);
  const Result unmapped =
      call(lab.host, REDOUBT_HOST_VM_DONATE, victim.vm.id, free_address(victim.vm), physical, 1, 0);
  const bool both =
      mapped.status == wanted && unmapped.status == wanted && mapped.x1 == 0 && unmapped.x1 == 0;
  const bool sound = victim.sound();
  return {both && sound, text("%#" PRIx64 ": %s, %s; the VM is %s", physical, name_of(mapped.status),
                              name_of(unmapped.status), sound ? "sound" : "NOT sound")};
}

Verdict give_twice(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Result again = call(lab.host, REDOUBT_HOST_VM_DONATE, victim.vm.id, free_address(victim.vm),
                            victim.page.physical, 1, REDOUBT_DONATE_MAP);
  return expect(again.status, REDOUBT_DENIED, victim.sound());
}

Verdict give_foreign(const Lab& lab) {
  Victim owner(lab);
  if (!owner.ready()) return {false, "no second VM"};
  Verdict verdict = offer(lab, owner.page.physical);
  verdict.good = verdict.good && owner.sound();
  return verdict;
}

Verdict give_foreign_shared(const Lab& lab) {
  Victim owner(lab);
  if (!owner.ready() || owner.share(true) != REDOUBT_SUCCESS) return {false, "no shared page"};
  owner.note();
  Verdict verdict = offer(lab, owner.page.physical);
  verdict.good = verdict.good && owner.sound();
  return verdict;
}

Verdict give_core_image(const Lab& lab) {
  return offer(lab, lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_IMAGE_BASE));
}
Verdict give_core_data(const Lab& lab) {
  const u64 base = lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_BASE);
  const u64 size = lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_SIZE);
  const Verdict last = offer(lab, base + size - kPageSize);
  return last.good ? offer(lab, base) : last;
}
Verdict give_mailbox(const Lab& lab) { return offer(lab, lab.witness.mailbox_address[0]); }

Verdict give_device(const Lab& lab) {
  for (const u64 device : {0x09000000ull, 0x08000000ull, 0x080a0000ull, 0x09020000ull, 0x0a000000ull,
                           0x10000000ull, 0x4010000000ull, 0ull}) {
    const Result result =
        call(lab.host, REDOUBT_HOST_VM_DONATE, lab.witness.id, free_address(lab.witness), device, 1, 1);
    const bool typed = result.status == REDOUBT_DENIED || result.status == REDOUBT_INVALID_PARAMETER;
    if (!typed || result.x1 != 0)
      return {false, text("%#" PRIx64 ": %s", static_cast<u64>(device), name_of(result.status))};
  }
  const Verdict uart = offer(lab, 0x09000000);
  return uart.good ? uart : offer(lab, 0x09000000, REDOUBT_INVALID_PARAMETER);
}

Verdict give_absent(const Lab& lab) {
  const Verdict verdict = offer(lab, 0xff'0000'0000);
  return verdict.good ? verdict : offer(lab, 0xff'0000'0000, REDOUBT_INVALID_PARAMETER);
}

// A second page where the guest has one: the guest would lose its content.
Verdict map_over(const Lab& lab) {
  Victim victim(lab);
  const Block other(lab.host, 1);
  if (!victim.ready()) return {false, "no victim"};
  const Result result =
      call(lab.host, REDOUBT_HOST_VM_DONATE, victim.vm.id, victim.page.address, other.page(0), 1, 1);
  const bool ours = View(lab.host, other.page(0)).store(1).signal == 0;
  return expect(result.status, REDOUBT_EXISTS, result.x1 == 0 && ours && victim.sound());
}

Verdict outside_memory(const Lab& lab) {
  Victim victim(lab);
  const Block other(lab.host, 2);
  if (!victim.ready()) return {false, "no victim"};
  const u64 end = victim.vm.memory() + lab.main.manifest().memory_size;
  for (const u64 address : {end, victim.vm.memory() - kPageSize, u64{0}, u64{0x0a000000}, u64{0x080a0000}}) {
    const Result result = call(lab.host, REDOUBT_HOST_VM_DONATE, victim.vm.id, address, other.page(0), 1, 1);
    if (result.status != REDOUBT_INVALID_PARAMETER || result.x1 != 0)
      return {false, text("%#" PRIx64 ": %s", address, name_of(result.status))};
  }
  const bool ours = View(lab.host, other.page(0)).store(1).signal == 0;
  return expect(REDOUBT_INVALID_PARAMETER, REDOUBT_INVALID_PARAMETER, ours && victim.sound());
}

// A run whose middle page is another VM's: what comes before it is taken, and no more.
Verdict range_with_foreign_page(const Lab& lab) {
  Victim victim(lab);
  Victim owner(lab);
  Block pages(lab.host, 3);
  if (!victim.ready() || !owner.ready()) return {false, "no victim"};
  const u64 address = free_address(victim.vm);
  const bool seeded = owner.vm.give(free_address(owner.vm), pages.page(2)).status == 0;
  owner.note();
  const Result result = victim.vm.give(address, pages.page(0), 5);
  victim.note();
  const bool last = View(lab.host, pages.page(3)).store(1).signal == 0;
  const Verdict verdict = expect(result.status, REDOUBT_DENIED,
                                 seeded && result.x1 == 2 && last && victim.sound() && owner.sound());
  if (!owner.vm.end() || !victim.vm.end()) pages.abandon();
  return verdict;
}

// A block whose pages are not all the VM's, or lie at other addresses, or over pages that are mapped.
Verdict block_of_others(const Lab& lab) {
  Victim victim(lab);
  Block memory(lab.host, 10);
  if (!victim.ready() || !memory.valid()) return {false, "no victim"};
  const u64 block = (memory.base() + kPageSize + kBlockSize - 1) & ~(kBlockSize - 1);
  const u64 address = victim.vm.memory() + 4 * kBlockSize;
  bool given = true;
  for (u64 i = 0; i < kBlockSize / kPageSize - kMostPages; i += kMostPages) {
    given =
        given && victim.vm.give(address + i * kPageSize, block + i * kPageSize, kMostPages, 0).status == 0;
  }
  victim.note();
  const auto map = [&](u64 at) {
    return call(lab.host, REDOUBT_HOST_VM_MAP_BLOCK, victim.vm.id, at, block).status;
  };
  const std::int64_t incomplete = map(address), elsewhere = map(address + kBlockSize),
                     live = map(victim.vm.memory());
  const bool refused = incomplete == REDOUBT_DENIED && elsewhere == REDOUBT_DENIED && live < 0;
  const bool sound = victim.sound();
  if (!victim.vm.end()) memory.abandon();
  return {given && refused && sound, text("incomplete: %s, elsewhere: %s, over pages: %s",
                                          name_of(incomplete), name_of(elsewhere), name_of(live))};
}

Verdict block_control(const Lab& lab) {
  Victim victim(lab);
  Block memory(lab.host, 10);
  if (!victim.ready() || !memory.valid()) return {false, "no victim"};
  const u64 block = (memory.base() + kPageSize + kBlockSize - 1) & ~(kBlockSize - 1);
  const u64 address = victim.vm.memory() + 4 * kBlockSize;
  bool given = true;
  for (u64 i = 0; i < kBlockSize / kPageSize; i += kMostPages) {
    given =
        given && victim.vm.give(address + i * kPageSize, block + i * kPageSize, kMostPages, 0).status == 0;
  }
  const std::int64_t status = call(lab.host, REDOUBT_HOST_VM_MAP_BLOCK, victim.vm.id, address, block).status;
  if (!victim.vm.end()) memory.abandon();
  return {given && status == 0, text("a whole block: %s", name_of(status))};
}

// --- taking back ---

Verdict reclaim_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const bool ended = victim.vm.end();
  return {ended, "pages of a stopped VM come back"};
}

Verdict take_back(const Lab& lab, Victim& victim, u64 physical, u64 pages = 1) {
  const Result result = call(lab.host, REDOUBT_HOST_VM_RECLAIM, victim.vm.id, physical, pages);
  return expect(result.status, REDOUBT_DENIED, result.x1 == 0 && victim.sound());
}

Verdict reclaim_live(const Lab& lab) {
  Victim victim(lab);
  return victim.ready() ? take_back(lab, victim, victim.page.physical) : Verdict{false, "no victim"};
}
Verdict reclaim_shared(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || victim.share(true) != REDOUBT_SUCCESS) return {false, "no shared page"};
  victim.note();
  return take_back(lab, victim, victim.page.physical);
}
Verdict reclaim_code(const Lab& lab) {
  Victim victim(lab);
  return victim.ready() ? take_back(lab, victim, victim.vm.given.front()) : Verdict{false, "no victim"};
}

// By way of a VM that has ended: the victim's, the core's, the host's own, a device's.
Verdict reclaim_foreign(const Lab& lab) {
  Victim victim(lab);
  Vm ended(lab.host, lab.main);
  if (!victim.ready() || !ended.start() || ended.stop() != REDOUBT_SUCCESS) return {false, "no victim"};
  const Block own(lab.host, 1);
  View(lab.host, own.page(0)).fill(1);
  const std::array targets{victim.page.physical,
                           lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_IMAGE_BASE),
                           lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_BASE),
                           own.page(0),
                           u64{0x09000000},
                           lab.witness.mailbox_address[0]};
  for (const u64 target : targets) {
    const Result result = call(lab.host, REDOUBT_HOST_VM_RECLAIM, ended.id, target, 1);
    if (result.status != REDOUBT_DENIED || result.x1 != 0)
      return {false, text("%#" PRIx64 ": %s", target, name_of(result.status))};
  }
  const bool kept = View(lab.host, own.page(0)).words()[3] == pattern(1, 3);
  return expect(REDOUBT_DENIED, REDOUBT_DENIED, kept && victim.sound());
}

// A run that starts in the VM that has ended and goes on into what it does not own.
Verdict reclaim_beyond(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  Block pages(lab.host, 2);
  if (!vm.start() || vm.give(free_address(vm), pages.page(0)).status != 0) return {false, "no VM"};
  View(lab.host, pages.page(1)).fill(9);
  vm.stop();
  const Result result = call(lab.host, REDOUBT_HOST_VM_RECLAIM, vm.id, pages.page(0), 2);
  const bool kept = View(lab.host, pages.page(1)).words()[5] == pattern(9, 5);
  vm.given.pop_back();  // it is back
  const bool ended = vm.end();
  if (!ended) pages.abandon();
  return {result.status == REDOUBT_DENIED && result.x1 == 1 && kept && ended,
          text("%s after %" PRIu64 " page; the next one is %s", name_of(result.status), result.x1,
               kept ? "kept" : "CHANGED")};
}

Verdict destroy_with_pages(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || victim.vm.stop() != REDOUBT_SUCCESS) return {false, "no victim"};
  const std::int64_t status = call(lab.host, REDOUBT_HOST_VM_DESTROY, victim.vm.id).status;
  const bool still = View(lab.host, victim.page.physical).load().signal != 0;
  return {status == REDOUBT_BUSY && still,
          text("%s; the page is %s", name_of(status), still ? "protected" : "OPEN")};
}

Verdict destroy_live(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  return expect(call(lab.host, REDOUBT_HOST_VM_DESTROY, victim.vm.id).status, REDOUBT_BUSY, victim.sound());
}

// After the VM ended, its VMID's second owner must not see the first one's memory at the same address.
Verdict next_owner_of_vmid(const Lab& lab) {
  u64 id = 0, address = 0;
  {
    const Victim victim(lab);
    if (!victim.ready()) return {false, "no victim"};
    id = victim.vm.id;
    address = victim.page.address;
  }
  std::vector<std::unique_ptr<Vm>> others;  // kept, so that all free numbers come
  for (unsigned i = 0; i < kMostVms; ++i) {
    others.push_back(std::make_unique<Vm>(lab.host, lab.main));
    Vm& vm = *others.back();
    if (!vm.create()) return {false, "no VM"};
    if (vm.id != id) continue;
    if (!vm.add_vcpus() || !vm.load() || !vm.verify()) return {false, "it does not start"};
    const Answer read = vm.command(Command::kLoad, {address});
    return {read.done && read.x[0] == 0, text("VMID %" PRIu64 " again: reads %#" PRIx64, id, read.x[0])};
  }
  return {false, "the VMID did not come again"};
}

constexpr Attack kAttacks[] = {
    {"give-page-twice", give_control, give_twice},
    {"give-page-of-another-vm", give_control, give_foreign},
    {"give-shared-page-of-another-vm", give_control, give_foreign_shared},
    {"give-page-of-core-image", give_control, give_core_image},
    {"give-page-of-core-data", give_control, give_core_data},
    {"give-mailbox", give_control, give_mailbox},
    {"give-device-registers", give_control, give_device},
    {"give-absent-memory", give_control, give_absent},
    {"map-over-mapped-page", give_control, map_over},
    {"map-outside-memory-of-manifest", give_control, outside_memory},
    {"give-run-across-foreign-page", give_control, range_with_foreign_page},
    {"map-block-of-pages-not-owned", block_control, block_of_others},
    {"reclaim-live-page", reclaim_control, reclaim_live},
    {"reclaim-live-shared-page", reclaim_control, reclaim_shared},
    {"reclaim-code-of-running-guest", reclaim_control, reclaim_code},
    {"reclaim-foreign-pages-by-ended-vm", reclaim_control, reclaim_foreign},
    {"reclaim-run-beyond-own-pages", reclaim_control, reclaim_beyond},
    {"destroy-vm-that-owns-pages", reclaim_control, destroy_with_pages},
    {"destroy-running-vm", reclaim_control, destroy_live},
    {"next-owner-of-vmid-reads-old-memory", give_control, next_owner_of_vmid},
};

}  // namespace

std::span<const Attack> ownership_attacks() { return kAttacks; }

}  // namespace redoubt::attack
