// SPDX-License-Identifier: BSD-3-Clause
// Two states that the host cannot tell apart: they differ in registers of VMs, saved and loaded, in contents
// of pages, and in what the emulation was told (upper digest 3.4, 3.5).
#pragma once
#include "spec/machine/context.hpp"
#include "spec/vcpu/vcpu_ops_aux.hpp"
#include "tools/redoubt-verify/theorems/state_parts.hpp"

namespace redoubt::verify {

template <ValueDomain D, class P>
class TwoStates {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Map = typename D::Map;
  using State = spec::State<D, P>;

  // The other state, with secrets of its own.
  // `exits`: a trap has just brought them here, and what its syndrome releases is in the CPU.
  static State twin_of(D& d, const State& one, bool exits, const std::string& suffix = "'") {
    State twin = one;
    const Map saved = one.cpu.shadow, other_saved(d, "shadow" + suffix);
    twin.cpu.shadow = Map(d, "shadow.twin", [saved, other_saved](Word id, Word n) {
      const Word mine = saved.read(id, n), other = other_saved.read(id, n);
      return select(both(of_vm(id), may_differ(n)), mixed(saved, id, n, mine, other), mine);
    });
    const Map live = one.cpu.hw, other_live(d, "hw" + suffix);
    const Bool vm_loaded = one.cpu.cur_vmid != Word(HOSTVISOR);
    twin.cpu.hw = Map(d, "hw.twin", [live, other_live, vm_loaded, exits](Word row, Word n) {
      const Word mine = live.read(row, n), other = other_live.read(row, n);
      const Word secret = exits ? mixed(live, row, n, mine, other) : other;
      return select(both(vm_loaded, live_may_differ(n)), secret, mine);
    });
    twin.cpu.guest_log = Map(d, "guest_log" + suffix);
    twin.content.contents = Map(d, "contents" + suffix);
    return twin;
  }

  // Makes `twin` what a sealed primitive leaves beside `after`: alike, its secrets its own.
  static void make_alike(State& twin, const State& after, registry::Fields changes,
                         const std::string& suffix) {
    D& d = *twin.d;
    State next = twin_of(d, after, false, suffix);
    const auto keep = [&](registry::Fields of, auto& kept, auto& was) {
      if ((changes & of) == 0) {
        kept = was;
      }
    };
    keep(registry::field::shadow, next.cpu.shadow, twin.cpu.shadow);
    keep(registry::field::hw, next.cpu.hw, twin.cpu.hw);
    keep(registry::field::guest, next.cpu.guest_log, twin.cpu.guest_log);
    keep(registry::field::memory, next.content.contents, twin.content.contents);
    twin = next;
  }

  // Proves that the host cannot tell one from the other, at an arbitrary place.
  static void prove_alike(D& d, State& one, State& other) {
    const Word k0 = d.any("some_row"), k1 = d.any("some_column");
    const auto a = abstract_parts(one, k0, k1), b = abstract_parts(other, k0, k1);
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (judged_by_itself(a[i].name)) {
        continue;
      }
      d.prove("vm_iso: the host sees the same of " + a[i].name, a[i].value == b[i].value);
    }
    // Number by number: of a state that moved all registers, one is a short question and any is a long one.
    for (u64 n = 0; n <= spec::reg::q31_high; ++n) {
      prove_register_alike(d, one, other, k0, Word(n));
    }
    const Word beyond = Word(spec::reg::q31_high + 1);
    prove_register_alike(d, one, other, k0, select(k1 < beyond, beyond, k1));
  }
  // INV-CPU-1 and 2 as far as vm_iso needs them: assumed of a state that a run starts from, proved of the one
  // that it leaves.
  static Bool numbers_in_range(const State& s) {
    return both(s.cpu.curid < Word(TOTAL_CPU), s.cpu.cur_vmid <= Word(COREVISOR), s.cpu.cur_vcpuid < Word(8));
  }

  // What vm_iso of restore_vm asks for, and whoever calls it has to keep: the host is loaded before. Else
  // registers of a VM would stay in a CPU that is given to the host by its number.
  static constexpr std::string_view kAsksForHost = "the host is loaded";
  static bool asks_for_host(std::string_view primitive) {
    return primitive == registry::prim::restore_vm::name;
  }
  static Bool host_is_loaded(const State& s) { return s.cpu.cur_vmid == Word(HOSTVISOR); }

  // What the syndrome of an exit releases of the register that a device write stores: its low bytes. Zero
  // where the exit is none.
  static Word released(const Map& registers, const Word& row) {
    namespace reg = spec::reg;
    const Word esr = registers.read(row, Word(reg::esr_el2)), ec = registers.read(row, Word(reg::ec));
    const Word status = esr & Word(0x3f), log2 = (esr >> 22) & Word(3);
    const Bool trap = both(ec == Word(spec::CLASS_TRAP), (esr >> 26 & Word(63)) == Word(spec::EC_DABT));
    const Bool said = both((esr >> 24 & Word(1)) == Word(1), (esr >> 7 & Word(1)) == Word(0));
    const Bool addressed = either(status == Word(0x2b), both(Word(4) <= status, status < Word(8)));
    const Word page = (registers.read(row, Word(reg::hpfar_el2)) >> 4 & Word((u64{1} << 40) - 1)) << 12;
    const Bool device = both(page < Word(0x4000'0000), (esr >> 6 & Word(1)) == Word(1));
    const Word small = select(log2 == Word(0), Word(0xff), Word(0xffff));
    const Word mask =
        select(log2 < Word(2), small, select(log2 == Word(2), Word(0xffff'ffff), Word(~u64{0})));
    return select(both(trap, said, addressed, device), mask, Word(0));
  }

 private:
  // Register n, saved in `row` and in the CPU.
  static void prove_register_alike(D& d, State& one, State& other, const Word& row, const Word& n) {
    const Bool vm_loaded = one.cpu.cur_vmid != Word(HOSTVISOR);
    d.prove("vm_iso: saved registers, but for a VM's own, are the same",
            alike(one.cpu.shadow, other.cpu.shadow, row, n, of_vm(row)));
    d.prove("vm_iso: registers of the CPU, but for those of a VM that has it, are the same",
            either(both(vm_loaded, live_may_differ(n)),
                   one.cpu.hw.read(Word(0), n) == other.cpu.hw.read(Word(0), n)));
  }
  static bool judged_by_itself(const std::string& name) {
    return name == "shadow" || name == "hw" || name == "guest_log" || name == "contents";
  }
  static Bool of_vm(const Word& id) { return Word(8) <= id; }  // the core's own included
  static Bool within(const Word& n, u64 first, u64 last) { return both(Word(first) <= n, n <= Word(last)); }

  // A register of the guest: none that says what trapped, why, and what is due.
  static Bool may_differ(const Word& n) {
    namespace reg = spec::reg;
    const Bool general = either(n <= Word(reg::x30), within(n, reg::pc, reg::pstate));
    const Bool system = either(within(n, reg::elr_el1, reg::spsr_el1), within(n, reg::mpidr_el1, 68));
    const Bool fp = either(within(n, reg::fpsr, reg::fpcr), within(n, reg::q0_low, reg::q31_high));
    const Bool exit = either(either(n == Word(reg::elr_el2), n == Word(reg::spsr_el2)),
                             either(n == Word(reg::far_el2), n == Word(reg::vmpidr_el2)));
    return either(either(general, system), either(fp, either(exit, within(n, reg::sp_el0, reg::sp_el1))));
  }
  // In the CPU the guest's PC and PSTATE are ELR_EL2 and SPSR_EL2: nothing moves under their own numbers.
  static Bool live_may_differ(const Word& n) {
    return both(may_differ(n), negation(within(n, spec::reg::pc, spec::reg::pstate)));
  }
  // Bits of register n that both states have in common: the offset of the fault in its page, and of the
  // register that a device write stores what it stores.
  static Word common(const Map& registers, const Word& row, const Word& n) {
    if (beyond_general(n)) {  // the same, without the terms for what can not be the syndrome's register
      return select(n == Word(spec::reg::far_el2), Word(0xfff), Word(0));
    }
    const Word rt = registers.read(row, Word(spec::reg::esr_el2)) >> 16 & Word(31);
    const Word of_store = select(n == rt, released(registers, row), Word(0));
    return select(n == Word(spec::reg::far_el2), Word(0xfff), of_store);
  }
  // A number that no syndrome's register field, of five bits, can hold, and that is known while proving.
  static bool beyond_general(const Word& n) {
    if constexpr (D::symbolic) {
      return n.constant() && n.value() > 31;
    } else {
      return n > 31;
    }
  }
  static Word mixed(const Map& registers, const Word& row, const Word& n, const Word& mine,
                    const Word& other) {
    const Word same = common(registers, row, n);
    return (mine & same) | (other & ~same);
  }
  static Bool alike(const Map& one, const Map& other, const Word& row, const Word& n, const Bool& secret) {
    const Word a = one.read(row, n), b = other.read(row, n), same = common(one, row, n);
    return either(a == b, both(secret, may_differ(n), (a & same) == (b & same)));
  }
};

}  // namespace redoubt::verify
