// SPDX-License-Identifier: BSD-3-Clause
// The theorems about host_hvc_dispatcher, call by call: two runs; and what no call is answered.
#include <algorithm>

#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/host_calls.hpp"

namespace redoubt::verify {
namespace {

using Names = std::vector<std::string>;
using Prim = registry::prim::host_hvc_dispatcher;

template <ValueDomain D, class P>
using Isolates = TwoRuns<Prim, spec::TrapDispatcher<D, P, BelowDispatcher<D, P>>, P, D>;

// What one call asks for: the sealed primitives behind it.
struct HostCall {
  const char* name;
  std::vector<const char*> behind;
  bool gives_pages = false;  // page by page, in a loop
};

template <class P, u64 number>
void add_call(std::vector<Theorem>& all, const HostCall& call, bool slow = false) {
  static_assert(number == kNoHostCall || std::ranges::find(kHostCalls, number) != kHostCalls.end(),
                "what is not listed would be proved among the numbers that are no call as well");
  Theorem isolates;
  isolates.set = P::name;
  isolates.name = std::string("vm_iso_host_call_") + call.name;
  isolates.statement =
      "two runs of host_hvc_dispatcher where w0 is this call, as the other theorems of vm_iso";
  isolates.layer = slow ? "host calls, long" : "host calls";
  isolates.only_long = slow;
  isolates.covers = {"the host has the CPU", "secrets differ"};
  if (call.gives_pages) {
    isolates.covers.emplace_back("another round");
  }
  for (const char* what : call.behind) {
    isolates.stuck.push_back("what " + std::string(what) + " asks for");
  }
  if (number == REDOUBT_HOST_VM_CREATE) {
    isolates.stuck.emplace_back("the lock is free and the lock order is kept");
  }
  isolates.prove = prove_host_call<Isolates<Symbolic, P>, Symbolic, number>;
  isolates.replay = prove_host_call<Isolates<Concrete, P>, Concrete, number>;
  all.push_back(isolates);
}

template <class P>
void add_no_call(std::vector<Theorem>& all) {
  Theorem t;
  t.set = P::name;
  t.layer = "host calls";
  t.name = "host_call_of_no_number";
  t.statement =
      "where w0 is none of the calls of abi/redoubt.h, the code of host_hvc_dispatcher answers NOT_SUPPORTED "
      "and changes nothing else";
  t.covers = {"bits that mean nothing are set"};
  t.prove = prove_no_host_call<P, Symbolic>;
  t.replay = prove_no_host_call<P, Concrete>;
  all.push_back(t);
}

template <class P>
void add(std::vector<Theorem>& all) {
  constexpr bool slow = true;
  add_call<P, REDOUBT_HOST_VM_CREATE>(all,
                                      {"vm_create",
                                       {"get_pfn_owner", "register_kvm", "set_vm_layout", "set_boot_info",
                                        "set_image_digest", "open_vm", "set_vm_poweroff", "destroy_vm"}},
                                      slow);
  add_call<P, REDOUBT_HOST_VCPU_CREATE>(all, {"vcpu_create", {"register_vcpu"}});
  add_call<P, REDOUBT_HOST_VM_DONATE_IMAGE>(all, {"vm_donate_image", {"remap_vm_image"}, true});
  add_call<P, REDOUBT_HOST_VM_VERIFY>(all, {"vm_verify", {"verify_and_load_images", "get_verify_left"}});
  add_call<P, REDOUBT_HOST_VM_DONATE>(all, {"vm_donate", {"donate_vm_page", "donate_vm_block_page"}, true});
  add_call<P, REDOUBT_HOST_VM_MAP_BLOCK>(all, {"vm_map_block", {"map_vm_block"}});
  add_call<P, REDOUBT_HOST_VM_STOP>(all, {"vm_stop", {"stop_vm"}});
  add_call<P, REDOUBT_HOST_VM_RECLAIM>(all, {"vm_reclaim", {"reclaim_vm_pages"}});
  add_call<P, REDOUBT_HOST_VM_DESTROY>(all, {"vm_destroy", {"destroy_vm"}});
  add_call<P, REDOUBT_HOST_VM_INFO>(all,
                                    {"vm_info", {"query_vm_state", "count_vm_pages", "count_shared_pages"}});
  add_call<P, kNoHostCall>(all, {"of_no_number", {}});
  add_no_call<P>(all);
}

}  // namespace

void add_host_call_theorems(std::vector<Theorem>& all) {
  const auto first = static_cast<std::ptrdiff_t>(all.size());
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
  std::stable_partition(all.begin() + first, all.end(), [](const Theorem& one) { return !one.only_long; });
}

}  // namespace redoubt::verify
