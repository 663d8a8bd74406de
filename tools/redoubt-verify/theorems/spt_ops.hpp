// SPDX-License-Identifier: BSD-3-Clause
// Theorems about MmioSPTOps on the specifications of Locks and MmioSPTWalk: one section each, its lock, its
// maintenance.
#pragma once
#include "core/spt/mmio_spt_ops.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/spt/mmio_spt_ops.hpp"
#include "tools/redoubt-verify/theorems/spt_tables.hpp"

namespace redoubt::verify {

// Locks and MmioSPTWalk as MmioSPTOps finds them below; barriers and invalidations are recorded steps.
template <ValueDomain D, class P>
class MmioSptWalkStandIn : public spec::Locks<D, P, spec::MmioSptWalk<D, P>> {
 public:
  using spec::Locks<D, P, spec::MmioSptWalk<D, P>>::Locks;
  static bool seeded(Fault fault) { return ModelMachine<D, P>::seeded(fault); }
};

template <class P, ValueDomain D>
struct SptOpsTheorems {
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Descriptor = redoubt::Descriptor<Word>;
  using State = spec::State<D, P>;
  using Code = MmioSptOps<MmioSptWalkStandIn<D, P>>;
  using Spec = spec::MmioSptOps<D, P>;

  static void init_spt(D& d) {
    agree(d, [](auto& layer, auto cbndx, auto index, auto) {
      layer.init_spt(cbndx, index);
      return 0;
    });
  }
  static void walk_spt(D& d) {
    agree(d, [](auto& layer, auto cbndx, auto index, auto addr) {
      return layer.walk_spt(cbndx, index, addr).raw;
    });
  }
  static void is_mapped_spt(D& d) {
    const Pfn<Word> pfn(d.any("pfn"));
    const Bool found = agree(d, [&](auto& layer, auto, auto, auto addr) {
                         return select(layer.is_mapped_spt(addr, pfn), Word(1), Word(0));
                       }) == Word(1);
    d.cover("mapped", found);
    d.cover("mapped nowhere", negation(found));
  }
  static void map_spt(D& d) {
    const Descriptor pte(d.any("pte"));
    agree(d, [&](auto& layer, auto cbndx, auto index, auto addr) {
      layer.map_spt(cbndx, index, addr, pte);
      return 0;
    });
  }
  static void unmap_spt(D& d) {
    const Word old = agree(d, [](auto& layer, auto cbndx, auto index, auto addr) {
      return layer.unmap_spt(cbndx, index, addr).raw;
    });
    d.cover("unmapped", old != Word(0));
    d.cover("nothing there", old == Word(0));
  }
  static void try_map_spt(D& d) {
    const Descriptor pte(d.any("pte"));
    const Status status = agree(d, [&](auto& layer, auto cbndx, auto index, auto addr) {
      return layer.try_map_spt(cbndx, index, addr, pte);
    });
    cover(d, "mapped", status, Status::ok);
    cover(d, "exists", status, Status::exists);
    cover(d, "no memory", status, Status::no_memory);
    cover(d, "refused", status, Status::invalid_parameter);
  }
  static void try_unmap_spt(D& d) {
    const Status status = agree(d, [](auto& layer, auto cbndx, auto index, auto addr) {
      return layer.try_unmap_spt(cbndx, index, addr);
    });
    cover(d, "unmapped", status, Status::ok);
    cover(d, "nothing there", status, Status::not_found);
    cover(d, "refused", status, Status::invalid_parameter);
  }
  static void try_init_spt(D& d) {
    const Status status =
        agree(d, [](auto& layer, auto cbndx, auto index, auto) { return layer.try_init_spt(cbndx, index); });
    cover(d, "emptied", status, Status::ok);
    cover(d, "refused", status, Status::invalid_parameter);
  }

  // The one place that makes leaves: as specified, accepted by try_map_spt, naming that frame and no other.
  static void spt_leaf(D& d) {
    const Pfn<Word> pfn(d.any("pfn"));
    d.assume(pfn.raw < Word(u64{1} << 36));
    for (const DmaAccess access : {DmaAccess::read, DmaAccess::write, DmaAccess::read_write}) {
      for (const DmaMemory memory : {DmaMemory::device, DmaMemory::non_cacheable, DmaMemory::write_back}) {
        const Word leaf = Code::spt_leaf(pfn, access, memory).raw;
        d.prove("the leaf is as specified",
                leaf == Spec::spt_leaf(pfn, static_cast<u64>(access), static_cast<u64>(memory)).raw);
        d.prove("it has access flag and inner shareability, and is a page (W14)",
                (leaf & Word(0x703)) == Word(0x703));
        d.prove("it names the frame", Stage2Leaf::OutputAddress::get(leaf) == pfn.raw);
        d.prove("it is never executable, and has the access and memory asked for",
                both(Stage2Leaf::ExecuteNever::get(leaf) == Word(2),
                     Stage2Leaf::S2Ap::get(leaf) == Word(static_cast<u64>(access)),
                     Stage2Leaf::MemAttr::get(leaf) == Word(static_cast<u64>(memory))));
      }
    }
    d.cover("the last frame", pfn.raw == Word((u64{1} << 36) - 1));
  }

 private:
  static void cover(D& d, std::string_view label, Status status, Status wanted) {
    d.cover(label, Bool(status == wanted));
  }

  // The same call on the specification and on the code; everything the next call could see must agree.
  template <class Call>
  static auto agree(D& d, Call call) {
    State expected(d, any_pool_base_below_smmu<P>(d));
    State actual = expected;
    const ContextBank<Word> cbndx(d.any("cbndx"));
    const SmmuIndex<Word> index(d.any("index"));
    const Iova<Word> addr(d.any("addr"));
    Spec spec(expected);
    Code code(actual);
    const auto result = call(spec, cbndx, index, addr);
    set_rely(d, Rely::obligation);
    auto got = result;
    bool ran = true;
    try {
      got = call(code, cbndx, index, addr);
    } catch (const Halt&) {
      ran = false;
    }
    set_rely(d, Rely::assumed);
    d.prove("the code stops exactly when the specification halts",
            Bool(expected.halt == (actual.halt || !ran)));
    d.cover("goes on", Bool(!expected.halt));
    d.cover("stops", Bool(expected.halt));
    if (expected.halt) {
      return result;
    }
    d.prove("the result agrees with the specification", Bool(got == result));
    compare_steps(d, expected, actual);
    compare_state(d, expected, actual);
    return result;
  }

  static void compare_steps(D& d, const State& expected, const State& actual) {
    d.prove("barriers and invalidations are as many as specified",
            Bool(!actual.updates.overflow && actual.updates.size == expected.updates.size));
    for (std::size_t i = 0; i < expected.updates.size; ++i) {
      const auto& want = expected.updates.entries[i];
      const auto& have = actual.updates.entries[i];
      d.prove("barriers and invalidations are the specified ones, in order",
              both(Bool(have.kind == want.kind && have.epoch == want.epoch), have.vmid == want.vmid,
                   have.slot == want.slot, have.value == want.value));
    }
  }

  static void compare_state(D& d, const State& expected, const State& actual) {
    const Word bank = d.any("some_bank"), at = d.any("some_index");
    using Smmu = spec::SmmuState<D>;
    const auto same = [&](typename D::Map Smmu::* map) {
      return (actual.smmu.*map).read(bank, at) == (expected.smmu.*map).read(bank, at);
    };
    d.prove("every lock is as specified", actual.lock.read(at, Word(0)) == expected.lock.read(at, Word(0)));
    d.prove("tstate agrees with the specification", actual.tstate == expected.tstate);
    d.prove("tables are present as specified", both(same(&Smmu::spt_pgd_t), same(&Smmu::spt_pmd_t)));
    d.prove("the leaf of every frame of every bank is as specified", same(&Smmu::spt_pt));
    d.prove("free and used table pages are as specified", both(same(&Smmu::spt_free), same(&Smmu::spt_used)));
    d.prove("no bank changes its owner", same(&Smmu::smmu_vmid));
  }
};

}  // namespace redoubt::verify
