// SPDX-License-Identifier: BSD-3-Clause
// The theorems about host_hvc_dispatcher, call by call: refinement and two runs.
#include <algorithm>

#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/registry_handlers.hpp"
#include "tools/redoubt-verify/theorems/host_calls.hpp"

namespace redoubt::verify {
namespace {

using Names = std::vector<std::string>;
using Prim = registry::prim::host_hvc_dispatcher;

template <ValueDomain D, class P>
using Refines = OfTrapDispatcher<Prim, P, D>;
template <ValueDomain D, class P>
using Isolates = TwoRuns<Prim, spec::TrapDispatcher<D, P, BelowDispatcher<D, P>>, P, D>;

// What one call asks for: the sealed primitives behind it.
struct HostCall {
  const char* name;
  std::vector<const char*> behind;
};
// How a proof goes. slow: with --long only. open: none has ended.
enum class Proof { quick, slow, open };
struct Proofs {
  Proof refinement = Proof::quick, isolation = Proof::quick;
};
void file_under(Theorem& t, Proof how) {
  t.layer = how == Proof::slow ? "host calls, long" : "host calls";
  t.only_long = how == Proof::slow;
  t.open = how == Proof::open;
}
Names asked(const HostCall& call) {
  Names all;
  for (const char* what : call.behind) {
    all.push_back("what " + std::string(what) + " asks for");
  }
  return all;
}

std::string which(Pages donated) {
  switch (donated) {
    case Pages::few:
      return ", of at most " + std::to_string(kFewPages) + " pages or more than 32";
    case Pages::alike:
      return ", and all pages that are taken say `ok` or all `unchanged`";
    default:
      return "";
  }
}

template <class P, u64 number, Pages donated = Pages::any>
void add_call(std::vector<Theorem>& all, const HostCall& call, Proofs proofs = {}) {
  static_assert(number == kNoHostCall || std::ranges::find(kHostCalls, number) != kHostCalls.end(),
                "what is not listed would be proved among the numbers that are no call as well");
  Names stuck = asked(call);
  if (number == REDOUBT_HOST_VM_CREATE) {
    stuck.emplace_back("the lock is free and the lock order is kept");
  }
  Theorem refines;
  refines.set = P::name;
  refines.name = std::string("host_call_") + call.name;
  refines.statement = "host_hvc_dispatcher where w0 is this call" + which(donated) +
                      ", on the specifications below: same calls of what is sealed, with the same arguments "
                      "in the same state; result, every part of the state, steps, frame";
  refines.covers = {"goes on", "changes something"};
  refines.stuck = stuck;
  file_under(refines, proofs.refinement);
  refines.prove = prove_host_call<Refines<Symbolic, P>, Symbolic, number, donated>;
  refines.replay = prove_host_call<Refines<Concrete, P>, Concrete, number, donated>;
  all.push_back(refines);
  Theorem isolates = refines;
  isolates.name = std::string("vm_iso_host_call_") + call.name;
  isolates.statement = "two runs of host_hvc_dispatcher where w0 is this call" + which(donated) +
                       ", as the other theorems of vm_iso";
  file_under(isolates, proofs.isolation);
  isolates.covers = {"the host has the CPU", "secrets differ"};
  isolates.prove = prove_host_call<Isolates<Symbolic, P>, Symbolic, number, donated>;
  isolates.replay = prove_host_call<Isolates<Concrete, P>, Concrete, number, donated>;
  all.push_back(isolates);
}

// A donation, in the three ways of Pages. `two_runs_alike`: of the third, on the first parameter set.
template <class P, u64 number>
void add_donation(std::vector<Theorem>& all, const std::string& name, const std::vector<const char*>& behind,
                  Proof two_runs_alike) {
  constexpr bool first_set = std::is_same_v<P, ModelParams>;
  constexpr Proof on_one_set = first_set ? Proof::quick : Proof::slow;
  const std::string few = name + "_few", alike = name + "_alike";
  add_call<P, number>(all, {name.c_str(), behind}, {Proof::open, Proof::open});
  add_call<P, number, Pages::few>(all, {few.c_str(), behind}, {Proof::quick, on_one_set});
  add_call<P, number, Pages::alike>(all, {alike.c_str(), behind},
                                    {on_one_set, first_set ? two_runs_alike : Proof::open});
}

template <class P>
void add(std::vector<Theorem>& all) {
  add_call<P, REDOUBT_HOST_VM_CREATE>(all,
                                      {"vm_create",
                                       {"get_pfn_owner", "register_kvm", "set_vm_layout", "set_boot_info",
                                        "set_image_digest", "open_vm", "set_vm_poweroff", "destroy_vm"}},
                                      {Proof::quick, Proof::slow});
  add_call<P, REDOUBT_HOST_VCPU_CREATE>(all, {"vcpu_create", {"register_vcpu"}});
  add_donation<P, REDOUBT_HOST_VM_DONATE_IMAGE>(all, "vm_donate_image", {"remap_vm_image"}, Proof::slow);
  add_call<P, REDOUBT_HOST_VM_VERIFY>(all, {"vm_verify", {"verify_and_load_images", "get_verify_left"}});
  add_donation<P, REDOUBT_HOST_VM_DONATE>(all, "vm_donate", {"donate_vm_page", "donate_vm_block_page"},
                                          Proof::open);
  add_call<P, REDOUBT_HOST_VM_MAP_BLOCK>(all, {"vm_map_block", {"map_vm_block"}});
  add_call<P, REDOUBT_HOST_VM_STOP>(all, {"vm_stop", {"stop_vm"}});
  add_call<P, REDOUBT_HOST_VM_RECLAIM>(all, {"vm_reclaim", {"reclaim_vm_pages"}});
  add_call<P, REDOUBT_HOST_VM_DESTROY>(all, {"vm_destroy", {"destroy_vm"}});
  add_call<P, REDOUBT_HOST_VM_INFO>(all,
                                    {"vm_info", {"query_vm_state", "count_vm_pages", "count_shared_pages"}});
  add_call<P, kNoHostCall>(all, {"of_no_number", {}});
}

}  // namespace

void add_host_call_theorems(std::vector<Theorem>& all) {
  const auto first = static_cast<std::ptrdiff_t>(all.size());
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
  std::stable_partition(all.begin() + first, all.end(), [](const Theorem& one) { return !one.only_long; });
}

}  // namespace redoubt::verify
