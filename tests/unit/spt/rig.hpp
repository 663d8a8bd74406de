// SPDX-License-Identifier: BSD-3-Clause
// Three views of the SMMU tables side by side: the code on the model machine, the raw and the flat
// specification.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "core/tower.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/spt/mmio_pt_walk.hpp"
#include "spec/spt/mmio_spt_ops.hpp"
#include "spec/spt/relation.hpp"

namespace redoubt::test {

// Zones of three and five pages, so that they are used up within a few steps.
struct SmallParams : ModelParams {
  static constexpr std::string_view name = "small";
  static constexpr SmmuShape smmu{0x24000, 0x27000, 0x2c000};  // four pages of roots that no bank uses
};
struct SmallBoardParams : QemuVirtParams {
  static constexpr std::string_view name = "small board";
  static constexpr SmmuShape smmu{0x20000, 0x23000, 0x28000};
};
static_assert(coherent_smmu<SmallParams>() && coherent_smmu<SmallBoardParams>());

template <class P>
using Machine = ModelMachine<Concrete, P>;
template <class P>
using State = spec::State<Concrete, P>;
template <class P>
using CodeOps = tower::MmioSptOpsLayer<Machine<P>>;
// The code of layers 11 and 12 on the specification of layer 10.
template <class P>
using RawOps = MmioSptOps<MmioSptWalk<spec::Locks<Concrete, P, spec::MmioPtWalk<Concrete, P>>>>;
template <class P>
using FlatOps = spec::MmioSptOps<Concrete, P>;

using Cb = ContextBank<u64>;
using Ix = SmmuIndex<u64>;
using Io = Iova<u64>;
using Desc = Descriptor<u64>;

// Boot: pools zero, bump pointers at the zone starts, nothing taken. SMMU 0 has 8 banks, SMMU 1 has 5.
template <class P>
State<P> boot(Concrete& d) {
  State<P> s(d, P::pool_base);
  const auto b = spec::spt_bounds<P>(s.pool_base);
  s.smmu.spt_next.write(0, 0, b.pgd);
  s.smmu.spt_next.write(1, 0, b.pmd);
  s.smmu.spt_free.write(0, 0, (b.pmd - b.pgd) / PAGE_SIZE);
  s.smmu.spt_free.write(1, 0, (b.end - b.pmd) / PAGE_SIZE);
  s.smmu.smmu_num = 2;
  for (const u64 smmu : {0u, 1u}) {
    s.smmu.smmu_conf.write(smmu, spec::SMMU_CONF_BANKS, smmu == 0 ? 8 : 5);
    s.smmu.smmu_conf.write(smmu, spec::SMMU_CONF_SIZE, u64{0x20000} << smmu);
    s.smmu.smmu_conf.write(smmu, spec::SMMU_CONF_BASE, 0x9050000 + (smmu << 20));
  }
  s.tstate = 1;
  return s;
}

// What a call did: a result, stuck or halt.
struct Outcome {
  enum Kind { value, stuck, halt } kind = value;
  u64 result = 0;
  std::string why;
  friend bool operator==(const Outcome& a, const Outcome& b) {
    return a.kind == b.kind && a.result == b.result;
  }
};
template <class Call>
Outcome outcome_of(Call call) {
  try {
    return {Outcome::value, static_cast<u64>(call()), {}};
  } catch (const Stuck& e) {
    return {Outcome::stuck, 0, e.what()};
  } catch (const Refuted& e) {
    return {Outcome::stuck, 0, e.what()};
  } catch (const Halt& e) {
    return {Outcome::halt, 0, e.what()};
  }
}

template <class P>
struct Rig {
  Concrete d;
  State<P> raw_state, flat_state;
  std::unique_ptr<Machine<P>> machine;
  CodeOps<P> code;
  RawOps<P> raw;
  FlatOps<P> flat;

  Rig() : Rig(std::nullopt) {}
  // From a raw state; the flat one stays empty.
  explicit Rig(std::optional<State<P>> from)
      : raw_state(from ? *from : boot<P>(d)),
        flat_state(boot<P>(d)),
        machine(std::make_unique<Machine<P>>(d, raw_state)),
        code(*machine),
        raw(raw_state),
        flat(flat_state) {}

  // First difference between the machine's memory and records and the raw state.
  std::optional<std::string> compare_raw() {
    const auto b = spec::spt_bounds<P>(raw_state.pool_base);
    auto& s = raw_state.smmu;
    for (u64 at = b.roots; at < b.end; at += 8) {
      auto& pool = at < b.pgd ? s.spt_vttbr_pool : at < b.pmd ? s.spt_pgd_pool : s.spt_pmd_pool;
      if (machine->spt_memory(at) != pool.read(0, at)) {
        return "memory differs from the specification at " + std::to_string(at);
      }
    }
    for (u64 page = b.pgd; page < b.end; page += PAGE_SIZE) {
      if (machine->spt_stamp(Pa<u64>(page)) !=
          (s.spt_taker.read(0, page) | s.spt_taken_in.read(0, page) << 8)) {
        return "stamp differs at " + std::to_string(page);
      }
    }
    for (u64 bank = 0; bank < EL2_SMMU_CFG_SIZE; ++bank) {
      if (machine->spt_generation(SmmuBank<u64>(bank)) != s.spt_generation.read(bank, 0)) {
        return "generation differs of bank " + std::to_string(bank);
      }
    }
    for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
      if (machine->spt_next(z).raw != s.spt_next.read(static_cast<u64>(z), 0)) {
        return "bump pointer differs";
      }
    }
    return std::nullopt;
  }

  // INV-SPT-1 to 8 and the relation between flat and raw.
  std::optional<std::string> check_invariants() {
    spec::SptInvariants<spec::ReadNow, Concrete, P> inv(raw_state);
    const auto b = spec::spt_bounds<P>(raw_state.pool_base);
    for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
      if (!inv.bump_pointer(z)) {
        return "INV-SPT-1";
      }
    }
    for (u64 at = b.roots; at < b.end; at += 8) {
      if (!inv.fresh_is_zero(at < b.pmd ? SmmuZone::pgd : SmmuZone::pmd, at)) {
        return "INV-SPT-2";
      }
      if (at >= b.pgd && !inv.stamp_reached(at & ~u64{0xfff})) {
        return "INV-SPT-3";
      }
      if (at < b.pgd ? !inv.root_linked(at) : at < b.pmd && !inv.table_linked(at)) {
        return "INV-SPT-4";
      }
      if (!inv.spare_roots_zero(at)) {
        return "INV-SPT-6";
      }
    }
    return check_parents(inv);
  }

  // INV-SPT-7, 8: pages add up, and tables present are pages used.
  std::optional<std::string> check_counts() {
    spec::SptRelation<Concrete, P> relation(flat_state, raw_state);
    auto& s = flat_state.smmu;
    constexpr u64 zones[] = {(P::smmu.pmd_offset - P::smmu.pgd_offset) / PAGE_SIZE,
                             (P::smmu.size - P::smmu.pmd_offset) / PAGE_SIZE};
    for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
      u64 all = s.spt_free.read(static_cast<u64>(z), 0);
      for (u64 bank = 0; bank < EL2_SMMU_CFG_SIZE; ++bank) {
        all += s.spt_used.read(bank, static_cast<u64>(z));
        if (!relation.used_pages(bank, z)) {
          return "used pages differ between flat and raw";
        }
      }
      if (all != zones[static_cast<u64>(z)] || !relation.free_pages(z)) {
        return "INV-SPT-7";
      }
    }
    for (u64 bank = 0; bank < EL2_SMMU_CFG_SIZE; ++bank) {
      u64 roots = 0;
      for (u64 i = 0; i < PTRS_PER_S2_PGD; ++i) {
        roots += s.spt_pgd_t.read(bank, i * 8);
      }
      if (roots != s.spt_used.read(bank, 0)) {
        return "INV-SPT-8";
      }
    }
    return std::nullopt;
  }

  std::optional<std::string> check_leaf(u64 bank, u64 iova) {
    spec::SptRelation<Concrete, P> relation(flat_state, raw_state);
    return relation.leaf(bank, iova) ? std::nullopt
                                     : std::optional<std::string>("flat and raw differ at a leaf");
  }

 private:
  // INV-SPT-5 said directly: no live table page has two links.
  std::optional<std::string> check_parents(spec::SptInvariants<spec::ReadNow, Concrete, P>& inv) {
    const auto b = spec::spt_bounds<P>(raw_state.pool_base);
    std::set<u64> linked;
    for (u64 at = b.roots; at < b.pmd; at += 8) {
      if (at >= b.pgd && !inv.live(at & ~u64{0xfff})) {
        continue;
      }
      const u64 entry =
          (at < b.pgd ? raw_state.smmu.spt_vttbr_pool : raw_state.smmu.spt_pgd_pool).read(0, at);
      if (entry != 0 && !linked.insert(entry).second) {
        return "INV-SPT-5";
      }
    }
    return std::nullopt;
  }
};

}  // namespace redoubt::test
