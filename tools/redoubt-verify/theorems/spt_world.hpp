// SPDX-License-Identifier: BSD-3-Clause
// Code of MmioSPTWalk on the specification of MmioPTWalk, beside the flat specification of MmioSPTWalk.
#pragma once
#include "core/spt/mmio_spt_walk.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/spt/mmio_pt_walk.hpp"
#include "spec/spt/mmio_spt_walk.hpp"
#include "spec/spt/relation.hpp"
#include "tools/redoubt-verify/theorems/spt_image.hpp"
#include "tools/redoubt-verify/theorems/walk_agreement.hpp"

namespace redoubt::verify {

// The specification of MmioPTWalk in the place of its code, and the fault switch.
template <ValueDomain D, class P>
class MmioPtWalkStandIn : public spec::MmioPtWalk<D, P> {
 public:
  using spec::MmioPtWalk<D, P>::MmioPtWalk;
  static bool seeded(Fault fault) { return ModelMachine<D, P>::seeded(fault); }
};

// Code writes tables through MmioPTWalk's primitives, smmu_pt_clear and release_smmu_pages only. The first
// and the last keep INV-SPT-1 to 6 (spt_walk_steps.hpp); clearing a root takes links away, which breaks none.
template <ValueDomain D, class P>
class SptWorld {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  explicit SptWorld(D& domain)
      : d(domain),
        initial(domain, any_pool_base_below_smmu<P>(domain)),
        cbndx(domain.any("cbndx")),
        index(domain.any("index")),
        raw(with_invariants(initial)),
        flat(flat_smmu_state(initial)),
        code(raw),
        spec(flat),
        some_bank(domain.any("some_bank")),
        some_gfn(domain.any("some_gfn")) {
    d.assume(
        both(some_bank < Word(EL2_SMMU_CFG_SIZE), some_gfn < Word(u64{1} << (SMMU_IOVA_BITS - PAGE_SHIFT))));
  }

  [[nodiscard]] Word bank() const { return spec::bank_number(cbndx.raw, index.raw); }

  // A bank is emptied fewer than 2^56 - 1 times in the life of the machine, which the flat specification does
  // not count.
  void assume_generation_left() {
    d.assume(initial.smmu.spt_generation.base(bank(), Word(0)) < Word((u64{1} << 56) - 1));
  }

  // Runs the code; false: it stopped the machine.
  template <class Call>
  bool runs(Call call) {
    return code_goes_on(*this, call);
  }

  // Runs the flat specification, then the code; compares whether they stop, and all that the next call could
  // see. False: they stopped the machine.
  template <class Specified, class Coded>
  bool agree(Specified specified, Coded coded) {
    return walk_agrees(*this, specified, coded, [this] { compare(); });
  }

  D& d;
  spec::State<D, P> initial;
  ContextBank<Word> cbndx;
  SmmuIndex<Word> index;
  spec::State<D, P> raw;   // raw tables, as the code leaves them through MmioPTWalk's specification
  spec::State<D, P> flat;  // flat maps, as MmioSPTWalk's specification leaves them
  MmioSptWalk<MmioPtWalkStandIn<D, P>> code;
  spec::MmioSptWalk<D, P> spec;
  Word some_bank, some_gfn;  // an arbitrary place to look at

 private:
  static const spec::State<D, P>& with_invariants(spec::State<D, P>& state) {
    assume_smmu_invariants<D, P>(state,
                                 [&state](Word page) { return FreePages<D, P>(state).none_free(page); });
    FreePages<D, P>(state).assume_witnesses();
    return state;
  }

  void compare() {
    d.prove("tstate agrees with the specification", raw.tstate == flat.tstate);
    spec::SptRelation<D, P> related(flat, raw);
    d.prove("tables are present, and the leaf of every frame of every bank is, as specified",
            related.leaf(some_bank, some_gfn << PAGE_SHIFT));
    for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
      const Word zone(static_cast<u64>(z));
      const Word used = initial.smmu.spt_used.base(some_bank, zone), own(linked(z));
      const Bool mine = some_bank == bank();
      Word free = FreePages<D, P>(initial).count(z) - own, serving = select(mine, used + own, used);
      if (released()) {
        free = free + initial.smmu.spt_used.base(bank(), zone);
        serving = select(mine, Word(0), used);
      }
      d.prove("free pages are fewer by the tables linked, more by the pages given back",
              flat.smmu.spt_free.read(zone, Word(0)) == free);
      d.prove("the pages of every bank are more by the tables linked, none after it gave them back",
              flat.smmu.spt_used.read(some_bank, zone) == serving);
    }
  }
  // Tables of the zone that the code linked.
  u64 linked(SmmuZone z) {
    const auto b = spec::spt_bounds<P>(raw.pool_base);
    u64 n = 0;
    for (std::size_t i = 0; i < raw.updates.size; ++i) {
      const auto& update = raw.updates.entries[i];
      if (update.kind == spec::Step::spt_store && bool(update.slot < b.pmd)) {
        n += bool(update.slot < b.pgd) == (z == SmmuZone::pgd) ? 1 : 0;
      }
    }
    return n;
  }
  [[nodiscard]] bool released() const {
    bool found = false;
    for (std::size_t i = 0; i < raw.updates.size; ++i) {
      found = found || raw.updates.entries[i].kind == spec::Step::spt_release;
    }
    return found;
  }
};

}  // namespace redoubt::verify
