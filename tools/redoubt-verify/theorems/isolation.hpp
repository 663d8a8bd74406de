// SPDX-License-Identifier: BSD-3-Clause
// Theorems about whole traps as specified: vm_iso, two runs at a time, and the invariants of vCPUs.
#pragma once
#include "tools/redoubt-verify/theorems/handlers_below.hpp"
#include "tools/redoubt-verify/theorems/two_states.hpp"

namespace redoubt::verify {

// INV-CPU-1, 2, 5, 6 and INV-VCPU-1, 2.
template <ValueDomain D, class P>
class VcpuInvariants {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;

  // Of the state at hand, and of every saved context that is looked at. `s` must outlive its copies.
  static void assume(D& d, State& s) {
    s.cpu.shadow.on_first_read([&d, &s](const Word& id, const Word& n, const Word&) {
      if (is_constant(n, spec::reg::dirty)) {
        d.assume(due(id, s.cpu.shadow.base(id, n), s.cpu.shadow.base(id, Word(spec::reg::esr_el2))));
      }
    });
    d.assume(loaded(s));
    d.assume(active(s));
    d.assume(nothing_due(s));
  }
  static void prove(D& d, State& s) {
    const Word id = d.any("some_context");
    d.prove("INV-CPU-1, 2: what is loaded is a vCPU, or the host in the context of this CPU", loaded(s));
    d.prove("INV-CPU-5: a VM's vCPU that is loaded here is ACTIVE", active(s));
    d.prove("INV-CPU-6: of a loaded vCPU nothing is due", nothing_due(s));
    d.prove("INV-VCPU-1, 2: DIRTY names the register of the saved syndrome, or one exception alone",
            due(id, s.cpu.shadow.read(id, Word(spec::reg::dirty)),
                s.cpu.shadow.read(id, Word(spec::reg::esr_el2))));
  }

 private:
  static bool is_constant(const Word& n, u64 value) {
    if constexpr (D::symbolic) {
      return n.constant() && n.value() == value;
    } else {
      return n == value;
    }
  }
  static Bool loaded(State& s) {
    const auto& cpu = s.cpu;
    const Bool guest = both(Word(HOSTVISOR) < cpu.cur_vmid, cpu.cur_vmid < Word(COREVISOR));
    const Bool host = both(cpu.cur_vmid == Word(HOSTVISOR), cpu.cur_vcpuid == cpu.curid);
    return both(cpu.curid < Word(TOTAL_CPU), cpu.cur_vcpuid < Word(8), either(guest, host));
  }
  static Bool active(State& s) {
    const Word state = s.records.vm_vcpu_state.read(s.cpu.cur_vmid, s.cpu.cur_vcpuid);
    return either(s.cpu.cur_vmid == Word(HOSTVISOR), state == Word(5));
  }
  static Bool nothing_due(State& s) {
    const Word id = s.cpu.cur_vmid * Word(8) + s.cpu.cur_vcpuid;
    return either(s.cpu.cur_vmid == Word(HOSTVISOR),
                  s.cpu.shadow.read(id, Word(spec::reg::dirty)) == Word(0));
  }
  static Bool due(const Word& id, const Word& todo, const Word& esr) {
    const Bool of_vm = both(Word(8) <= id, id < Word(8 * COREVISOR));
    const Word rt = (esr >> 16) & Word(31), registers = todo & Word(spec::DIRTY_GPRS);
    Bool named = registers == Word(0);
    for (u64 n = 0; n < 31; ++n) {
      named = either(named, both(rt == Word(n), registers == Word(u64{1} << n)));
    }
    Bool alone = (todo & Word(spec::DIRTY_UNDEF | spec::DIRTY_IABT | spec::DIRTY_DABT)) == Word(0);
    for (const u64 one : {spec::DIRTY_UNDEF, spec::DIRTY_IABT, spec::DIRTY_DABT}) {
      alone = either(alone, todo == Word(one));
    }
    return implies(both(of_vm, todo != Word(INVALID64)), both(named, alone));
  }
};

// vm_iso of one primitive: from two states that the host cannot tell apart, two that it cannot tell apart.
// Spec: its layer's specification on what it stands on, of which what is sealed keeps the same.
template <class Prim, class Spec, class P, ValueDomain D>
class TwoRuns {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;
  using Pair = TwoStates<D, P>;
  using Signature = registry::Signature<decltype(Prim::template in<Spec>())>;

  static void prove(D& d) {
    prove_where(d, [](const State&) {});
  }
  // From the states of which `assume` assumes something.
  template <class Assume>
  static void prove_where(D& d, Assume assume) {
    Script<D, P> script;
    State initial(d, any_pool_base<P>(d));
    initial.others.context = &script;
    assume_cpu(initial);
    assume(initial);
    if (Pair::asks_for_host(Prim::name)) {
      d.rely(Pair::kAsksForHost, Pair::host_is_loaded(initial));
    }
    const auto arguments = AnyArguments<D>(d, Prim::row.signature).draw(typename Signature::Arguments{});
    State one = initial,
          other = Pair::twin_of(d, initial, std::is_same_v<Prim, registry::prim::vm_exit_handler_raw>);
    Pair::prove_alike(d, one, other);  // what no path changes is settled here, once
    Spec first(one), second(other);
    Word result(0), its_result(0);
    const bool ends =
        script.completes([&] { result = call<D>(first, Prim::template in<Spec>(), arguments); });
    script.twin_follows();
    const bool other_ends =
        script.completes([&] { its_result = call<D>(second, Prim::template in<Spec>(), arguments); });
    d.prove("vm_iso: both go on with a loop, or none", Bool(ends == other_ends));
    d.cover("another round", Bool(!ends));
    if (!ends) {
      return;
    }
    d.prove("vm_iso: both runs call what is sealed equally often", Bool(script.made() == script.specified()));
    d.prove("vm_iso: both stop, or none", Bool(one.halt == other.halt));
    d.prove("vm_iso: the answer is the same", result == its_result);
    Pair::prove_alike(d, one, other);
    d.prove("vm_iso: INV-CPU-1, 2 hold afterwards", Pair::numbers_in_range(one));
    cover(d, result, initial, one, other);
  }

 private:
  static void cover(D& d, const Word& result, State& before, State& one, State& other) {
    const Word id = d.any("some_context");
    d.cover("secrets differ", both(Word(8) <= id, id < Word(8 * COREVISOR),
                                   one.cpu.shadow.read(id, Word(0)) != other.cpu.shadow.read(id, Word(0))));
    d.cover("the host has the CPU", one.cpu.cur_vmid == Word(HOSTVISOR));
    if constexpr (std::is_same_v<typename Signature::Result, Next>) {
      d.cover("to the host", result == Word(static_cast<u64>(Next::to_host)));
      d.cover("the vCPU goes on", result == Word(static_cast<u64>(Next::resume_guest)));
    }
    if constexpr (std::is_same_v<Prim, registry::prim::vm_exit_handler_raw>) {
      d.cover("a device write is released", Pair::released(before.cpu.hw, Word(0)) != Word(0));
    }
  }
};

// One handler on the specifications of all layers, but for what moves pages or ends VMs, which is sealed.
template <class Prim, class P, ValueDomain D>
class OfWholeTrap {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;
  using Memory = SealedBoot<D, P, spec::MemHandler<D, P>>;
  using Faults = spec::FaultHandler<D, P, Memory>;
  using Spec = spec::TrapHandlerRaw<D, P, spec::TrapDispatcher<D, P, Faults>>;

  static void keeps_invariants(D& d) {
    Script<D, P> script;
    State initial(d, any_pool_base<P>(d));
    initial.others.context = &script;
    VcpuInvariants<D, P>::assume(d, initial);
    State after = initial;
    Spec spec(after);
    const Word next = call<D>(spec, Prim::template in<Spec>(), std::tuple<>{});
    if (!after.halt) {
      VcpuInvariants<D, P>::prove(d, after);
    }
    using Result = typename registry::Signature<decltype(Prim::template in<Spec>())>::Result;
    d.cover("the host runs next", after.cpu.cur_vmid == Word(HOSTVISOR));
    if constexpr (std::is_same_v<Result, Next>) {
      d.cover("a vCPU runs next", next == Word(static_cast<u64>(Next::resume_guest)));
    }
  }
};

}  // namespace redoubt::verify
