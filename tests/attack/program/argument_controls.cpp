// SPDX-License-Identifier: BSD-3-Clause
// Controls of the attacks by arguments.
#include "tests/attack/program/argument_controls.hpp"

#include <cinttypes>

namespace redoubt::attack {
namespace {

constexpr unsigned kLargeOrder = 10;  // two blocks, so that one lies behind a guard
constexpr u64 kBlockPages = kBlockSize / kPageSize;

bool good(const Result& result) { return result.status == REDOUBT_SUCCESS; }

// A place in the VM's memory that neither images nor other pages use.
u64 free_place(const Vm& vm) { return vm.memory() + 3 * kBlockSize; }

struct Running {
  explicit Running(const Lab& lab) : vm(lab.host, lab.main), ready(vm.start() && vm.answers()) {}
  Vm vm;
  bool ready;
};

}  // namespace

Verdict vmid_of_a_vm(const Lab& lab) {
  Running running(lab);
  Vm& vm = running.vm;
  const u64 id = vm.id;
  const bool lived = running.ready && good(vm.give(free_place(vm), vm.fresh_page())) && good(vm.info());
  const bool ended = vm.end();
  return {lived && ended, text("number %" PRIu64 " in every call of a life", id)};
}

Verdict vmid_of_a_new_vm(const Lab& lab) {
  std::array<bool, kMostVms + 1> unused{};
  for (u64 vmid = 1; vmid <= kMostVms; ++vmid)
    unused[vmid] = call(lab.host, REDOUBT_HOST_VM_INFO, vmid).x1 == REDOUBT_VM_UNUSED;
  Vm vm(lab.host, lab.main);
  const bool made = vm.create() && unused[vm.id];
  const bool takes =
      made && vm.add_vcpus() && vm.load() && vm.verify() && good(vm.give(free_place(vm), vm.fresh_page()));
  return {takes && vm.end(), "the same calls, once CREATE has given the number out"};
}

Verdict vcpus_of_the_manifest(const Lab& lab) {
  Running running(lab);
  return {running.ready && running.vm.start_second(), "vCPUs 0 and 1 are made and run"};
}

Verdict images_of_the_manifest(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  const bool taken = vm.create() && vm.load();
  return {taken, text("images 0 to %u are taken", lab.main.manifest().image_count - 1)};
}

Verdict aligned_addresses(const Lab& lab) {
  Block large(lab.host, kLargeOrder);
  Running running(lab);
  Vm& vm = running.vm;
  const u64 physical = large.base() + kBlockSize;
  bool given = running.ready && large.valid();
  for (u64 page = 0; given && page < kBlockPages; page += kMostPages)
    given = good(vm.give(free_place(vm) + page * kPageSize, physical + page * kPageSize, kMostPages, 0));
  const Result mapped = call(lab.host, REDOUBT_HOST_VM_MAP_BLOCK, vm.id, free_place(vm), physical);
  const bool single = good(vm.give(free_place(vm) + kBlockSize, vm.fresh_page()));
  const bool lives = vm.answers(), ended = vm.end();
  if (!ended) large.abandon();
  return {given && good(mapped) && single && lives && ended,
          text("a page at a page's address is taken, a block at a block's: %s", name_of(mapped.status))};
}

Verdict largest_page_counts(const Lab& lab) {
  Block many(lab.host, 6);
  Running running(lab);
  Vm& vm = running.vm;
  const Result one = vm.give(free_place(vm), many.page(kMostPages), 1);
  const Result most = vm.give(free_place(vm) + kPageSize, many.page(0), kMostPages, REDOUBT_DONATE_MAP);
  vm.stop();
  const Result back = call(lab.host, REDOUBT_HOST_VM_RECLAIM, vm.id, many.page(0), kMostPages);
  if (good(back)) vm.given.resize(vm.given.size() - kMostPages);
  const bool ended = vm.end();
  if (!ended) many.abandon();
  return {running.ready && good(one) && good(most) && good(back) && back.x1 == kMostPages && ended,
          text("1 and %" PRIu64 " pages are taken, %" PRIu64 " come back at once", kMostPages, back.x1)};
}

Verdict last_page_of_memory(const Lab& lab) {
  Running running(lab);
  Vm& vm = running.vm;
  // The device tree has the very last ones.
  const u64 place = vm.memory() + lab.main.manifest().memory_size - kBlockSize;
  const bool taken = good(vm.give(place, vm.fresh_page()));
  return {running.ready && taken && vm.end(), "a page in the last block of the memory is taken"};
}

Verdict manifest_of_right_size(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  return {vm.create(), text("%u bytes: %s", REDOUBT_MANIFEST_BYTES, name_of(vm.status))};
}

Verdict manifest_in_own_page(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  return {vm.create(), text("in a page of the host: %s", name_of(vm.status))};
}

Verdict calls_that_exist(const Lab& lab) {
  const bool version = good(call(lab.host, REDOUBT_HOST_VERSION));
  const bool info = good(lab.witness.info());
  return {version && info && lab.host.core_present(), "VERSION and VM_INFO by HVC #0 are answered"};
}

Verdict stop_by_hvc_0(const Lab& lab) {
  Running running(lab);
  const std::int64_t status = running.vm.stop();
  return {running.ready && status == REDOUBT_SUCCESS, text("VM_STOP by HVC #0: %s", name_of(status))};
}

}  // namespace redoubt::attack
