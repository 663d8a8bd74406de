// SPDX-License-Identifier: BSD-3-Clause
// What NPTOps stands on in proofs: the specifications of Locks and NPTWalk, with an arbitrary TLB entry
// beside the tables.
#pragma once
#include "machine/model/abstract_tlb.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/lock/locks.hpp"
#include "spec/npt/npt_walk.hpp"

namespace redoubt::verify {

// Barriers and TLB invalidations are recorded as steps, and act on the TLB entry: a leaf, and a table on its
// walk. Where a leaf is made, a table linked or the lock released, neither may be usable any more.
template <ValueDomain D, class P>
class NptWalkStandIn : public spec::Locks<D, P, spec::NptWalk<D, P>> {
 public:
  using Base = spec::Locks<D, P, spec::NptWalk<D, P>>;
  using State = spec::State<D, P>;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::VmId;
  using typename Base::Word;

  explicit NptWalkStandIn(State& state)
      : Base(state),
        tlb_(state.d->any("tlb_vmid"), state.d->any("tlb_address") >> PAGE_SHIFT,
             state.d->any("tlb_link_level"), state.d->any("tlb_elsewhere") == Word(1)) {}

  static bool seeded(Fault fault) { return ModelMachine<D, P>::seeded(fault); }

  void dsb_ishst() {
    step(spec::Step::dsb_ishst, Word(0), Word(0));
    tlb_.dsb_ishst();
  }
  void dsb_ish() {
    step(spec::Step::dsb_ish, Word(0), Word(0));
    tlb_.dsb_ish();
  }
  void isb() { step(spec::Step::isb, Word(0), Word(0)); }
  void tlbi_ipas2e1is(VmId vmid, Ipa addr) {
    step(spec::Step::tlbi_ipas2e1is, vmid.raw, addr.raw);
    tlb_.tlbi_ipa(vmid.raw, addr.raw);
  }
  void tlbi_vmalle1is(VmId vmid) {
    step(spec::Step::tlbi_vmalle1is, vmid.raw, Word(0));
    tlb_.tlbi_combined(vmid.raw);
  }
  void tlbi_vmalls12e1is(VmId vmid) {
    step(spec::Step::tlbi_vmalls12e1is, vmid.raw, Word(0));
    tlb_.tlbi_vmid(vmid.raw);
  }
  // Without broadcast, with a level hint, and last levels only of the whole IPA space: no layer may use these
  // here; seeded faults do. The first two count as the step of the right operation, so that the TLB tells.
  void tlbi_vmalls12e1(VmId vmid) {
    step(spec::Step::tlbi_vmalls12e1is, vmid.raw, Word(0));
    tlb_.tlbi_vmid(vmid.raw, false);
  }
  void tlbi_ipas2e1is_hinted(VmId vmid, Ipa addr, unsigned level_hint) {
    step(spec::Step::tlbi_ipas2e1is, vmid.raw, addr.raw);
    tlb_.tlbi_ipa(vmid.raw, addr.raw, {.level_hint = level_hint});
  }
  void tlbi_ripas2le1is(VmId vmid) {
    step(spec::Step::tlbi_ipas2e1is, vmid.raw, Word(0));
    tlb_.tlbi_all_ipas(vmid.raw, {.last_level = true});
  }

  void set_npt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    watched([&] {
      Base::set_npt(vmid, addr, level, pte);
      return 0;
    });
  }
  Status try_set_npt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    return watched([&] { return Base::try_set_npt(vmid, addr, level, pte); });
  }
  void init_npt(VmId vmid) {
    watched([&] {
      Base::init_npt(vmid);
      return 0;
    });
  }
  bool clear_npt(VmId vmid, Ipa addr) {
    return watched([&] { return Base::clear_npt(vmid, addr); });
  }
  void reset_npt(VmId vmid) {
    watched([&] {
      Base::reset_npt(vmid);
      return 0;
    });
  }
  void release_lock_pt(VmId vmid) {
    prove_on("R6: no stale translation is usable when the lock is released",
             implies(vmid.raw == tlb_.vmid(), negation(tlb_.usable())));
    Base::release_lock_pt(vmid);
  }

 private:
  VmId tlb_vmid() { return VmId(tlb_.vmid()); }
  Ipa tlb_address() { return Ipa(tlb_.gfn() << PAGE_SHIFT); }
  Word watched_leaf() { return this->leaf(tlb_vmid(), tlb_address()); }
  // Is the table that the entry stands for linked?
  Bool watched_link() {
    const Word gfn = tlb_.gfn(), level = tlb_.link_level();
    const auto present = [&](typename D::Map& map, unsigned shift) {
      return this->flag(map, tlb_vmid(), gfn >> (shift - PAGE_SHIFT));
    };
    return either(either(both(level == Word(0), present(this->s.pgd_t, PGDIR_SHIFT)),
                         both(level == Word(1), present(this->s.pud_t, PUD_SHIFT))),
                  both(level == Word(2), present(this->s.pmd_t, PMD_SHIFT)));
  }
  template <class Change>
  auto watched(Change change) {
    const Word before = watched_leaf();
    const Bool in_table = this->has_table(tlb_vmid(), tlb_address()), linked = watched_link();
    const auto result = change();
    const Word after = watched_leaf();
    const Bool links = watched_link();
    const Bool changed = before != after, was_valid = (before & Word(1)) == Word(1);
    const Bool makes = both(changed, (after & Word(1)) == Word(1));
    prove_on("R6: no leaf is made where a stale translation may be used",
             implies(makes, both(negation(was_valid), negation(tlb_.usable()))));
    prove_on("R6: no table is linked where a stale translation may be used",
             implies(both(links, negation(linked)), negation(tlb_.usable())));
    tlb_.overwritten(both(changed, was_valid), select(in_table, Word(3), Word(2)));
    tlb_.unhooked(both(linked, negation(links)));
    return result;
  }
  // A halted machine makes no claim.
  void prove_on(std::string_view label, const Bool& holds) {
    if (!this->s.halt) {
      this->s.d->prove(label, holds);
    }
  }
  void step(spec::Step kind, Word vmid, Word at) {
    if (this->s.halt) {
      return;
    }  // the machine stands still
    this->s.updates.add({0, vmid, at, Word(0), this->s.epoch, kind});
    if (kind == spec::Step::dsb_ishst || kind == spec::Step::dsb_ish) {
      ++this->s.epoch;
    }
  }

  AbstractTlb<D> tlb_;
};

}  // namespace redoubt::verify
