// SPDX-License-Identifier: BSD-3-Clause
// The theorems about page ownership: MemRegion and PageIndex from their rows, PageManager and MemManager on
// the specifications below.
#include "core/page/layers.hpp"
#include "tools/redoubt-verify/registry_from_spec.hpp"
#include "tools/redoubt-verify/registry_generated.hpp"
#include "tools/redoubt-verify/theorems/mem_manager.hpp"

namespace redoubt::verify {
namespace {

const char* const kRefines =
    "on the specification of PageIndex: refines its specification: result, every part of the state, frame; "
    "calls only what is defined (is_vm_run: of at most 512 pages)";
const Names kLocked{"L: s2page lock is held"};
const Names kSet{"L: s2page lock is held", "a value that a page can have"};
const Names kGet{"goes on", "answers zero", "answers something"}, kChanges{"goes on", "changes something"};

const std::vector<Expected> kPageManager{
    {"get_pfn_owner", kGet, kLocked},  {"set_pfn_owner", kChanges, kSet}, {"get_pfn_count", kGet, kLocked},
    {"set_pfn_count", kChanges, kSet}, {"get_pfn_map", kGet, kLocked},    {"set_pfn_map", kChanges, kSet},
    {"is_host_block", kGet, kLocked},  {"is_vm_run", kGet, kLocked},
};

const char* const kKeeps =
    "on the specifications of PageManager and NPTOps: refines its specification, in one section of s2page; "
    "keeps INV-PAGE-1 to 3, 5 to 10 and INV-NPT-9 at every place; what changes hands is zero (R21), but for "
    "sealed pages: they become plaintext in the VM's hands alone, and ciphertext in the host's";
const Names kFree{kLockOrder};

const std::vector<Expected> kMemManager{
    {"map_page_host", {"ok", "unchanged", "denied", "exists", "no memory", "invalid parameter"}, kFree},
    {"clear_vm_page", {"ok", "denied", "invalid parameter", "changes something"}, kFree},
    {"assign_pfn_to_vm", {"ok", "unchanged", "denied", "invalid parameter", "changes something"}, kFree},
    {"assign_zeroed_pfn_to_vm",
     {"ok", "unchanged", "denied", "invalid parameter", "changes something"},
     kFree},
    {"revoke_vm_page", {"ok", "not found", "denied", "invalid parameter", "changes something"}, kFree},
    {"grant_vm_page", {"ok", "exists", "denied", "invalid parameter", "changes something"}, kFree},
    {"map_pfn_vm", {"ok", "unchanged", "exists", "denied", "no memory", "invalid parameter"}, kFree},
    {"map_vm_io", {"denied"}, {}},
    {"seal_vm_page", {"ok", "denied", "no memory", "invalid parameter", "changes something"}, kFree},
    {"open_sealed_page", {"ok", "denied", "invalid parameter", "changes something"}, kFree},
    {"count_vm_pages", kGet, kFree},
    {"count_shared_pages", kGet, kFree},
};

template <class P>
void add(std::vector<Theorem>& all) {
  add_generated_theorems<registry::MemRegionEntry, P>(all);
  add_generated_theorems<registry::PageIndexEntry, P>(all);
  using S = PageIndexTheorems<P, Symbolic>;
  using C = PageIndexTheorems<P, Concrete>;
  all.push_back({std::string(P::name),
                 "PageIndex",
                 "frames_and_entries",
                 "two frames share no entry; an entry lies in the array",
                 {"a frame with an entry", "a frame without"},
                 {},
                 !std::is_same_v<P, ModelParams>,  // says the same of both sets
                 S::frames_and_entries,
                 C::frames_and_entries});
  all.push_back({std::string(P::name),
                 "PageIndex",
                 "runs_of_entries",
                 "a run of up to 512 entries is a run of frames",
                 {"a run in a region", "a run over two regions"},
                 {},
                 false,
                 S::runs_of_entries,
                 C::runs_of_entries,
                 {},
                 true});
  add_on_specs<registry::PageManagerEntry, PageManagerWorld, P>(all, kPageManager, kRefines);
  add_on_specs<registry::MemManagerEntry, MemManagerWorld, P>(all, kMemManager, kKeeps);
}

}  // namespace

void add_page_theorems(std::vector<Theorem>& all) {
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
}

}  // namespace redoubt::verify
