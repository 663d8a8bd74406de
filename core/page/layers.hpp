// SPDX-License-Identifier: BSD-3-Clause
// Layers 13 to 16 as objects: memory regions, ownership index, page ownership, what the host may map.
#pragma once
#include "core/registry/vm_invariants.hpp"
#include "core/spt/layers.hpp"
#include "spec/page/mem_manager.hpp"

namespace redoubt::registry {

inline constexpr Fields kSection = field::lock | field::tstate | field::updates;  // a critical section

namespace prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect
REDOUBT_PRIMITIVE(mem_region_search, "(addr u64) → u32", "-", "none", "upper 1.1", "index of the last region that holds addr, or INVALID");
REDOUBT_PRIMITIVE(get_s2_page_index, "(addr u64) → u64", "-", "none", "upper 1.1", "ownership index of the page at addr, or INVALID64");
REDOUBT_PRIMITIVE(get_pfn_owner, "(pfn u64) → u32", "s2page", "H·L(s2page)", "upper 1.1", "owner of the frame; INVALID for one without an entry");
REDOUBT_PRIMITIVE(set_pfn_owner, "(pfn u64, vmid u32) → ()", "s2page", "H·L(s2page)·page state", "upper 1.1", "stores it; nothing for a frame without an entry");
REDOUBT_PRIMITIVE(get_pfn_count, "(pfn u64) → u32", "s2page", "H·L(s2page)", "upper 1.1", "sharers of the frame, 0 or 1 (R9)");
REDOUBT_PRIMITIVE(set_pfn_count, "(pfn u64, count u32) → ()", "s2page", "H·L(s2page)·page state", "upper 1.1", "stores it");
REDOUBT_PRIMITIVE(get_pfn_map, "(pfn u64) → u64", "s2page", "H·L(s2page)", "upper 1.1", "frame at which the owner sees it, or INVALID64");
REDOUBT_PRIMITIVE(set_pfn_map, "(pfn u64, gfn u64) → ()", "s2page", "H·L(s2page)·page state", "upper 1.1", "stores it");
REDOUBT_PRIMITIVE(is_host_block, "(pfn u64) → u32", "s2page", "H·L(s2page)", "own", "does the host own all 512 frames from pfn?");
REDOUBT_PRIMITIVE(map_page_host, "(addr u64) → status", "takes s2page, pt(0)", "H·lock free·bad argument → status", "upper 1.2", "answers a stage-2 fault of the host: identity-maps the page or its block, if it may");
REDOUBT_PRIMITIVE(is_vm_run, "(vmid u32, gfn u64, pfn u64, pages u64) → u32", "s2page", "H·L(s2page)", "own", "does the VM own these frames, and see them from gfn on?");
REDOUBT_PRIMITIVE(clear_vm_page, "(vmid u32, pfn u64) → status", "takes s2page, pt(v), pt(0)", "H·lock free·invalidated·bad argument → status", "upper 1.2", "gives a VM's page back to the host, zeroed, and out of every table");
REDOUBT_PRIMITIVE(assign_pfn_to_vm, "(vmid u32, gfn u64, pfn u64) → status", "takes s2page, pt(0)", "H·lock free·invalidated·bad argument → status", "upper 1.2", "gives a host page to a VM, with what the host put there");
REDOUBT_PRIMITIVE(assign_zeroed_pfn_to_vm, "(vmid u32, gfn u64, pfn u64) → status", "takes s2page, pt(0)", "H·lock free·invalidated·bad argument → status", "own", "the same for memory: zeroed (R21)");
REDOUBT_PRIMITIVE(map_pfn_vm, "(vmid u32, addr u64, pte u64, level u32) → status", "takes s2page, pt(v)", "H·lock free·bad argument → status", "upper 1.2", "maps a page or block whose every page the VM owns at these frames");
REDOUBT_PRIMITIVE(map_vm_io, "(vmid u32, gpa u64, pa u64) → status", "-", "none", "upper 1.2", "denied: no device is assignable (R11)");
REDOUBT_PRIMITIVE(grant_vm_page, "(vmid u32, pfn u64) → status", "takes s2page", "H·lock free·bad argument → status", "upper 1.2", "shares a VM's page with the host (R9)");
REDOUBT_PRIMITIVE(revoke_vm_page, "(vmid u32, pfn u64) → status", "takes s2page, pt(0)", "H·lock free·invalidated·bad argument → status", "upper 1.2", "ends the sharing: the page is out of the host's table");
REDOUBT_PRIMITIVE(count_vm_pages, "(vmid u32) → u64", "takes s2page", "H·lock free", "own", "number of pages that the VM owns; 0 for what is no VM");
REDOUBT_PRIMITIVE(count_shared_pages, "(vmid u32) → u64", "takes s2page", "H·lock free", "own", "number of pages that the VM shares; 0 for what is no VM");
REDOUBT_PRIMITIVE(seal_vm_page, "(vmid u32, inbuf u64, outbuf u64) → status", "takes s2page", "H·lock free·bad argument → status", "own", "seals a VM's page into a page of the host's (R25)");
REDOUBT_PRIMITIVE(open_sealed_page, "(vmid u32, pfn u64) → status", "takes s2page, pt(0)", "H·lock free·invalidated·bad argument → status", "own", "takes a sealed page from the host and opens it as the VM's (R25)");
REDOUBT_PRIMITIVE(assign_pfn_to_smmu, "(vmid u32, gfn u64, pfn u64) → status", "takes s2page, pt(0)", "H·V·P(pfn)·lock free", "upper 1.2", "gives a host page to a VM's device");
REDOUBT_PRIMITIVE(update_smmu_page, "(vmid u32, cbndx u32, index u32, iova u64, pte u64) → status", "takes s2page, spt", "H·V·S·B·lock free", "upper 1.2", "maps a page for a device");
REDOUBT_PRIMITIVE(unmap_smmu_page, "(cbndx u32, index u32, iova u64) → ()", "takes s2page, spt", "H·S·B·lock free", "upper 1.2", "takes a device's mapping away");
// clang-format on
}  // namespace prim

namespace waits {
struct SealedPages {
  static constexpr std::string_view text = RootKey::text;
  using Primitives = List<prim::seal_vm_page, prim::open_sealed_page>;
};
}  // namespace waits

struct MemRegionEntry {
  static constexpr unsigned number = 13;
  static constexpr std::string_view name = "MemRegion", header = "core/page/mem_region.hpp",
                                    spec_header = "spec/page/page_manager.hpp", source = "upper 1.1";
  static constexpr bool growing = false;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<>;
  using Below = MmioSptOpsEntry;
  template <class M>
  using Code = tower::MemRegionLayer<M>;
  template <class D, class P>
  using Spec = spec::MemRegion<D, P>;
  using Fresh = Preserving<inv::Always, field::none, prim::mem_region_search>;
  using Own = List<>;
  using Hides = List<prim::get_mem_region_cnt, prim::get_mem_region_base, prim::get_mem_region_size>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct PageIndexEntry {
  static constexpr unsigned number = 14;
  static constexpr std::string_view name = "PageIndex", header = "core/page/page_index.hpp",
                                    spec_header = "spec/page/page_manager.hpp", source = "upper 1.1";
  static constexpr bool growing = false;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<>;
  using Below = MemRegionEntry;
  template <class M>
  using Code = tower::PageIndexTop<M>;
  template <class D, class P>
  using Spec = spec::PageIndexLayer<D, P>;
  using Fresh = Preserving<inv::Always, field::none, prim::get_s2_page_index>;
  using Own = List<>;
  using Hides = List<prim::get_mem_region_index, prim::mem_region_search>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct PageManagerEntry {
  static constexpr unsigned number = 15;
  static constexpr std::string_view name = "PageManager", header = "core/page/page_manager.hpp",
                                    spec_header = "spec/page/page_manager.hpp", source = "upper 1.1";
  static constexpr bool growing = false;
  using Below = PageIndexEntry;
  template <class M>
  using Code = tower::PageManagerLayer<M>;
  template <class D, class P>
  using Spec = spec::PageManager<D, P>;
  using Fresh =
      Join<Preserving<inv::Always, field::none, prim::get_pfn_owner, prim::get_pfn_count, prim::get_pfn_map>,
           Preserving<inv::Always, field::owner, prim::set_pfn_owner>,
           Preserving<inv::Always, field::count, prim::set_pfn_count>,
           Preserving<inv::Always, field::gfn, prim::set_pfn_map>>;
  using Own = Preserving<inv::Always, field::none, prim::is_host_block, prim::is_vm_run>;
  using Hides = Join<prim::PageOwnership, List<prim::get_s2_page_index>>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct MemManagerEntry {
  static constexpr unsigned number = 16;
  static constexpr std::string_view name = "MemManager", header = "core/page/mem_manager.hpp",
                                    spec_header = "spec/page/mem_manager.hpp", source = "upper 1.2";
  static constexpr bool growing = true;
  using Below = PageManagerEntry;
  template <class M>
  using Code = tower::MemManagerLayer<M>;
  template <class D, class P>
  using Spec = spec::MemManager<D, P>;
  static constexpr Fields change = NptOpsEntry::change;
  static constexpr Fields transfer =
      change | field::owner | field::count | field::gfn | field::vm | field::memory | field::oracle;
  // Those of SMMUs are not built yet; R9's flag of pages in DMA use comes with them.
  using Fresh = Join<
      Preserving<inv::Host, change, prim::map_page_host>,
      Preserving<inv::Pages, transfer, prim::clear_vm_page, prim::assign_pfn_to_vm, prim::revoke_vm_page>,
      Preserving<inv::Pages, change, prim::map_pfn_vm>, Preserving<inv::Pages, field::none, prim::map_vm_io>,
      Preserving<inv::Pages, kSection | field::count | field::vm, prim::grant_vm_page>,
      Preserving<inv::Pages, transfer, prim::assign_pfn_to_smmu, prim::update_smmu_page,
                 prim::unmap_smmu_page>>;
  using Own = Join<Preserving<inv::Pages, transfer, prim::assign_zeroed_pfn_to_vm>,
                   Preserving<inv::Pages, kSection | field::memory | field::seals, prim::seal_vm_page>,
                   Preserving<inv::Pages, (transfer & ~field::oracle) | field::seals, prim::open_sealed_page>,
                   Preserving<inv::Pages, kSection, prim::count_vm_pages, prim::count_shared_pages>>;
  using OnlyInModel = List<waits::SealedPages>;
  using Hides = List<>;
  using HidesOwn = prim::PageTotals;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

}  // namespace redoubt::registry
