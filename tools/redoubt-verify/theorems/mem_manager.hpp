// SPDX-License-Identifier: BSD-3-Clause
// MemManager on the specifications of PageManager, NPTOps and base primitives: its world, and what its
// operations keep.
#pragma once
#include "core/page/mem_manager.hpp"
#include "spec/page/mem_manager.hpp"
#include "tools/redoubt-verify/theorems/ownership.hpp"
#include "tools/redoubt-verify/theorems/page_manager.hpp"

namespace redoubt::verify {

// Proves of every change of leaves that it happens in a section of s2page: so nobody else changes leaves or
// ownership between the sections of tables inside one of s2page, and a state that satisfies the invariants is
// all that is known at its start.
template <ValueDomain D, class P>
class PageManagerStandIn : public spec::PageManager<D, P>, private spec::AbstractMachine<D, P> {
 public:
  using Base = spec::PageManager<D, P>;
  using Machine = spec::AbstractMachine<D, P>;
  using State = spec::State<D, P>;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::Pa;
  using typename Base::Params;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using Gfn = redoubt::Gfn<Word>;

  explicit PageManagerStandIn(State& state) : Base(state), Machine(state) {}
  static bool seeded(Fault fault) { return ModelMachine<D, typename P::Machine>::seeded(fault); }

  using Base::acquire_lock_s2page;
  using Base::get_pfn_count;
  using Base::get_pfn_map;
  using Base::get_pfn_owner;
  using Base::is_host_block;
  using Base::is_vm_run;
  using Base::release_lock_s2page;
  using Base::set_pfn_count;
  using Base::set_pfn_map;
  using Base::set_pfn_owner;
  using Machine::clear_phys_page;
  using Machine::decrypt_mem_buf;
  using Machine::encrypt_mem_buf;
  using Machine::fetch_from_doracle;
  using Machine::get_owned_pages;
  using Machine::get_shared_pages;
  using Machine::is_host_device;
  using Machine::set_owned_pages;
  using Machine::set_shared_pages;

  Status try_map_s2pt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    under_s2page();
    return Base::try_map_s2pt(vmid, addr, level, pte);
  }
  Status unmap_s2pt(VmId vmid, Ipa addr) {
    under_s2page();
    return Base::unmap_s2pt(vmid, addr);
  }
  Status drop_block_s2pt(VmId vmid, Ipa addr) {
    under_s2page();
    return Base::drop_block_s2pt(vmid, addr);
  }
  void clear_pfn_host(Pfn pfn) {
    under_s2page();
    Base::clear_pfn_host(pfn);
  }

 private:
  void under_s2page() {
    auto& s = Base::s;
    s.d->prove("leaves change under the s2page lock", s.holds(Word(S2PAGE_ID)));
  }
};

template <class P, ValueDomain D>
class MemManagerWorld {
 public:
  using Params = Indexed<P>;
  using State = spec::State<D, Params>;
  using Spec = spec::MemManager<D, Params>;
  using Code = MemManager<PageManagerStandIn<D, Params>>;
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  explicit MemManagerWorld(State& initial) : d_(*initial.d), initial_(initial), places_(prepared(initial)) {
    runs();
    if constexpr (D::symbolic) {
      d_.instantiate_at(places_.host_gfn() & Word(PMD_PAGE_NUM - 1));
      d_.instantiate_at(places_.vm_gfn() & Word(PMD_PAGE_NUM - 1));
    }
  }
  void watch(State&, State&) {}

  void claim(State& after, std::string_view primitive, registry::Fields changes) {
    d_.prove("no operation on pages stops the machine", Bool(!after.halt));
    places_.prove(after);
    if ((changes & (registry::field::owner | registry::field::count)) != 0) {
      totals(after);
      contents(after, primitive == "assign_zeroed_pfn_to_vm");
    }
    if ((changes & registry::field::seals) != 0) {
      sealed(after, primitive == "seal_vm_page");
    }
  }

 private:
  static State& prepared(State& initial) {
    assume_frame_index(initial);
    assume_ownership(initial);
    assume_tables_hang(initial);
    return initial;
  }
  // INV-PAGE-4, of the block that the host's frame lies in, and of the one that `pte` names.
  void runs() {
    const auto entry = [&](Word pfn) { return entry_of(initial_, pfn); };
    const Word last(PMD_PAGE_NUM - 1), host = places_.host_gfn();
    d_.assume(a_run_of_entries_is_one_of_frames(entry, host & ~last, last, host & last));
    const Word given = spec::frame_of(d_.any("pte")) >> PAGE_SHIFT;
    d_.assume(a_run_of_entries_is_one_of_frames(entry, given, last, places_.vm_gfn() & last));
  }

  // INV-PAGE-9, as a step: one page at most changes hands, and the totals change by what it counts.
  void totals(State& after) {
    const Word entry = entry_of(initial_, d_.any("pfn")), index = d_.any("some_index"), zero(0);
    const auto same = [&](typename D::Map State::* map) {
      return (after.*map).read(index, zero) == (initial_.*map).read(index, zero);
    };
    const Bool others = both(same(&State::s2_owner), same(&State::s2_count), same(&State::s2_gfn));
    d_.prove("no other page changes hands", either(index == entry, others));
    d_.prove("INV-PAGE-9: the totals count what changed",
             both(counted(after, entry, zero), counted(after, entry, Word(1))));
  }
  Bool counted(State& after, Word entry, Word which) {
    const Word vmid = d_.any("some_vm"), before = of(initial_, entry, vmid, which),
               now = of(after, entry, vmid, which);
    const auto total = [&](State& s) { return s.records.vm_total.read(vmid, which); };
    return total(after) - total(initial_) == now - before;
  }
  // 1 if the page counts as one that the VM owns (0), or shares (1).
  static Word of(State& s, Word entry, Word vmid, Word which) {
    const Bool owned = both(entry != Word(INVALID64), s.s2_owner.read(entry, Word(0)) == vmid);
    const Bool shared = s.s2_count.read(entry, Word(0)) == Word(1);
    return select(both(owned, either(which == Word(0), shared)), Word(1), Word(0));
  }

  // R21: what a VM leaves behind, and memory that it gets, is zero.
  void contents(State& after, bool zeroed) {
    const Word pfn = d_.any("pfn"), entry = entry_of(initial_, pfn), zero(0);
    const Word was = initial_.s2_owner.read(entry, zero), is = after.s2_owner.read(entry, zero);
    const Bool given_back = both(is == Word(HOSTVISOR), was != Word(HOSTVISOR));
    const Bool given = both(Bool(zeroed), is != was);
    d_.prove("R21: a page that is handed over is zero",
             implies(both(entry != Word(INVALID64), either(given_back, given)),
                     after.content.contents.read(pfn, zero) == zero));
  }

  // R25: one page changes: the host's, from the VM's own, or one that passes from the host to the VM.
  void sealed(State& after, bool leaves) {
    const Word vmid = d_.any("vmid"), frame = d_.any("some_frame"), pfn = d_.any(leaves ? "outbuf" : "pfn");
    const Bool same =
        after.content.contents.read(frame, Word(0)) == initial_.content.contents.read(frame, Word(0));
    const Bool was_hosts = owner(initial_, pfn) == Word(HOSTVISOR);
    const Bool of_vm = leaves ? owner(initial_, d_.any("inbuf")) == vmid : owner(after, pfn) == vmid;
    d_.prove("R25: ciphertext goes to the host's pages alone, plaintext to the VM's",
             either(same, both(frame == pfn, was_hosts, of_vm)));
  }
  Word owner(State& s, Word pfn) {
    const Word entry = entry_of(initial_, pfn);
    return select(entry == Word(INVALID64), Word(INVALID), s.s2_owner.read(entry, Word(0)));
  }

  D& d_;
  State& initial_;
  Ownership<D, Params> places_;
};

}  // namespace redoubt::verify
