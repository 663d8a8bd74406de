// SPDX-License-Identifier: BSD-3-Clause
// The layers under test: the public operations of NPTOps, locks included, on BenchMachine.
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "bench/library.hpp"
#include "bench/params.hpp"
#include "core/npt/stage2.hpp"
#include "machine/bench/bench_machine.hpp"

namespace redoubt::bench {
namespace {

using Machine = BenchMachine<BenchParams>;
using Layers = Stage2<Machine>;

// The table pool, faulted in beforehand. Zero pages come from the system, and reset() clears what was used,
// so the layers never clear a table (zeroing cost 0 at allocation, as with pools cleared at boot).
std::span<redoubt::u64> new_pool() {
  const std::size_t size = pools_size<BenchParams>();
  void* memory =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("error: no memory for the table pool");
    std::exit(2);
  }
  return {static_cast<redoubt::u64*>(memory), size / sizeof(redoubt::u64)};
}

// NOLINTBEGIN(bugprone-unchecked-optional-access): library_init comes before everything else.
std::optional<Machine> machine;
VmId<redoubt::u64> principal;

Layers layers() { return Layers(*machine); }

Descriptor<redoubt::u64> leaf(u64 pa, Permission permission, Level level) {
  constexpr redoubt::u64 kReadOnly = PAGE_S2_KERNEL & ~Stage2Leaf::S2Ap::put(redoubt::u64{2});
  const redoubt::u64 attributes = permission == Permission::read_write ? PAGE_S2_KERNEL : kReadOnly;
  return Descriptor<redoubt::u64>(pa | (level == Level::block ? attributes & ~PMD_TABLE_BIT : attributes));
}

Level level_of(u64 size) { return size == kBlockSize ? Level::block : Level::page; }

}  // namespace

extern "C" {
const char* library_name() { return "redoubt"; }

void library_init(u64 vmid) {
  if (!machine) {
    machine = Machine::make({.pool = new_pool(), .pool_base = BenchParams::pool_base, .pages = {}});
  }
  principal = VmId<redoubt::u64>(vmid);
  machine->reset(principal);
  machine->reset_counters();
}

int library_map(u64 ipa, u64 pa, u64 size, Permission permission) {
  const Level level = level_of(size);
  return static_cast<int>(
      layers().try_map_s2pt(principal, Ipa<redoubt::u64>(ipa), level, leaf(pa, permission, level)));
}

int library_unmap(u64 ipa, u64 size) {
  const Ipa<redoubt::u64> addr(ipa);
  return static_cast<int>(size == kBlockSize ? layers().drop_block_s2pt(principal, addr)
                                             : layers().unmap_s2pt(principal, addr));
}

// Break, then make (R6): the layers change a live leaf in no other way.
int library_protect(u64 ipa, u64 pa, u64 size, Permission permission) {
  const int broken = library_unmap(ipa, size);
  return broken != 0 ? broken : library_map(ipa, pa, size, permission);
}

u64 library_translate(u64 ipa) {
  const auto entry = layers().walk_s2pt(principal, Ipa<redoubt::u64>(ipa));
  if (!is_valid(entry)) {
    return kMiss;
  }
  const u64 size = is_table(entry) ? kPageSize : kBlockSize;  // at level 3 the table type means "page"
  return (phys_page(entry.raw) & ~(size - 1)) | (ipa & (size - 1));
}

int library_map_fault(u64 ipa, u64 pa, Permission permission) {
  if (library_translate(ipa) != kMiss) {
    return static_cast<int>(Status::exists);
  }
  return library_map(ipa, pa, kPageSize, permission);
}
}

Counters library_counters() {
  const BenchCounters& c = machine->counters();
  return {.tlbi = c.tlbi(), .dsb = c.dsb(), .isb = c.isb, .tables = c.table_pages + 1};
}

bool library_is_writable(u64 ipa) {
  const auto entry = layers().walk_s2pt(principal, Ipa<redoubt::u64>(ipa));
  return Stage2Leaf::S2Ap::get(entry.raw) == 3;
}

bool library_is_empty() { return false; }
// NOLINTEND(bugprone-unchecked-optional-access)

}  // namespace redoubt::bench
