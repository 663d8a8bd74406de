// SPDX-License-Identifier: BSD-3-Clause
// MemoryOps, BootAux and BootOps on the specifications below, for whatever MemManager and NPTOps do: their
// worlds.
#pragma once
#include "core/page/memory_ops.hpp"
#include "core/vm/boot_aux.hpp"
#include "core/vm/boot_ops.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/machine/abstract_machine.hpp"
#include "tools/redoubt-verify/theorems/memory_calls.hpp"
#include "tools/redoubt-verify/theorems/page_world.hpp"

namespace redoubt::verify {

template <ValueDomain D, class P>
class MemManagerStandIn : public spec::MemManager<D, P> {
 public:
  using Base = spec::MemManager<D, P>;
  using Base::Base;
  using Gfn = typename Base::Frame;
  static bool seeded(Fault fault) { return ModelMachine<D, typename P::Machine>::seeded(fault); }
};

// A specification and the base primitives on one state.
template <ValueDomain D, class P, class Spec>
class OnMachine : public Spec, protected spec::AbstractMachine<D, P> {
 public:
  using Machine = spec::AbstractMachine<D, P>;
  using typename Spec::Bool;
  using typename Spec::Descriptor;
  using typename Spec::Ipa;
  using typename Spec::Params;
  using typename Spec::Pfn;
  using typename Spec::VmId;
  using typename Spec::Word;
  using Gfn = typename Spec::Frame;
  using VcpuId = redoubt::VcpuId<Word>;
  using CoreVa = redoubt::CoreVa<Word>;
  using LoadIndex = redoubt::LoadIndex<Word>;

  explicit OnMachine(spec::State<D, P>& state) : Spec(state), Machine(state) {}
  static bool seeded(Fault fault) { return ModelMachine<D, typename P::Machine>::seeded(fault); }
};

template <ValueDomain D, class P>
class BootCoreStandIn : public OnMachine<D, P, spec::BootCore<D, P>> {
 public:
  using OnMachine<D, P, spec::BootCore<D, P>>::OnMachine;
  using Machine = spec::AbstractMachine<D, P>;
  using Machine::add_image_hash;
  using Machine::begin_image_hash;
  using Machine::get_vm_load_addr;
  using Machine::get_vm_load_size;
};

template <ValueDomain D, class P>
class BootAuxStandIn : public OnMachine<D, P, spec::BootAux<D, P>> {
 public:
  using Base = OnMachine<D, P, spec::BootAux<D, P>>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::VmId;
  using Machine = spec::AbstractMachine<D, P>;
  using Machine::clear_shadow_gp_regs;
  using Machine::decrypt_gp_regs;
  using Machine::decrypt_sys_regs;
  using Machine::encrypt_gp_regs;
  using Machine::encrypt_sys_regs;
  using Machine::end_image_hash;
  using Machine::get_shared_kvm;
  using Machine::get_shared_vcpu;
  using Machine::get_vcpu_state;
  using Machine::get_vm_inc_exe;
  using Machine::get_vm_item;
  using Machine::get_vm_load_addr;
  using Machine::get_vm_load_size;
  using Machine::get_vm_mapped_pages;
  using Machine::get_vm_next_load_idx;
  using Machine::get_vm_remap_addr;
  using Machine::get_vm_state;
  using Machine::guest_event;
  using Machine::reset_fp_regs;
  using Machine::set_shadow_dirty_bit;
  using Machine::set_vcpu_state;
  using Machine::set_vm_inc_exe;
  using Machine::set_vm_item;
  using Machine::set_vm_kvm;
  using Machine::set_vm_load_addr;
  using Machine::set_vm_load_size;
  using Machine::set_vm_mapped_pages;
  using Machine::set_vm_next_load_idx;
  using Machine::set_vm_remap_addr;
  using Machine::set_vm_state;
  using Machine::set_vm_vcpu;

 protected:
  Bool is_quiet(VmId vmid) { return this->quiet(vmid); }
};

// Any records; what a record has no room for is zero. The bytes that are hashed come in steps (INV-BOOT-2).
template <class P, ValueDomain D, template <ValueDomain, class> class SpecOf, class CodeOf>
class CallsWorld {
 public:
  using Params = Called<P>;
  using State = spec::State<D, Params>;
  using Spec = SpecOf<D, Params>;
  using Code = CodeOf;
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  explicit CallsWorld(State& initial) : d_(*initial.d) {
    for (const auto& named : spec::VmRecords<D>::kMaps) {
      const Word room(named.indices);
      const bool items = named.map == &spec::VmRecords<D>::vm_item;
      (initial.records.*named.map).on_first_read([this, room, items](Word, Word index, Word value) {
        d_.assume(either(index < room, value == Word(0)));
        if (items && is(index, static_cast<u64>(VmItem::verify_bytes))) {
          d_.assume((value & Word(HASH_STEP - 1)) == Word(0));
        }
      });
    }
  }
  void watch(State& expected, State& actual) {
    expected.others.context = &expected_;
    actual.others.context = &actual_;
  }
  void claim(State& after, std::string_view, registry::Fields) {
    compare_calls(d_, expected_, actual_);
    const Word bytes =
        after.records.vm_item.read(d_.any("some_vm"), Word(static_cast<u64>(VmItem::verify_bytes)));
    d_.prove("INV-BOOT-2: images are hashed in whole steps", (bytes & Word(HASH_STEP - 1)) == Word(0));
  }

 private:
  D& d_;
  CallLog<D> expected_, actual_;
};

template <class P, ValueDomain D>
using MemoryOpsWorld = CallsWorld<P, D, spec::MemoryOps, MemoryOps<MemManagerStandIn<D, Called<P>>>>;
template <class P, ValueDomain D>
using BootAuxWorld = CallsWorld<P, D, spec::BootAux, BootAux<BootCoreStandIn<D, Called<P>>>>;
template <class P, ValueDomain D>
using BootOpsWorld = CallsWorld<P, D, spec::BootOps, BootOps<BootAuxStandIn<D, Called<P>>>>;

}  // namespace redoubt::verify
