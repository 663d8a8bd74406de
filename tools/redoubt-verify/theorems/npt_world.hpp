// SPDX-License-Identifier: BSD-3-Clause
// Code of NPTWalk on the specification of PTWalk, beside the flat specification of NPTWalk.
#pragma once
#include "core/npt/npt_walk.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/machine/abstract_machine.hpp"
#include "spec/npt/npt_walk.hpp"
#include "spec/npt/pt_walk.hpp"
#include "tools/redoubt-verify/theorems/npt_image.hpp"
#include "tools/redoubt-verify/theorems/table_world.hpp"
#include "tools/redoubt-verify/theorems/walk_agreement.hpp"

namespace redoubt::verify {

// The specification of PTWalk in the place of its code: what the layer above may call, and the fault switch.
template <ValueDomain D, class P>
class PtWalkStandIn : public spec::PtWalk<D, P> {
 public:
  using spec::PtWalk<D, P>::PtWalk;
  using typename spec::PtWalk<D, P>::Word;

  static bool seeded(Fault fault) { return ModelMachine<D, P>::seeded(fault); }
  void mem_load_raw(Gfn<Word>, Word) {}
  void mem_store_raw(Gfn<Word>, Word) {}
  void pt_reset(VmId<Word> vmid) { spec::AbstractMachine<D, P>(this->s).pt_reset(vmid); }
};

// Code writes tables through PTWalk's primitives only, and each of these keeps INV-NPT-1 to 5 (pt_walk.hpp):
// so does all that is built on them, and the theorems here need not prove it again.
template <ValueDomain D, class P>
class NptWorld {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  explicit NptWorld(D& domain)
      : d(domain),
        initial(domain, any_pool_base<P>(domain)),
        vmid(domain.any("vmid")),
        raw(with_invariants(initial)),
        flat(flat_state(initial)),
        code(raw),
        spec(flat),
        gfn(domain.any("some_gfn")) {
    d.assume(gfn < Word(u64{1} << (P::ipa_bits - PAGE_SHIFT)));
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
  VmId<Word> vmid;
  spec::State<D, P> raw;   // raw tables, as the code leaves them through PTWalk's specification
  spec::State<D, P> flat;  // flat maps, as NPTWalk's specification leaves them
  NptWalk<PtWalkStandIn<D, P>> code;
  spec::NptWalk<D, P> spec;
  Word gfn;  // an arbitrary frame to look at

 private:
  static const spec::State<D, P>& with_invariants(spec::State<D, P>& state) {
    assume_table_invariants(state);
    return state;
  }

  void compare() {
    for (const Zone z : {Zone::pgd, Zone::pud, Zone::pmd}) {
      const Word zone(static_cast<u64>(z));
      d.prove("the bump pointers agree with the specification",
              raw.pt_next.read(vmid.raw, zone) == flat.pt_next.read(vmid.raw, zone));
    }
    d.prove("tstate agrees with the specification", raw.tstate == flat.tstate);
    auto now = image_of<spec::ReadNow>(raw);
    const Word vm = vmid.raw, i0 = gfn >> 27, i1 = gfn >> 18, region = gfn >> 9;
    d.prove("tables are present as specified",
            both(now.has_level1(vm, i0) == flat.pgd_t.read(vm, i0),
                 now.has_level2(vm, i1) == flat.pud_t.read(vm, i1),
                 now.has_level3(vm, region) == flat.pmd_t.read(vm, region)));
    d.prove("the leaf of every frame is as specified",
            both(now.block(vm, region) == flat.block.read(vm, region),
                 now.page(vm, gfn) == flat.page.read(vm, gfn)));
  }
};

}  // namespace redoubt::verify
