// SPDX-License-Identifier: BSD-3-Clause
// Theorems about NPTOps on the specifications of Locks and NPTWalk: one section each, its lock, its
// maintenance.
#pragma once
#include "core/npt/npt_ops.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/npt/npt_ops.hpp"
#include "tools/redoubt-verify/theorems/table_world.hpp"

namespace redoubt::verify {

// Locks and NPTWalk as NPTOps finds them below, with the machine's barriers and TLB invalidations as recorded
// steps.
template <ValueDomain D, class P>
class NptWalkStandIn : public spec::Locks<D, P, spec::NptWalk<D, P>> {
 public:
  using Base = spec::Locks<D, P, spec::NptWalk<D, P>>;
  using Base::Base;
  using typename Base::Ipa;
  using typename Base::VmId;
  using typename Base::Word;

  static bool seeded(Fault fault) { return ModelMachine<D, P>::seeded(fault); }
  void dsb_ishst() { step(spec::Step::dsb_ishst, Word(0), Word(0)); }
  void dsb_ish() { step(spec::Step::dsb_ish, Word(0), Word(0)); }
  void isb() { step(spec::Step::isb, Word(0), Word(0)); }
  void tlbi_ipas2e1is(VmId vmid, Ipa addr) { step(spec::Step::tlbi_ipas2e1is, vmid.raw, addr.raw); }
  void tlbi_vmalle1is(VmId vmid) { step(spec::Step::tlbi_vmalle1is, vmid.raw, Word(0)); }
  void tlbi_vmalls12e1is(VmId vmid) { step(spec::Step::tlbi_vmalls12e1is, vmid.raw, Word(0)); }

 private:
  void step(spec::Step kind, Word vmid, Word at) {
    if (this->s.halt) {
      return;
    }  // the machine stands still
    this->s.updates.add({0, vmid, at, Word(0), this->s.epoch, kind});
    if (kind == spec::Step::dsb_ishst || kind == spec::Step::dsb_ish) {
      ++this->s.epoch;
    }
  }
};

template <class P, ValueDomain D>
struct NptOpsTheorems {
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Descriptor = redoubt::Descriptor<Word>;
  using State = spec::State<D, P>;

  static void get_level_s2pt(D& d) {
    agree(d, [&](auto& layer, auto vmid, auto addr) { return layer.get_level_s2pt(vmid, addr); });
  }
  static void walk_s2pt(D& d) {
    agree(d, [&](auto& layer, auto vmid, auto addr) { return layer.walk_s2pt(vmid, addr).raw; });
  }
  static void map_s2pt(D& d) {
    const Descriptor pte(d.any("pte"));
    const Level level = leaf_level(d);
    agree(d, [&](auto& layer, auto vmid, auto addr) {
      layer.map_s2pt(vmid, addr, level, pte);
      return 0;
    });
  }
  static void try_map_s2pt(D& d) {
    const Descriptor pte(d.any("pte"));
    const Level level = d.any("no_level") == Word(1) ? Level::none : leaf_level(d);
    const Status status = agree(
        d, [&](auto& layer, auto vmid, auto addr) { return layer.try_map_s2pt(vmid, addr, level, pte); });
    cover(d, "refused", status, Status::invalid_parameter);
    cover(d, "mapped", status, Status::ok);
    cover(d, "unchanged", status, Status::unchanged);
    cover(d, "exists", status, Status::exists);
    cover(d, "no memory", status, Status::no_memory);
  }
  static void drop_block_s2pt(D& d) {
    const Status status =
        agree(d, [&](auto& layer, auto vmid, auto addr) { return layer.drop_block_s2pt(vmid, addr); });
    cover(d, "dropped", status, Status::ok);
    cover(d, "no block", status, Status::not_found);
    cover(d, "outside the IPA space", status, Status::invalid_parameter);
  }
  static void unmap_s2pt(D& d) {
    const Status status =
        agree(d, [&](auto& layer, auto vmid, auto addr) { return layer.unmap_s2pt(vmid, addr); });
    cover(d, "unmapped", status, Status::ok);
    cover(d, "nothing there", status, Status::not_found);
    cover(d, "a block is there", status, Status::exists);
    cover(d, "outside the IPA space", status, Status::invalid_parameter);
  }
  static void clear_pfn_host(D& d) {
    agree(d, [&](auto& layer, auto, auto addr) {
      layer.clear_pfn_host(Pfn<Word>(addr.raw));
      return 0;
    });
  }
  static void init_s2pt(D& d) {
    agree(d, [&](auto& layer, auto vmid, auto) {
      layer.init_s2pt(vmid);
      return 0;
    });
  }

 private:
  static Level leaf_level(D& d) { return d.any("level") == Word(2) ? Level::block : Level::page; }
  static void cover(D& d, std::string_view label, Status status, Status wanted) {
    d.cover(label, Bool(status == wanted));
  }

  // The same call on the specification and on the code; everything the next call could see must agree.
  template <class Call>
  static auto agree(D& d, Call call) {
    State expected(d, any_pool_base<P>(d));
    State actual = expected;
    const VmId<Word> vmid(d.any("vmid"));
    const Ipa<Word> addr(d.any("addr"));
    spec::NptOps<D, P> spec(expected);
    NptOps<NptWalkStandIn<D, P>> code(actual);
    const auto result = call(spec, vmid, addr);
    set_rely(d, Rely::obligation);
    const auto got = call(code, vmid, addr);
    set_rely(d, Rely::assumed);
    d.prove("the code stops exactly when the specification halts", Bool(expected.halt == actual.halt));
    d.cover("goes on", Bool(!expected.halt));
    if (expected.halt) {
      return result;
    }
    d.prove("the result agrees with the specification", Bool(got == result));
    compare_steps(d, expected, actual);
    compare_state(d, expected, actual);
    return result;
  }

  static void compare_steps(D& d, const State& expected, const State& actual) {
    d.prove("barriers and TLB invalidations are as many as specified",
            Bool(!actual.updates.overflow && actual.updates.size == expected.updates.size));
    for (std::size_t i = 0; i < expected.updates.size; ++i) {
      const auto& want = expected.updates.entries[i];
      const auto& have = actual.updates.entries[i];
      d.prove("barriers and TLB invalidations are the specified ones, in order",
              both(Bool(have.kind == want.kind), have.vmid == want.vmid, have.slot == want.slot));
    }
  }

  static void compare_state(D& d, const State& expected, const State& actual) {
    const Word vmid = d.any("some_vmid"), at = d.any("some_index");
    const auto same = [&](typename D::Map State::* map) {
      return (actual.*map).read(vmid, at) == (expected.*map).read(vmid, at);
    };
    d.prove("every lock is as specified", actual.lock.read(at, Word(0)) == expected.lock.read(at, Word(0)));
    d.prove("tstate agrees with the specification", actual.tstate == expected.tstate);
    d.prove("the bump pointers agree with the specification", same(&State::pt_next));
    d.prove("tables are present as specified",
            both(same(&State::pgd_t), same(&State::pud_t), same(&State::pmd_t)));
    d.prove("the leaf of every frame is as specified", both(same(&State::block), same(&State::page)));
  }
};

}  // namespace redoubt::verify
