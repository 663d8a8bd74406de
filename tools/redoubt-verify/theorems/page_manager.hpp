// SPDX-License-Identifier: BSD-3-Clause
// PageManager on the specification of PageIndex and on base primitives: what its theorems start from.
#pragma once
#include "core/page/page_manager.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/machine/abstract_machine.hpp"
#include "tools/redoubt-verify/theorems/frame_index.hpp"

namespace redoubt::verify {

template <ValueDomain D, class P>
class PageIndexStandIn : public spec::PageIndexLayer<D, P>, private spec::AbstractMachine<D, P> {
 public:
  using Base = spec::PageIndexLayer<D, P>;
  using Machine = spec::AbstractMachine<D, P>;
  using State = spec::State<D, P>;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::Pa;
  using typename Base::PageIndex;
  using typename Base::Params;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;

  explicit PageIndexStandIn(State& state) : Base(state), Machine(state) {}
  static bool seeded(Fault fault) { return ModelMachine<D, typename P::Machine>::seeded(fault); }

  using Base::get_s2_page_index;
  using Machine::check;
  using Machine::check64;
  using Machine::get_s2_page_count;
  using Machine::get_s2_page_dma;
  using Machine::get_s2_page_gfn;
  using Machine::get_s2_page_vmid;
  using Machine::set_s2_page_count;
  using Machine::set_s2_page_dma;
  using Machine::set_s2_page_gfn;
  using Machine::set_s2_page_vmid;

 protected:
  template <class Predicate>
  Bool for_all(Word n, Predicate predicate) {
    return Base::s.d->for_all(n, predicate);
  }
};

// INV-PAGE-1 to 3 of every entry that is looked at.
template <class P, ValueDomain D>
class PageManagerWorld {
 public:
  using Params = Indexed<P>;
  using State = spec::State<D, Params>;
  using Spec = spec::PageManager<D, Params>;
  using Code = PageManager<PageIndexStandIn<D, Params>>;
  using Word = typename D::Word;

  explicit PageManagerWorld(State& initial) : d_(*initial.d) {
    assume_frame_index(initial);
    assume_ownership(initial);
    d_.assume(d_.any("pages") <= Word(PMD_PAGE_NUM));  // of is_vm_run
  }
  void watch(State&, State&) {}
  void claim(State&, std::string_view, registry::Fields) {}

 private:
  D& d_;
};

}  // namespace redoubt::verify
