// SPDX-License-Identifier: BSD-3-Clause
// Maps one page of a VM's stage-2 table, looks an address up, unmaps the page.
#include <cinttypes>
#include <cstdio>
#include <vector>

#include "core/npt/stage2.hpp"
#include "machine/bench/bench_machine.hpp"

using Params = redoubt::QemuVirtParams;  // pool sizes and address width; make your own like it
using Machine = redoubt::BenchMachine<Params>;

int main() {
  std::vector<std::uint64_t> pool(redoubt::pools_size<Params>() / 8);  // every principal's tables, all zero
  auto machine = Machine::make({.pool = pool, .pool_base = 0x4000'1000, .pages = {}});
  redoubt::Stage2<Machine> tables(*machine);

  const Machine::VmId vm(1);
  const Machine::Ipa guest(0x1000);
  const Machine::Descriptor page(0x8000'1000 | redoubt::PAGE_S2_KERNEL);  // read-write, normal memory
  if (tables.try_map_s2pt(vm, guest, redoubt::Level::page, page) != redoubt::Status::ok) {
    return 1;
  }
  const std::uint64_t leaf = tables.walk_s2pt(vm, guest).raw;
  std::printf("0x1234 -> %#" PRIx64 "\n", redoubt::phys_page(leaf) | 0x234);

  if (tables.unmap_s2pt(vm, guest) != redoubt::Status::ok || tables.walk_s2pt(vm, guest).raw != 0) {
    return 1;
  }
  std::printf("%" PRIu64 " invalidations, %" PRIu64 " table pages\n", machine->counters().tlbi(),
              machine->counters().table_pages + 1);
  return 0;
}
