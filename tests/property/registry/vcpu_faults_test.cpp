// SPDX-License-Identifier: BSD-3-Clause
// Every seeded fault in the layers of vCPUs and traps is refuted by the generic checks.
#include "tests/property/registry/handlers.hpp"

namespace redoubt::test {
namespace {

struct Faulty {  // a machine with one fault for as long as this lives
  explicit Faulty(Fault fault) { HandlerMachine::active_fault = fault; }
  ~Faulty() { HandlerMachine::active_fault = Fault::none; }
  Faulty(const Faulty&) = delete;
  Faulty& operator=(const Faulty&) = delete;
};

// What the first failing case of a primitive says; empty if none fails.
template <class E, class Prim>
std::string first_failure(unsigned cases) {
  std::string wrong;
  std::mt19937 engine(5);
  Account account;
  for (unsigned n = 0; n < cases && wrong.empty(); ++n) {
    Choice choice({static_cast<std::uint32_t>(engine()), static_cast<std::uint32_t>(engine())});
    Choice own = choice.branch();
    Concrete domain;
    wrong = Case<E, Prim, TinyParams>(own, domain).run(account);
  }
  return wrong;
}
template <class Name, class List>
struct Find;
template <class Name, class... Ps>
struct Find<Name, registry::List<Ps...>> {
  template <class P>
  using If =
      std::conditional_t<std::is_same_v<typename P::primitive, Name>, registry::List<P>, registry::List<>>;
  using type = registry::Join<If<Ps>...>;
};
template <class E, class Name>
std::string failure(unsigned cases) {
  std::string wrong;
  registry::for_each(typename Find<Name, typename registry::Layer<E>::FreshAndOwn>::type{},
                     [&]<class Prim>() { wrong = first_failure<E, Prim>(cases); });
  return wrong;
}

namespace p = registry::prim;
struct Seeded {
  Fault fault;
  std::string (*failure)(unsigned);
};
const Seeded kSeeded[] = {
    {Fault::vcpu_other_kept, &failure<registry::AbstractMachineEntry, p::forget_other_vcpu>},
    {Fault::vcpu_fp_not_reset, &failure<registry::VcpuOpsAuxEntry, p::reset_gp_regs>},
    {Fault::vcpu_answer_untruncated, &failure<registry::VcpuOpsAuxEntry, p::sync_dirty_to_shadow>},
    {Fault::vcpu_call_shown, &failure<registry::VcpuOpsAuxEntry, p::prep_hvc>},
    {Fault::vcpu_write_shown_whole, &failure<registry::VcpuOpsAuxEntry, p::prep_abort>},
    {Fault::vcpu_pc_kept, &failure<registry::VcpuOpsEntry, p::restore_shadow_kvm_regs>},
    {Fault::vcpu_stays_active, &failure<registry::CtxtSwitchEntry, p::save_vm>},
    {Fault::manifest_from_anybody, &failure<registry::TrapDispatcherEntry, p::host_hvc_dispatcher>},
    {Fault::batch_of_33, &failure<registry::TrapDispatcherEntry, p::host_hvc_dispatcher>},
    {Fault::shared_page_is_memory, &failure<registry::TrapHandlerEntry, p::mem_load>},
    {Fault::bank_of_anybody, &failure<registry::TrapHandlerEntry, p::dev_load>},
    {Fault::donation_goes_on, &failure<registry::TrapDispatcherEntry, p::host_hvc_dispatcher>},
    {Fault::donation_counts_refused, &failure<registry::TrapDispatcherEntry, p::host_hvc_dispatcher>},
};

TEST(VcpuFaults, AllAreRefuted) {
  for (const Seeded& seeded : kSeeded) {
    const FaultText& text = kFaults[static_cast<std::size_t>(seeded.fault) - 1];
    EXPECT_EQ(seeded.failure(40), "") << "without a fault";
    const Faulty faulty(seeded.fault);
    const std::string wrong = seeded.failure(4000);
    EXPECT_NE(wrong, "") << text.effect;
    std::printf("%s: %s\n", text.name.data(), wrong.c_str());
  }
}

}  // namespace
}  // namespace redoubt::test
