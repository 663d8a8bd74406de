// SPDX-License-Identifier: BSD-3-Clause
// Theorems about MemManager on the specification of PageManager: what the host's table may map, and what
// stays apart.
#pragma once
#include "core/page/mem_manager.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/page/mem_manager.hpp"
#include "tools/redoubt-verify/theorems/flat_state.hpp"
#include "tools/redoubt-verify/theorems/others.hpp"
#include "tools/redoubt-verify/theorems/page_world.hpp"

namespace redoubt::verify {

// PageManager and NPTOps as MemManager finds them below.
template <ValueDomain D, class P>
class PageManagerStandIn : public spec::PageManager<D, P> {
 public:
  using Base = spec::PageManager<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using Gfn = redoubt::Gfn<Word>;

  // Totals of VMs, which map_page_host does not touch; what does is pending.
  Word get_owned_pages(VmId) { return Word(0); }
  Word get_shared_pages(VmId) { return Word(0); }
  void set_owned_pages(VmId, Word) {}
  void set_shared_pages(VmId, Word) {}

  static bool seeded(Fault fault) { return ModelMachine<D, P>::seeded(fault); }
  Bool is_host_device(Pfn first, Word pages) {
    auto& windows = this->s.host_device;
    const Word window = windows.read(first.raw, Word(0));
    const auto same = [&](Word i) { return windows.read(first.raw + i, Word(0)) == window; };
    return both(window != Word(0), this->s.d->for_all(pages, same));
  }
};

// INV-PAGE-1 to 6, 8 and INV-NPT-9 at one arbitrary frame of the host's space. Where the frame's entry lies
// is found once: regions are boot constants.
template <ValueDomain D, class P>
class HostTable {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;

  HostTable(State& state, Word gfn)
      : gfn_(gfn), index_(spec::PageIndexLayer<D, P>(state).get_s2_page_index(Pa<Word>(gfn << PAGE_SHIFT))) {}

  // Of both locks: who changes the table or the ownership keeps it.
  Bool holds(State& s, const Word&) { return holds(s); }
  Bool holds(State& s) {
    const Word leaf = leaf_of(s);
    const Bool valid = (leaf & Word(1)) == Word(1);
    const Bool tables = FlatTables<D, P>{gfn_}.holds(s, Word(NPT_ID + HOSTVISOR));
    return both(implies(valid, maps_itself(s, leaf)), implies(valid, may_map(s)), windows(s), entry_holds(s),
                tables);
  }
  Bool flat(State& s) { return implies((leaf_of(s) & Word(1)) == Word(1), maps_itself(s, leaf_of(s))); }
  Bool isolated(State& s) { return implies((leaf_of(s) & Word(1)) == Word(1), may_map(s)); }
  Word leaf_of(State& s) {
    const Word host(HOSTVISOR), table = s.pmd_t.read(host, gfn_ >> 9);
    return select(table == Word(1), s.page.read(host, gfn_), s.block.read(host, gfn_ >> 9));
  }
  Word gfn() const { return gfn_; }

 private:
  Bool has_entry() const { return index_ != Word(INVALID64); }
  // INV-PAGE-5: a page leads to the frame itself, a block to the 512 frames around it.
  Bool maps_itself(State& s, Word leaf) {
    const Bool table = s.pmd_t.read(Word(HOSTVISOR), gfn_ >> 9) == Word(1);
    const Word frame = spec::frame_of(leaf) >> PAGE_SHIFT;
    return select(table, frame, frame | (gfn_ & Word(511))) == gfn_;
  }
  // INV-PAGE-6: own, shared by a VM, or of a listed device window.
  Bool may_map(State& s) {
    const Word owner = select(has_entry(), s.s2_owner.read(index_, Word(0)), Word(INVALID));
    const Bool shared = both(has_entry(), s.s2_count.read(index_, Word(0)) == Word(1));
    const Bool device = both(owner == Word(INVALID), s.host_device.read(gfn_, Word(0)) != Word(0));
    return either(either(owner == Word(HOSTVISOR), device), both(owner != Word(INVALID), shared));
  }
  // INV-PAGE-8.
  Bool windows(State& s) {
    return implies(s.host_device.read(gfn_, Word(0)) != Word(0), negation(has_entry()));
  }
  // INV-PAGE-1 to 3.
  Bool entry_holds(State& s) {
    spec::PageInvariants<spec::ReadNow, D, P> now(s);
    return implies(has_entry(), both(now.owner(index_), now.count(index_), now.guest_frame(index_)));
  }

  Word gfn_, index_;
};

template <class P, ValueDomain D>
struct MemManagerTheorems {
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;

  static void map_page_host(D& d) {
    State initial(d, any_pool_base<P>(d));
    regions_in_pages(initial);
    assume_regions(initial);
    const Word gfn = d.any("some_gfn");
    d.assume(gfn < Word(u64{1} << (P::ipa_bits - PAGE_SHIFT)));
    HostTable<D, P> table(initial, gfn);
    Others<D, P, HostTable<D, P>> others(table);
    d.assume(table.holds(initial));
    others.act_on(initial);
    State expected = initial, actual = initial;
    look_at(d, gfn & Word(PMD_PAGE_NUM - 1));

    const Ipa<Word> addr(d.any("addr"));
    spec::MemManager<D, P> spec(expected);
    const Status status = spec.map_page_host(addr);
    MemManager<PageManagerStandIn<D, P>> code(actual);
    set_rely(d, Rely::obligation);
    const Status got = code.map_page_host(addr);
    set_rely(d, Rely::assumed);

    d.prove("the code stops exactly when the specification halts", Bool(expected.halt == actual.halt));
    d.prove("the result agrees with the specification", Bool(got == status));
    compare_steps(d, expected, actual);
    compare_flat_state(d, expected, actual);
    d.prove("INV-PAGE-5: the host's table is an identity map", table.flat(expected));
    d.prove("INV-PAGE-6: the host maps only its own pages, shared pages and its device windows",
            table.isolated(expected));
    const Word other = d.any("other_vmid"), at = d.any("other_gfn");
    d.assume(other != Word(HOSTVISOR));
    d.prove("no VM's table changes", both(expected.page.read(other, at) == initial.page.read(other, at),
                                          expected.block.read(other, at) == initial.block.read(other, at)));
    cover(d, expected, table, addr, status);
  }

 private:
  static void look_at(D& d, Word index) {
    if constexpr (D::symbolic) {
      d.instantiate_at(index);
    }
  }
  static void cover(D& d, State& after, HostTable<D, P>& table, Ipa<Word> addr, Status status) {
    const bool ok = status == Status::ok;
    const Word leaf = table.leaf_of(after);
    const Bool here = both(Bool(ok), (addr.raw >> PAGE_SHIFT) == table.gfn());
    const Bool device = (leaf & Word(0x3c)) != Word(0x3c);
    const Bool block = (leaf & Word(3)) == Word(1);
    d.cover("a page of memory", both(here, negation(block), negation(device)));
    d.cover("a block of memory", both(here, block, negation(device)));
    d.cover("a page of a device", both(here, negation(block), device));
    d.cover("a block of devices", both(here, block, device));
    d.cover("was mapped", Bool(status == Status::unchanged));
    d.cover("denied", Bool(status == Status::denied));
    d.cover("outside the IPA space", Bool(status == Status::invalid_parameter));
  }
};

}  // namespace redoubt::verify
