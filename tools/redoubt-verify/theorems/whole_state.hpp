// SPDX-License-Identifier: BSD-3-Clause
// Any two of: abstract state, state of the model machine. They agree if every part agrees at an arbitrary
// place.
#pragma once
#include <string>

#include "core/registry/primitive.hpp"
#include "machine/model/model_machine.hpp"
#include "machine/model/steps.hpp"
#include "tools/redoubt-verify/theorems/table_world.hpp"

namespace redoubt::verify {

// Assumes of every cell that is looked at what its packed form relies on: INV-PAGE-1 to 3, stamps of SMMU
// tables. `state` must be the one that copies and machines are made of.
template <ValueDomain D, class P>
void assume_packed_values(spec::State<D, P>& state) {
  using W = typename D::Word;
  D& d = *state.d;
  state.s2_owner.on_first_read(
      [&d](W, W, W owner) { d.assume(either(owner <= W(COREVISOR), owner == W(INVALID))); });
  state.s2_count.on_first_read([&d](W, W, W count) { d.assume(count <= W(1)); });
  state.s2_dma.on_first_read([&d](W, W, W dma) { d.assume(dma <= W(1)); });
  state.s2_gfn.on_first_read(
      [&d](W, W, W gfn) { d.assume(either(gfn <= W(PageState::kMaxGfn), gfn == W(INVALID64))); });
  state.smmu.spt_taker.on_first_read([&d](W, W, W bank) { d.assume(bank <= W(EL2_SMMU_CFG_SIZE)); });
  state.smmu.spt_taken_in.on_first_read(
      [&d](W, W, W generation) { d.assume(generation <= W(TableStamp::Generation::max)); });
  d.assume(state.tstate <= W(1));
}

// What of the state belongs to a part of the CPU's.
constexpr registry::Fields field_of(spec::CpuPart part) {
  namespace field = registry::field;
  switch (part) {
    case spec::CpuPart::shadow:
      return field::shadow;
    case spec::CpuPart::registers:
      return field::hw;
    case spec::CpuPart::loaded:
      return field::per_cpu;
    case spec::CpuPart::shown:
      return field::shown;
    case spec::CpuPart::devices:
      return field::mmio;
    case spec::CpuPart::guest:
      return field::guest;
    case spec::CpuPart::constant:
      break;
  }
  return field::none;  // nothing may change it
}

// Calls f(text, fields, value) for each part of CPU and vCPUs, as abstract state and machine both keep it.
template <class Cpu, class Oracles, class W, class F>
void for_each_cpu_part(Cpu& cpu, Oracles& oracles, W k0, W k1, F f) {
  using State = std::remove_cvref_t<Cpu>;
  State::for_each_map([&](spec::CpuPart part, std::string_view name, auto map) {
    f(std::string(name).c_str(), field_of(part), (cpu.*map).read(k0, k1));
  });
  State::for_each_word([&](spec::CpuPart part, std::string_view name, auto word) {
    f(std::string(name).c_str(), field_of(part), cpu.*word);
  });
  f("the data read", registry::field::oracle, oracles.data_log.read(k0, W(0)));
  f("the core data read", registry::field::oracle, oracles.core_data_log.read(k0, W(0)));
}

// The same for core data, VM information, pages, mailboxes and versions of seals. What seals are is a ghost.
template <class Records, class Content, class W, class F>
void for_each_record_part(const Records& records, const Content& content, const W& k0, const W& k1, F f) {
  for (const auto& named : Records::kWords) {
    f(std::string(named.name).c_str(), registry::field::core, records.*named.word);
  }
  for (const auto& named : Records::kMaps) {
    f(std::string(named.name).c_str(), registry::field::vm, (records.*named.map).read(k0, k1));
  }
  for (const auto& named : Content::kMaps) {
    const registry::Fields fields = named.of_seals ? registry::field::seals : registry::field::memory;
    f(named.of_seals ? "a version of seals" : "memory", fields, (content.*named.map).read(k0, k1));
  }
}

// Assumes INV-CPU-1 and 2: what is loaded is a vCPU, or this CPU on behalf of host or core.
template <ValueDomain D, class P>
void assume_cpu(spec::State<D, P>& state) {
  using W = typename D::Word;
  const auto& cpu = state.cpu;
  state.d->assume(both(cpu.curid < W(TOTAL_CPU), cpu.cur_vmid <= W(COREVISOR), cpu.cur_vcpuid < W(8)));
}

// An arbitrary place of every part of the state, by name. Flat table memory is looked at only if `changes`
// names it: that takes a path for each zone.
template <ValueDomain D, class P>
struct Places {
  using Word = typename D::Word;

  Places(D& d, const spec::State<D, P>& state, registry::Fields changes)
      : tables((changes & registry::field::table) != 0),
        smmu_tables((changes & registry::field::smmu) != 0),
        vmid(any_principal(d, "some_vmid").raw),
        slot(d.any("some_slot")),
        index(d.any("some_index")),
        lock(d.any("some_lock")),
        spt_slot(d.any("some_spt_slot")) {
    const auto spt = spec::spt_bounds<P>(state.pool_base);
    d.assume(both(in_pool_of(state, vmid, slot), (slot & Word(7)) == Word(0)));
    d.assume(both(spt.roots <= spt_slot, spt_slot < spt.end, (spt_slot & Word(7)) == Word(0)));
  }

  bool tables, smmu_tables;
  Word vmid, slot, index, lock, spt_slot;
};

// Calls f(text, fields, the part of this state) for each part that the machine keeps too. Parts of the
// specification only, as ghosts and flat maps, are the layers' own.
template <ValueDomain D, class P, class F>
void for_each_part(spec::State<D, P>& s, const Places<D, P>& at, F f) {
  using W = typename D::Word;
  namespace field = registry::field;
  const W zero(0);
  if (at.tables) {
    f("table memory", field::table, flat_memory(s, at.vmid, at.slot));
  }
  for (const Zone z : {Zone::pgd, Zone::pud, Zone::pmd}) {
    f("the bump pointers", field::next, s.pt_next.read(at.vmid, W(static_cast<u64>(z))));
  }
  f("every lock", field::lock, s.lock.read(at.lock, zero));
  f("tstate", field::tstate, s.tstate);
  f("every page's owner", field::owner, s.s2_owner.read(at.index, zero));
  f("every page's share count", field::count, s.s2_count.read(at.index, zero));
  f("every page's guest frame", field::gfn, s.s2_gfn.read(at.index, zero));
  f("every page's use by devices", field::dma, s.s2_dma.read(at.index, zero));
  if (at.smmu_tables) {
    const auto spt = spec::spt_bounds<P>(s.pool_base);
    const W table = select(at.spt_slot < spt.pmd, s.smmu.spt_pgd_pool.read(zero, at.spt_slot),
                           s.smmu.spt_pmd_pool.read(zero, at.spt_slot));
    f("SMMU table memory", field::smmu,
      select(at.spt_slot < spt.pgd, s.smmu.spt_vttbr_pool.read(zero, at.spt_slot), table));
  }
  for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
    f("the SMMU bump pointers", field::smmu, s.smmu.spt_next.read(W(static_cast<u64>(z)), zero));
  }
  f("every bank's owner", field::smmu, s.smmu.smmu_vmid.read(at.index, zero));
  f("every bank's generation", field::smmu, s.smmu.spt_generation.read(at.index, zero));
  f("every table stamp", field::smmu,
    TableStamp::BankPlusOne::put(s.smmu.spt_taker.read(zero, at.spt_slot)) |
        TableStamp::Generation::put(s.smmu.spt_taken_in.read(zero, at.spt_slot)));
  for_each_cpu_part(s.cpu, s.oracles, at.index, at.lock, f);
  for_each_record_part(s.records, s.content, at.index, at.lock, f);
}

// The same parts of a machine, in the same order.
template <ValueDomain D, class P, class F>
void for_each_part(ModelMachine<D, P>& m, const Places<D, P>& at, F f) {
  using W = typename D::Word;
  if (at.tables) {
    f(m.memory(at.vmid, at.slot));
  }
  for (const Zone z : {Zone::pgd, Zone::pud, Zone::pmd}) {
    f(m.next(z, VmId<W>(at.vmid)).raw);
  }
  f(m.lock_status(at.lock));
  f(m.tstate());
  const W page = m.page_load(PageIndex<W>(at.index)), owner = PageState::Owner::get(page);
  f(select(owner == W(PageState::kNobody), W(INVALID), owner));
  f(PageState::Count::get(page));
  f(PageState::GfnPlusOne::get(page) - W(1));
  f(PageState::DmaAssigned::get(page));
  if (at.smmu_tables) {
    f(m.spt_memory(at.spt_slot));
  }
  for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
    f(m.spt_next(z).raw);
  }
  f(m.smmu_vmid(SmmuBank<W>(at.index)));
  f(m.spt_generation(SmmuBank<W>(at.index)));
  f(m.spt_stamp(Pa<W>(at.spt_slot)));
  for_each_cpu_part(m.cpu(), m.oracles(), at.index, at.lock,
                    [&](const char*, registry::Fields, const W& value) { f(value); });
  for_each_record_part(m.records(), m.content(), at.index, at.lock,
                       [&](const char*, registry::Fields, const W& value) { f(value); });
}

template <class W>
struct Part {
  std::string name;
  registry::Fields fields;
  W value;
};

template <ValueDomain D, class P>
std::vector<Part<typename D::Word>> parts_of(spec::State<D, P>& s, const Places<D, P>& at) {
  std::vector<Part<typename D::Word>> parts;
  for_each_part(s, at, [&](const char* name, registry::Fields fields, const typename D::Word& value) {
    parts.push_back({name, fields, value});
  });
  return parts;
}

// Proves that the machine is in the state that `after` describes.
template <ValueDomain D, class P>
void prove_same(D& d, spec::State<D, P>& after, ModelMachine<D, P>& machine, const Places<D, P>& at) {
  const auto expected = parts_of(after, at);
  std::size_t i = 0;
  for_each_part(machine, at, [&](const typename D::Word& value) {
    const auto& part = expected.at(i++);
    d.prove(part.name + " agrees with the specification", value == part.value);
  });
  for (const auto& event : machine.events()) {
    const bool smmu = event.kind == EventKind::spt_store || event.kind == EventKind::spt_zero;
    d.prove("tables change only where the frame names them",
            typename D::Bool((at.tables || event.kind != EventKind::pt_store) && (at.smmu_tables || !smmu)));
  }
}

// The raw pools of both kinds of tables, of the specification alone.
template <ValueDomain D, class P>
void prove_pools_stay(D& d, const spec::State<D, P>& before, const spec::State<D, P>& after,
                      const Places<D, P>& at) {
  using W = typename D::Word;
  using S = spec::State<D, P>;
  using M = spec::SmmuState<D>;
  for (auto pool : {&S::pt_vttbr_pool, &S::pt_pgd_pool, &S::pt_pud_pool, &S::pt_pmd_pool}) {
    d.prove("frame: stage-2 tables stay as they were",
            either(typename D::Bool(at.tables),
                   (after.*pool).read(at.vmid, at.slot) == (before.*pool).read(at.vmid, at.slot)));
  }
  for (auto pool : {&M::spt_vttbr_pool, &M::spt_pgd_pool, &M::spt_pmd_pool}) {
    const auto now = (after.smmu.*pool).read(W(0), at.spt_slot),
               old = (before.smmu.*pool).read(W(0), at.spt_slot);
    d.prove("frame: SMMU tables stay as they were", either(typename D::Bool(at.smmu_tables), now == old));
  }
}

// Proves that `after` is `before` but for `changes`; covers that something there does change.
template <ValueDomain D, class P>
void prove_frame(D& d, spec::State<D, P>& before, spec::State<D, P>& after, const Places<D, P>& at,
                 registry::Fields changes) {
  const auto old = parts_of(before, at), now = parts_of(after, at);
  prove_pools_stay(d, before, after, at);
  typename D::Bool changed(before.updates.size != after.updates.size || after.halt);
  for (std::size_t i = 0; i < old.size(); ++i) {
    const auto same = now[i].value == old[i].value;
    if ((old[i].fields & changes) == 0) {
      d.prove("frame: " + old[i].name + " stays as it was", same);
    } else {
      changed = either(changed, negation(same));
    }
  }
  if (changes != registry::field::none) {
    d.cover("changes something", changed);
  }
}

// The machine's stores, barriers and invalidations are the specification's steps, in order.
template <ValueDomain D, class P>
void prove_steps(D& d, const spec::State<D, P>& after, const ModelMachine<D, P>& machine) {
  using B = typename D::Bool;
  const auto& steps = after.updates;
  d.prove("the list of steps has room for every step", B(!steps.overflow));
  std::size_t n = 0;
  for (const auto& event : machine.events()) {
    if (!is_step(event.kind)) {
      continue;
    }
    d.prove("there is no step beyond the specification's", B(n < steps.size));
    const auto& step = steps.entries.at(n++);
    const auto value = event.kind == EventKind::spt_zero ? typename D::Word(0) : event.value;
    d.prove("stores, barriers and invalidations are the specified ones, in order",
            both(B(step_of(event.kind) == step.kind && event.epoch == step.epoch), event.who == step.vmid,
                 event.at == step.slot, value == step.value));
  }
  d.prove("every step of the specification is taken", B(n == steps.size));
}

}  // namespace redoubt::verify
