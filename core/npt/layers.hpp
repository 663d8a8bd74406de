// SPDX-License-Identifier: BSD-3-Clause
// Layers 5 to 8 as objects: page-table pools, the seed layer PTWalk, whole walks, stage-2 operations.
#pragma once
#include "core/lock/layers.hpp"
#include "spec/npt/npt_ops.hpp"
#include "spec/npt/npt_walk.hpp"
#include "spec/npt/pt_walk.hpp"

namespace redoubt::registry {

namespace prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect
REDOUBT_PRIMITIVE(alloc_pgd_page, "(vmid u32) → u64", "pt(v)", "V·H·L(pt v)·next in zone", "lower 5.5", "takes a zeroed page of the pgd zone; fail-stop if none is left");
REDOUBT_PRIMITIVE(alloc_pud_page, "(vmid u32) → u64", "pt(v)", "V·H·L(pt v)·next in zone", "lower 5.5", "takes a zeroed page of the pud zone; fail-stop if none is left");
REDOUBT_PRIMITIVE(alloc_pmd_page, "(vmid u32) → u64", "pt(v)", "V·H·L(pt v)·next in zone", "lower 5.5", "takes a zeroed page of the pmd zone; fail-stop if none is left");
REDOUBT_PRIMITIVE(can_alloc_pgd_page, "(vmid u32) → u32", "pt(v)", "V·H·L(pt v)", "own", "would alloc_pgd_page succeed?");
REDOUBT_PRIMITIVE(can_alloc_pud_page, "(vmid u32) → u32", "pt(v)", "V·H·L(pt v)", "own", "would alloc_pud_page succeed?");
REDOUBT_PRIMITIVE(can_alloc_pmd_page, "(vmid u32) → u32", "pt(v)", "V·H·L(pt v)", "own", "would alloc_pmd_page succeed?");

REDOUBT_PRIMITIVE(walk_pgd, "(vmid u32, vttbr u64, addr u64, alloc u32) → u64", "pt(v)", "V·H·L(pt v)·slot in root·next in zone", "lower 4.1.1",
                  "root entry of addr; links a fresh level-1 table if it is zero and alloc = 1");
REDOUBT_PRIMITIVE(walk_pud, "(vmid u32, pgd u64, addr u64, alloc u32) → u64", "pt(v)", "V·H·L(pt v)·parent 0 → 0·slot in live table·next in zone", "lower 4.1.1",
                  "level-1 entry of addr; links a fresh level-2 table if it is zero and alloc = 1");
REDOUBT_PRIMITIVE(walk_pmd, "(vmid u32, pud u64, addr u64, alloc u32) → u64", "pt(v)", "V·H·L(pt v)·parent 0 → 0·slot in live table·next in zone", "lower 4.1.1",
                  "level-2 entry of addr, table or block; links a fresh level-3 table if it is zero and alloc = 1");
REDOUBT_PRIMITIVE(walk_pte, "(vmid u32, pmd u64, addr u64) → u64", "pt(v)", "V·H·L(pt v)·parent 0 → 0·slot in live table", "lower 4.1.2", "level-3 entry of addr; pure");
REDOUBT_PRIMITIVE(set_pmd, "(vmid u32, pud u64, addr u64, pmd u64) → ()", "pt(v)", "V·H·no table·T·L(pt v)·slot in live table", "lower 4.1.2",
                  "stores a 2 MiB leaf, a marker or zero; uses up the transaction");
REDOUBT_PRIMITIVE(set_pte, "(vmid u32, pmd u64, addr u64, pte u64) → ()", "pt(v)", "V·A(addr)·H·T·L(pt v)·slot in live table", "lower 4.1.2",
                  "stores a 4 KiB leaf, a marker or zero; uses up the transaction");

REDOUBT_PRIMITIVE(get_npt_level, "(vmid u32, addr u64) → u32", "pt(v)", "V·A(addr)·H·L(pt v)", "lower 5.7", "level at which addr is mapped, 0 if it is not");
REDOUBT_PRIMITIVE(walk_npt, "(vmid u32, addr u64) → u64", "pt(v)", "V·A(addr)·H·L(pt v)", "lower 5.7", "leaf of addr, zero if there is none");
REDOUBT_PRIMITIVE(set_npt, "(vmid u32, addr u64, level u32, pte u64) → ()", "pt(v)", "V·A(addr)·H·T·L(pt v)·level 2 or 3·leaf not 0·no table·no live table", "lower 5.7",
                  "makes pte the leaf of addr; fail-stop if a zone is full or a block is in the way");
REDOUBT_PRIMITIVE(mem_load_ref, "(gfn u64, reg u32) → ()", "-", "none", "lower 5.7", "hook: a principal loads through its table");
REDOUBT_PRIMITIVE(mem_store_ref, "(gfn u64, reg u32) → ()", "-", "none", "lower 5.7", "hook: a principal stores through its table");
REDOUBT_PRIMITIVE(try_set_npt, "(vmid u32, addr u64, level u32, pte u64) → status", "pt(v)", "V·A(addr)·H·L(pt v)·level 2 or 3·leaf valid·T for a change", "own",
                  "set_npt that answers exists or no_memory, unchanged, where that would stop (R5)");
REDOUBT_PRIMITIVE(clear_npt, "(vmid u32, addr u64) → u32", "pt(v)", "V·A(addr)·H·L(pt v)·T for a change", "own", "takes away the leaf of addr with one store of zero; was there one?");
REDOUBT_PRIMITIVE(init_npt, "(vmid u32) → ()", "pt(v)", "V·H·L(pt v)", "own", "links the level-1 pair on which hardware starts, where the platform has one (R8)");

REDOUBT_PRIMITIVE(reset_npt, "(vmid u32) → ()", "pt(v)", "V·H·L(pt v)", "own", "no table is left: nothing is mapped, every zone is whole");

REDOUBT_PRIMITIVE(get_level_s2pt, "(vmid u32, addr u64) → u32", "takes pt(v)", "V·A(addr)·H·lock free", "lower 5.8", "get_npt_level in a critical section");
REDOUBT_PRIMITIVE(walk_s2pt, "(vmid u32, addr u64) → u64", "takes pt(v)", "V·A(addr)·H·lock free", "lower 5.8", "walk_npt in a critical section");
REDOUBT_PRIMITIVE(map_s2pt, "(vmid u32, addr u64, level u32, pte u64) → ()", "takes pt(v)", "V·A(addr)·H·lock free·level 2 or 3·leaf not 0·no table·no live table·nothing live replaced", "lower 5.8",
                  "set_npt in a critical section, ordered before the principal runs");
REDOUBT_PRIMITIVE(clear_pfn_host, "(pfn u64) → ()", "takes pt(0)", "P(pfn)·H·lock free·invalidated", "lower 5.8",
                  "no translation of the host leads to the frame: a page becomes a marker, a block is dropped");
REDOUBT_PRIMITIVE(try_map_s2pt, "(vmid u32, addr u64, level u32, pte u64) → status", "takes pt(v)", "V·H·lock free·bad argument → status", "own",
                  "maps addr, or says why not; nothing changes unless ok (R5)");
REDOUBT_PRIMITIVE(init_s2pt, "(vmid u32) → ()", "takes pt(v)", "V·H·lock free", "own", "init_npt in a critical section");
REDOUBT_PRIMITIVE(reset_s2pt, "(vmid u32) → ()", "takes pt(v)", "V·H·lock free·invalidated", "own", "reset_npt in a critical section, and nothing of the VMID stays in a TLB (R16)");
REDOUBT_PRIMITIVE(drop_block_s2pt, "(vmid u32, addr u64) → status", "takes pt(v)", "V·H·lock free·bad argument → status·invalidated", "own", "takes away the 2 MiB block around addr and invalidates (R5)");
REDOUBT_PRIMITIVE(unmap_s2pt, "(vmid u32, addr u64) → status", "takes pt(v)", "V·H·lock free·bad argument → status·invalidated", "own", "takes away the 4 KiB page at addr and invalidates (R5)");
// clang-format on
}  // namespace prim

struct PtAllocEntry {
  static constexpr unsigned number = 5;
  static constexpr std::string_view name = "PTAlloc", header = "core/npt/pt_alloc.hpp",
                                    spec_header = "spec/npt/pt_alloc.hpp", source = "lower 5.5";
  static constexpr bool growing = false;
  static constexpr bool must_be_proved = true;
  using Below = LocksEntry;
  template <class M>
  using Code = tower::PtAllocLayer<M>;
  template <class D, class P>
  using Spec = spec::PtAlloc<D, P>;
  using Fresh = Preserving<inv::Always, field::next | field::halt, prim::alloc_pgd_page, prim::alloc_pud_page,
                           prim::alloc_pmd_page>;
  using Own = Preserving<inv::Always, field::none, prim::can_alloc_pgd_page, prim::can_alloc_pud_page,
                         prim::can_alloc_pmd_page>;
  using Hides = Join<prim::BumpPointers, prim::Unused, prim::HostSuppliedUnused>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

// The seed layer: its 6 fresh and 124 passthrough names are written out, not computed.
struct PtWalkEntry {
  static constexpr unsigned number = 6;
  static constexpr std::string_view name = "PTWalk", header = "core/npt/pt_walk.hpp",
                                    spec_header = "spec/npt/pt_walk.hpp", source = "lower 4.1";
  static constexpr bool growing = false;
  static constexpr bool must_be_proved = true;
  using Below = PtAllocEntry;
  template <class M>
  using Code = tower::PtWalkLayer<M>;
  template <class D, class P>
  using Spec = spec::PtWalk<D, P>;
  using Fresh = Join<
      Preserving<inv::Always, field::table | field::next | field::parents | field::updates | field::halt,
                 prim::walk_pgd, prim::walk_pud, prim::walk_pmd>,
      Preserving<inv::Always, field::none, prim::walk_pte>,
      Preserving<inv::Always, field::table | field::updates | field::tstate, prim::set_pmd, prim::set_pte>>;
  using Own = List<>;
  using Hides =
      Join<List<prim::alloc_pgd_page, prim::alloc_pud_page, prim::alloc_pmd_page>, prim::TableMemory>;
  using HidesOwn = List<>;
  using Passthrough =
      Join<List<prim::get_pt_vttbr>, prim::LockOperations, prim::CoreData, prim::VmInformation,
           prim::PageOwnership, prim::Regions, prim::Smmu, prim::ShadowContext, prim::HostSupplied,
           prim::PerCpu, prim::WorldSwitch, prim::TrapDecoding, prim::RawAccess, prim::RawDeviceAccess,
           prim::PageContents, prim::Handles, prim::CheckAndPanic>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};
static_assert(PtWalkEntry::Fresh::size == 6 && PtWalkEntry::Passthrough::size == 124);

struct NptWalkEntry {
  static constexpr unsigned number = 7;
  static constexpr std::string_view name = "NPTWalk", header = "core/npt/npt_walk.hpp",
                                    spec_header = "spec/npt/npt_walk.hpp", source = "lower 5.7";
  static constexpr bool growing = false;
  using Below = PtWalkEntry;
  template <class M>
  using Code = tower::NptWalkLayer<M>;
  template <class D, class P>
  using Spec = spec::NptWalk<D, P>;
  static constexpr Fields set =
      field::table | field::map | field::next | field::tstate | field::updates | field::halt;
  using Fresh = Join<Preserving<inv::Always, field::none, prim::get_npt_level, prim::walk_npt,
                                prim::mem_load_ref, prim::mem_store_ref>,
                     Preserving<inv::Always, set, prim::set_npt>>;
  using Own =
      Preserving<inv::Always, set, prim::try_set_npt, prim::clear_npt, prim::init_npt, prim::reset_npt>;
  using Hides = Join<typename Layer<PtWalkEntry>::Fresh, List<prim::get_pt_vttbr>, prim::RawAccess>;
  using HidesOwn =
      List<prim::can_alloc_pgd_page, prim::can_alloc_pud_page, prim::can_alloc_pmd_page, prim::pt_reset>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct NptOpsEntry {
  static constexpr unsigned number = 8;
  static constexpr std::string_view name = "NPTOps", header = "core/npt/npt_ops.hpp",
                                    spec_header = "spec/npt/npt_ops.hpp", source = "lower 5.8";
  static constexpr bool growing = false;
  static constexpr bool must_be_proved = true;
  using Below = NptWalkEntry;
  template <class M>
  using Code = tower::NptOpsLayer<M>;
  template <class D, class P>
  using Spec = spec::NptOps<D, P>;
  static constexpr Fields section = field::lock | field::tstate | field::updates;
  static constexpr Fields change = section | field::table | field::map | field::next | field::halt;
  using Fresh = Join<Preserving<inv::Always, section, prim::get_level_s2pt, prim::walk_s2pt>,
                     Preserving<inv::Always, change, prim::map_s2pt>,
                     Preserving<inv::Host, change, prim::clear_pfn_host>>;
  using Own = Join<Preserving<inv::Always, change, prim::try_map_s2pt>,
                   Preserving<inv::Host, change, prim::init_s2pt, prim::drop_block_s2pt, prim::unmap_s2pt,
                              prim::reset_s2pt>>;
  using Hides =
      List<prim::get_npt_level, prim::walk_npt, prim::set_npt, prim::acquire_lock_pt, prim::release_lock_pt>;
  using HidesOwn = List<prim::try_set_npt, prim::clear_npt, prim::init_npt, prim::reset_npt>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = Minus<VisibleOwn<Below>, HidesOwn>;
};

}  // namespace redoubt::registry
