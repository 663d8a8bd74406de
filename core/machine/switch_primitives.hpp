// SPDX-License-Identifier: BSD-3-Clause
// Base primitives of the world switch: registers between the CPU and the loaded vCPU's context (digest 4.12).
#pragma once
#include <array>

#include "core/machine/context_primitives.hpp"
#include "core/machine/params.hpp"

namespace redoubt {

// What is carried stands in the table of context.hpp and nowhere else. Each concerns the vCPU that is loaded
// on this CPU; no lock, no guard.
template <Machine M>
class SwitchPrimitives : public ContextPrimitives<M> {
 public:
  using Base = ContextPrimitives<M>;
  using Base::Base;
  using typename Base::ContextId;
  using typename Base::Params;
  using typename Base::VmId;
  using typename Base::Vttbr;
  using typename Base::Word;

  // x0 to x30, as the trap saved them.
  void host_to_core() { save_general(); }
  void vm_to_core() { save_general(); }
  void core_to_host() { load_general(); }
  // Meant; the digest's text loads other registers and not these (W3).
  void core_to_vm() {
    if (Base::seeded(Fault::cpu_guest_gprs_not_loaded)) {
      return load<moved::fault | moved::system>();
    }
    load_general();
  }

  // Syndrome, class and fault addresses of the exit that has just happened.
  void exit_populate_fault() { save<moved::fault>(); }

  // EL1 and EL0 system registers, PC and PSTATE of the exit (as meant, W5).
  void save_sysregs() { save<moved::saved>(); }
  // The same and what save and exit_populate_fault left of the exit.
  void restore_sysregs() {
    const ContextId id = this->current();
    load<moved::loaded>();
    machine_.template hw_write<ctxt::MPIDR_EL1>(machine_.shadow_load(id, Word(ctxt::MPIDR_EL1)));
  }

  // Hardware moves them all at once, by the one routine that may touch them.
  void fpsimd_save_state() {
    if constexpr (requires(M& m, ContextId id) { m.fp_save(id); }) {
      machine_.fp_save(this->current());
    } else {
      save<moved::fp>();
    }
  }
  void fpsimd_restore_state() {
    if constexpr (requires(M& m, ContextId id) { m.fp_load(id); }) {
      machine_.fp_load(this->current());
    } else {
      load<moved::fp>();
    }
  }

  // --- what traps; settings of R12 ---
  void activate_traps() {
    set<ctxt::PMSELR_EL0>(Word(0));
    set<ctxt::PMUSERENR_EL0>(machine_.template trap_setting<TrapSetting::guest_pmuserenr>());
    set<ctxt::MDCR_EL2>(machine_.template trap_setting<TrapSetting::guest_mdcr>());
    set<ctxt::CPTR_EL2>(machine_.template trap_setting<TrapSetting::guest_cptr>());
  }
  void deactivate_traps() {
    set<ctxt::PMUSERENR_EL0>(Word(0));
    set<ctxt::MDCR_EL2>(machine_.template trap_setting<TrapSetting::host_mdcr>());
    set<ctxt::CPTR_EL2>(machine_.template trap_setting<TrapSetting::host_cptr>());
  }
  // The physical timer traps, the counter does not.
  void timer_enable_traps() {
    const Word old = machine_.template hw_read<ctxt::CNTHCTL_EL2>();
    set<ctxt::CNTHCTL_EL2>(TimerTraps::CounterFree::set(TimerTraps::TimerFree::set(old, Word(0)), Word(1)));
  }
  // Offset of the virtual counter: zero for the host, for a VM fixed when it is made (R20).
  void timer_set_cntvoff() { load<moved::offset>(); }

  // A trapped system instruction of a VM is stepped over (meant; the digest's text changes ESR_EL2, W7).
  void core_handle_sys64() { skip_instruction(); }

  // --- stage 2 and hypervisor configuration ---
  void vm_el2_restore_state() {
    const ContextId id = this->current();
    set<ctxt::VTTBR_EL2>(table_base(this->get_cur_vmid()).raw);
    set<ctxt::TPIDR_EL2>(machine_.shadow_load(id, Word(ctxt::TPIDR_EL2)));
    set<ctxt::HCR_EL2>(machine_.template trap_setting<TrapSetting::guest_hcr>());
  }
  void host_el2_restore_state() {
    set<ctxt::VTTBR_EL2>(table_base(VmId(Word(HOSTVISOR))).raw);
    set<ctxt::HCR_EL2>(machine_.template trap_setting<TrapSetting::host_hcr>());
    set<ctxt::TPIDR_EL2>(Word(0));
  }

 protected:
  using Base::machine_;

  // VMID and software root of a principal's stage-2 table.
  Vttbr table_base(VmId vmid) {
    const unsigned shift = M::seeded(Fault::vttbr_shift) ? VTTBR_VMID_SHIFT - 1 : VTTBR_VMID_SHIFT;
    return Vttbr(pool_start<Params>(machine_.pool_base(), vmid).raw | (vmid.raw << shift));
  }
  void skip_instruction() {
    const Word next = machine_.template hw_read<ctxt::ELR_EL2>() + Word(4);
    if (Base::seeded(Fault::cpu_skip_into_syndrome)) {
      return set<ctxt::ESR_EL2>(next);
    }
    set<ctxt::ELR_EL2>(next);
  }

 private:
  // Hardware moves x0 to x30 all at once.
  void save_general() {
    if constexpr (requires(M& m, ContextId id) { m.general_save(id); }) {
      machine_.general_save(this->current());
    } else {
      save<moved::general>();
    }
  }
  void load_general() {
    if constexpr (requires(M& m, ContextId id) { m.general_load(id); }) {
      machine_.general_load(this->current());
    } else {
      load<moved::general>();
    }
  }
  template <u64 Number>
  void set(Word value) {
    machine_.template hw_write<Number>(value);
  }
  // Two words at a time, both read before they are written: hardware loads and stores pairs.
  template <unsigned Movers>
  void save() {
    const ContextId id = this->current();
    for_each_move_pair<Movers>([&]<Move... Which>() __attribute__((always_inline)) {
      const std::array<Word, sizeof...(Which)> values{machine_.template hw_read<Which.live>()...};
      std::size_t n = 0;
      (save_one<Which, Movers>(id, values[n++]), ...);
    });
  }
  template <unsigned Movers>
  void load() {
    const ContextId id = this->current();
    for_each_move_pair<Movers>([&]<Move... Which>() __attribute__((always_inline)) {
      std::array<Word, sizeof...(Which)> values{machine_.shadow_load(id, Word(Which.shadow))...};
      keep_together(values);
      std::size_t n = 0;
      (load_one<Which, Movers>(values[n++]), ...);
    });
  }
  template <std::size_t N>
  [[gnu::always_inline]] static void keep_together(std::array<Word, N>& values) {
    if constexpr (N == 2 && requires(Word& word) { M::loaded_together(word, word); }) {
      M::loaded_together(values[0], values[1]);
    }
  }
  template <Move Which, unsigned Movers>
  [[gnu::always_inline]] void save_one(ContextId id, Word value) {
    if (!left_out<Which, Movers>()) {
      machine_.shadow_store(id, Word(Which.shadow), value);
    }
  }
  template <Move Which, unsigned Movers>
  [[gnu::always_inline]] void load_one(Word value) {
    if (!left_out<Which, Movers>()) {
      machine_.template hw_write<Which.live>(value);
    }
  }
  // Seeded faults: a register that its mover forgets.
  template <Move Which, unsigned Movers>
  static bool left_out() {
    constexpr bool exit_state =
        Which.shadow == ctxt::PC || Which.shadow == ctxt::PSTATE || Which.shadow == ctxt::ESR_EL1;
    if (exit_state && Movers == moved::saved && Base::seeded(Fault::cpu_exit_state_lost)) {
      return true;
    }
    return Which.shadow == ctxt::TPIDR_EL1 && Movers == moved::loaded &&
           Base::seeded(Fault::cpu_register_forgotten);
  }
};

}  // namespace redoubt
