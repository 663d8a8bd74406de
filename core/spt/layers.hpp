// SPDX-License-Identifier: BSD-3-Clause
// Layers 9 to 12 as objects: SMMU table pages, steps down the tables, whole walks, operations on a bank.
#pragma once
#include "core/machine/only_in_model.hpp"
#include "core/npt/layers.hpp"
#include "core/registry/smmu_invariants.hpp"
#include "spec/spt/mmio_pt_walk.hpp"
#include "spec/spt/mmio_spt_ops.hpp"

namespace redoubt::registry {

namespace prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect
REDOUBT_PRIMITIVE(alloc_smmu_pgd_page, "(bank u32) → u64", "spt", "H·L(spt)·bank·next in zone", "lower 5.9", "takes a zeroed page of the pgd zone for a bank; fail-stop if none is left");
REDOUBT_PRIMITIVE(alloc_smmu_pmd_page, "(bank u32) → u64", "spt", "H·L(spt)·bank·next in zone", "lower 5.9", "takes a zeroed page of the pmd zone for a bank; fail-stop if none is left");
REDOUBT_PRIMITIVE(can_alloc_smmu_pgd_page, "() → u32", "spt", "H·L(spt)", "own", "would alloc_smmu_pgd_page succeed?");
REDOUBT_PRIMITIVE(can_alloc_smmu_pmd_page, "() → u32", "spt", "H·L(spt)", "own", "would alloc_smmu_pmd_page succeed?");
REDOUBT_PRIMITIVE(release_smmu_pages, "(bank u32) → ()", "spt", "H·L(spt)·bank·bank empty", "own", "gives back every table page of a bank with one store (W42)");

REDOUBT_PRIMITIVE(walk_smmu_pgd, "(ttbr u64, addr u64, alloc u32) → u64", "spt", "H·L(spt)·ttbr of a bank·next in zone", "lower 5.10", "root entry of addr; links a fresh level-2 table if it is zero and alloc = 1");
REDOUBT_PRIMITIVE(walk_smmu_pmd, "(pgd u64, addr u64, alloc u32) → u64", "spt", "H·L(spt)·parent 0 → 0·slot in live table·next in zone", "lower 5.10", "level-2 entry of addr; links a fresh level-3 table if it is zero and alloc = 1");
REDOUBT_PRIMITIVE(walk_smmu_pte, "(pmd u64, addr u64) → u64", "spt", "H·L(spt)·parent 0 → 0·slot in live table", "lower 5.10", "leaf of addr in a table; pure");
REDOUBT_PRIMITIVE(set_smmu_pte, "(pmd u64, addr u64, pte u64) → ()", "spt", "H·T·L(spt)·slot in live table", "lower 5.10", "stores a leaf or zero; uses up the transaction");

REDOUBT_PRIMITIVE(clear_smmu_pt, "(cbndx u32, index u32) → ()", "spt", "S·B·H·L(spt)·T", "lower 5.11", "empties a bank; uses up the transaction");
REDOUBT_PRIMITIVE(walk_smmu_pt, "(cbndx u32, index u32, addr u64) → u64", "spt", "S·B·A(addr)·H·L(spt)", "lower 5.11", "leaf of addr, zero if there is none");
REDOUBT_PRIMITIVE(set_smmu_pt, "(cbndx u32, index u32, addr u64, pte u64) → ()", "spt", "S·B·A(addr)·H·T·L(spt)·nothing live replaced", "lower 5.11", "makes pte the leaf of addr; fail-stop if a zone is full");
REDOUBT_PRIMITIVE(dev_load_ref, "(gfn u64, reg u32, cbndx u32, index u32) → ()", "-", "none", "lower 5.11", "hook: a device loads through its table");
REDOUBT_PRIMITIVE(dev_store_ref, "(gfn u64, reg u32, cbndx u32, index u32) → ()", "-", "none", "lower 5.11", "hook: a device stores through its table");
REDOUBT_PRIMITIVE(try_set_smmu_pt, "(cbndx u32, index u32, addr u64, pte u64) → status", "spt", "S·B·A(addr)·H·L(spt)·leaf valid·T for a change", "own", "set_smmu_pt that answers exists or no_memory, unchanged, where that would stop");
REDOUBT_PRIMITIVE(reclaim_smmu_pt, "(cbndx u32, index u32) → ()", "spt", "S·B·H·L(spt)·bank empty", "own", "gives the table pages of an emptied bank back (W42)");

REDOUBT_PRIMITIVE(init_spt, "(cbndx u32, index u32) → ()", "takes spt", "S·B·H·lock free·invalidated", "lower 5.12", "empties a bank, invalidates it, gives its table pages back");
REDOUBT_PRIMITIVE(walk_spt, "(cbndx u32, index u32, addr u64) → u64", "takes spt", "S·B·A(addr)·H·lock free", "lower 5.12", "walk_smmu_pt in a critical section");
REDOUBT_PRIMITIVE(map_spt, "(cbndx u32, index u32, addr u64, pte u64) → ()", "takes spt", "S·B·A(addr)·H·lock free·leaf valid·nothing live replaced", "lower 5.12", "set_smmu_pt in a critical section, visible to SMMUs when it returns");
REDOUBT_PRIMITIVE(unmap_spt, "(cbndx u32, index u32, addr u64) → u64", "takes spt", "S·B·A(addr)·H·lock free·invalidated", "lower 5.12", "takes the leaf of addr away, invalidates, returns it");
REDOUBT_PRIMITIVE(is_mapped_spt, "(addr u64, pfn u64) → u32", "takes spt", "H·lock free", "own", "does any bank map the frame at addr?");
REDOUBT_PRIMITIVE(try_map_spt, "(cbndx u32, index u32, addr u64, pte u64) → status", "takes spt", "H·lock free·bad argument → status", "own", "maps addr for a device, or says why not; nothing changes unless ok");
REDOUBT_PRIMITIVE(try_unmap_spt, "(cbndx u32, index u32, addr u64) → status", "takes spt", "H·lock free·bad argument → status·invalidated", "own", "unmap_spt for untrusted arguments");
REDOUBT_PRIMITIVE(try_init_spt, "(cbndx u32, index u32) → status", "takes spt", "H·lock free·bad argument → status·invalidated", "own", "init_spt for untrusted arguments");
// clang-format on
}  // namespace prim

namespace waits {
struct SmmuInvalidation {
  static constexpr std::string_view text = SmmuDriver::text;
  using Primitives = List<prim::init_spt, prim::unmap_spt, prim::try_unmap_spt, prim::try_init_spt>;
};
}  // namespace waits

struct MmioPtAllocEntry {
  static constexpr unsigned number = 9;
  static constexpr std::string_view name = "MmioPTAlloc", header = "core/spt/mmio_pt_alloc.hpp",
                                    spec_header = "spec/spt/mmio_pt_alloc.hpp", source = "lower 5.9";
  static constexpr bool growing = false, must_be_proved = true;
  using Below = NptOpsEntry;
  template <class M>
  using Code = tower::MmioPtAllocLayer<M>;
  template <class D, class P>
  using Spec = spec::MmioPtAlloc<D, P>;
  using Fresh = Preserving<inv::SmmuTables, field::smmu | field::updates | field::halt,
                           prim::alloc_smmu_pgd_page, prim::alloc_smmu_pmd_page>;
  using Own = Join<
      Preserving<inv::SmmuTables, field::none, prim::can_alloc_smmu_pgd_page, prim::can_alloc_smmu_pmd_page>,
      Preserving<inv::SmmuTables, field::smmu | field::updates, prim::release_smmu_pages>>;
  using Hides = List<prim::get_smmu_pgd_next, prim::set_smmu_pgd_next, prim::get_smmu_pmd_next,
                     prim::set_smmu_pmd_next>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};
static_assert(MmioPtAllocEntry::Fresh::size == 2 && MmioPtAllocEntry::Passthrough::size == 121);  // digest 5

struct MmioPtWalkEntry {
  static constexpr unsigned number = 10;
  static constexpr std::string_view name = "MmioPTWalk", header = "core/spt/mmio_pt_walk.hpp",
                                    spec_header = "spec/spt/mmio_pt_walk.hpp", source = "lower 5.10";
  static constexpr bool growing = false, must_be_proved = true;
  using Below = MmioPtAllocEntry;
  template <class M>
  using Code = tower::MmioPtWalkLayer<M>;
  template <class D, class P>
  using Spec = spec::MmioPtWalk<D, P>;
  using Fresh =
      Join<Preserving<inv::SmmuTables, field::smmu | field::updates | field::halt, prim::walk_smmu_pgd,
                      prim::walk_smmu_pmd>,
           Preserving<inv::SmmuTables, field::none, prim::walk_smmu_pte>,
           Preserving<inv::SmmuTables, field::smmu | field::updates | field::tstate, prim::set_smmu_pte>>;
  using Own = List<>;
  using Hides =
      List<prim::alloc_smmu_pgd_page, prim::alloc_smmu_pmd_page, prim::smmu_pt_load, prim::smmu_pt_store>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};
static_assert(MmioPtWalkEntry::Fresh::size == 4 && MmioPtWalkEntry::Passthrough::size == 119);

struct MmioSptWalkEntry {
  static constexpr unsigned number = 11;
  static constexpr std::string_view name = "MmioSPTWalk", header = "core/spt/mmio_spt_walk.hpp",
                                    spec_header = "spec/spt/mmio_spt_walk.hpp", source = "lower 5.11";
  static constexpr bool growing = false, must_be_proved = true;
  using Below = MmioPtWalkEntry;
  template <class M>
  using Code = tower::MmioSptWalkLayer<M>;
  template <class D, class P>
  using Spec = spec::MmioSptWalk<D, P>;
  static constexpr Fields change = field::smmu | field::updates | field::tstate;
  using Fresh = Join<
      Preserving<inv::SmmuTables, change, prim::clear_smmu_pt>,
      Preserving<inv::SmmuTables, change | field::halt, prim::set_smmu_pt>,
      Preserving<inv::SmmuTables, field::none, prim::walk_smmu_pt, prim::dev_load_ref, prim::dev_store_ref>>;
  using Own = Join<Preserving<inv::SmmuTables, change, prim::try_set_smmu_pt>,
                   Preserving<inv::SmmuTables, field::smmu | field::updates, prim::reclaim_smmu_pt>>;
  using Hides = Join<typename Layer<MmioPtWalkEntry>::Fresh,
                     List<prim::smmu_pt_clear, prim::dev_load_raw, prim::dev_store_raw>>;
  using HidesOwn =
      List<prim::can_alloc_smmu_pgd_page, prim::can_alloc_smmu_pmd_page, prim::release_smmu_pages>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};
static_assert(MmioSptWalkEntry::Fresh::size == 5 && MmioSptWalkEntry::Passthrough::size == 116);

struct MmioSptOpsEntry {
  static constexpr unsigned number = 12;
  static constexpr std::string_view name = "MmioSPTOps", header = "core/spt/mmio_spt_ops.hpp",
                                    spec_header = "spec/spt/mmio_spt_ops.hpp", source = "lower 5.12";
  static constexpr bool growing = false, must_be_proved = true;
  using Below = MmioSptWalkEntry;
  template <class M>
  using Code = tower::MmioSptOpsLayer<M>;
  template <class D, class P>
  using Spec = spec::MmioSptOps<D, P>;
  static constexpr Fields section = field::lock | field::tstate | field::updates;
  using Fresh = Join<Preserving<inv::SmmuTables, section, prim::walk_spt>,
                     Preserving<inv::SmmuTables, section | field::smmu, prim::init_spt, prim::unmap_spt>,
                     Preserving<inv::SmmuTables, section | field::smmu | field::halt, prim::map_spt>>;
  using Own = Join<Preserving<inv::SmmuTables, section, prim::is_mapped_spt>,
                   Preserving<inv::SmmuTables, section | field::smmu, prim::try_map_spt, prim::try_unmap_spt,
                              prim::try_init_spt>>;
  using OnlyInModel = List<waits::SmmuInvalidation>;
  using Hides = List<prim::clear_smmu_pt, prim::walk_smmu_pt, prim::set_smmu_pt, prim::acquire_lock_spt,
                     prim::release_lock_spt>;
  using HidesOwn = List<prim::try_set_smmu_pt, prim::reclaim_smmu_pt>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};
static_assert(MmioSptOpsEntry::Fresh::size == 4 && MmioSptOpsEntry::Passthrough::size == 116);

}  // namespace redoubt::registry
