// SPDX-License-Identifier: BSD-3-Clause
// The theorems about page ownership: MemRegion and PageIndex from their rows; map_page_host, which is open.
#include "tools/redoubt-verify/registry_generated.hpp"
#include "tools/redoubt-verify/theorems/mem_manager.hpp"

namespace redoubt::verify {
namespace {

template <class P>
void add(std::vector<Theorem>& all) {
  add_generated_theorems<registry::MemRegionEntry, P>(all);
  add_generated_theorems<registry::PageIndexEntry, P>(all);
  Theorem t;
  t.set = P::name;
  t.layer = "MemManager";
  t.name = "map_page_host";
  t.statement =
      "refines its specification; whatever others do between its sections, the host's table maps frames to "
      "themselves, and only the host's own, shared and listed ones (INV-PAGE-5, INV-PAGE-6)";
  t.covers = {"a page of memory",     "a block of memory", "a page of a device",
              "a block of devices",   "was mapped",        "denied",
              "outside the IPA space"};
  t.stuck = {"the lock is free and the lock order is kept"};
  t.open = true;
  t.prove = MemManagerTheorems<P, Symbolic>::map_page_host;
  t.replay = MemManagerTheorems<P, Concrete>::map_page_host;
  all.push_back(std::move(t));
}

}  // namespace

void add_page_theorems(std::vector<Theorem>& all) {
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
}

}  // namespace redoubt::verify
