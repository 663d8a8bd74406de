// SPDX-License-Identifier: BSD-3-Clause
// Every part of the abstract state, by name and frame bit: to compare two states at an arbitrary place, and
// to make a part arbitrary.
#pragma once
#include <string>
#include <utility>

#include "tools/redoubt-verify/theorems/whole_state.hpp"

namespace redoubt::verify {

// Of VM information the totals of pages, which is all that memory operations change of it.
inline constexpr registry::Fields kTotals = 1u << 31;

// Calls f(name, fields, map) for the maps of stage-2 tables, locks and ownership.
template <class S, class F>
void for_each_table_map(S& s, F f) {
  namespace field = registry::field;
  using Maps = std::initializer_list<std::pair<const char*, decltype(&s.block)>>;
  const auto all = [&](registry::Fields fields, Maps maps) {
    for (const auto& [name, map] : maps) {
      f(name, fields, *map);
    }
  };
  all(field::table, {{"root", &s.pt_vttbr_pool},
                     {"pgd", &s.pt_pgd_pool},
                     {"pud", &s.pt_pud_pool},
                     {"pmd", &s.pt_pmd_pool}});
  all(field::parents, {{"pgd_par", &s.pt_pgd_par}, {"pud_par", &s.pt_pud_par}, {"pmd_par", &s.pt_pmd_par}});
  all(field::map, {{"block", &s.block},
                   {"page", &s.page},
                   {"pgd_t", &s.pgd_t},
                   {"pud_t", &s.pud_t},
                   {"pmd_t", &s.pmd_t}});
  f("next", field::next, s.pt_next);
  f("lock", field::lock, s.lock);
  f("s2_owner", field::owner, s.s2_owner);
  f("s2_count", field::count, s.s2_count);
  f("s2_gfn", field::gfn, s.s2_gfn);
  all(field::none, {{"region", &s.regions}, {"host_device", &s.host_device}});
}

// The same for tables of SMMUs, records, contents, CPU and tapes.
// long: a table
template <class S, class F>
void for_each_other_map(S& s, F f) {
  namespace field = registry::field;
  auto& t = s.smmu;
  for (const auto& [name, map] : {std::pair{"spt_root", &t.spt_vttbr_pool},
                                  {"spt_pgd", &t.spt_pgd_pool},
                                  {"spt_pmd", &t.spt_pmd_pool},
                                  {"spt_next", &t.spt_next},
                                  {"spt_taker", &t.spt_taker},
                                  {"spt_taken_in", &t.spt_taken_in},
                                  {"spt_generation", &t.spt_generation},
                                  {"spt_pgd_par", &t.spt_pgd_par},
                                  {"spt_pmd_par", &t.spt_pmd_par},
                                  {"spt_pt", &t.spt_pt},
                                  {"spt_pgd_t", &t.spt_pgd_t},
                                  {"spt_pmd_t", &t.spt_pmd_t},
                                  {"spt_used", &t.spt_used},
                                  {"spt_free", &t.spt_free},
                                  {"smmu_vmid", &t.smmu_vmid}}) {
    f(name, field::smmu, *map);
  }
  f("data_log", field::oracle, s.oracles.data_log);
  f("core_data_log", field::oracle, s.oracles.core_data_log);
  f("doracle", field::none, s.oracles.doracle);
  f("core_doracle", field::none, s.oracles.core_doracle);
  using Records = std::remove_cvref_t<decltype(s.records)>;
  for (const auto& named : Records::kMaps) {
    const registry::Fields fields = named.name == "vm_total" ? field::vm | kTotals : field::vm;
    f(std::string(named.name).c_str(), fields, s.records.*named.map);
  }
  auto& c = s.content;
  for (const auto& [name, map] :
       {std::pair{"contents", &c.contents}, {"hashed", &c.hashed}, {"mailbox", &c.mailbox}}) {
    f(name, field::memory, *map);
  }
  for (const auto& [name, map] : {std::pair{"next_version", &c.next_version},
                                  {"version", &c.version},
                                  {"sealed_plain", &c.sealed_plain},
                                  {"sealed_text", &c.sealed_text},
                                  {"sealed_tag", &c.sealed_tag}}) {
    f(name, field::seals, *map);
  }
  using Cpu = std::remove_cvref_t<decltype(s.cpu)>;
  Cpu::for_each_map([&](spec::CpuPart part, std::string_view name, auto map) {
    f(std::string(name).c_str(), field_of(part), s.cpu.*map);
  });
}

// Every word beside the maps.
template <class S, class F>
void for_each_word(S& s, F f) {
  namespace field = registry::field;
  f("tstate", field::tstate, s.tstate);
  f("page_count", field::none, s.page_count);
  f("region_cnt", field::none, s.region_cnt);
  f("smmu_num", field::none, s.smmu.smmu_num);
  f("mailboxes", field::none, s.records.mailboxes);
  using Records = std::remove_cvref_t<decltype(s.records)>;
  for (const auto& named : Records::kWords) {
    f(std::string(named.name).c_str(), field::core, s.records.*named.word);
  }
  using Cpu = std::remove_cvref_t<decltype(s.cpu)>;
  Cpu::for_each_word([&](spec::CpuPart part, std::string_view name, auto word) {
    f(std::string(name).c_str(), field_of(part), s.cpu.*word);
  });
}

// Every part as a word, at the place (k0, k1).
template <ValueDomain D, class P>
std::vector<Part<typename D::Word>> abstract_parts(spec::State<D, P>& s, const typename D::Word& k0,
                                                   const typename D::Word& k1) {
  std::vector<Part<typename D::Word>> parts;
  const auto of_map = [&](const char* name, registry::Fields fields, auto& map) {
    parts.push_back({name, fields, map.read(k0, k1)});
  };
  for_each_table_map(s, of_map);
  for_each_other_map(s, of_map);
  for_each_word(s, [&](const char* name, registry::Fields fields, auto& word) {
    parts.push_back({name, fields, word});
  });
  return parts;
}

// Makes the parts that `changes` names arbitrary; `suffix` makes their names unique.
template <ValueDomain D, class P>
void make_arbitrary(spec::State<D, P>& s, registry::Fields changes, const std::string& suffix) {
  D& d = *s.d;
  const auto of_map = [&](const char* name, registry::Fields fields, auto& map) {
    if ((fields & changes) != 0) {
      map = typename D::Map(d, name + suffix);
    }
  };
  for_each_table_map(s, of_map);
  for_each_other_map(s, of_map);
  for_each_word(s, [&](const char* name, registry::Fields fields, auto& word) {
    if ((fields & changes) != 0) {
      word = d.any(name + suffix);
    }
  });
  if ((changes & registry::field::updates) != 0) {
    s.updates = {};
    s.epoch = 0;
  }
}

// Do two states agree at an arbitrary place of every part?
template <ValueDomain D, class P>
void prove_equal(D& d, spec::State<D, P>& one, spec::State<D, P>& other, const std::string& when) {
  const auto k0 = d.any("some_row"), k1 = d.any("some_column");
  const auto a = abstract_parts(one, k0, k1), b = abstract_parts(other, k0, k1);
  for (std::size_t i = 0; i < a.size(); ++i) {
    d.prove(a[i].name + when, a[i].value == b[i].value);
  }
}

// Did both take the same steps, since the last sealed call that takes some?
template <ValueDomain D, class P>
void prove_same_steps(D& d, const spec::State<D, P>& expected, const spec::State<D, P>& actual) {
  using Bool = typename D::Bool;
  const auto &want = expected.updates, &have = actual.updates;
  d.prove("every step of the specification is taken, and no other",
          Bool(!want.overflow && !have.overflow && want.size == have.size));
  for (std::size_t i = 0; i < want.size; ++i) {
    const auto &one = want.entries.at(i), &other = have.entries.at(i);
    d.prove("stores, barriers and invalidations are the specified ones, in order",
            both(Bool(one.kind == other.kind && one.epoch == other.epoch), one.vmid == other.vmid,
                 one.slot == other.slot, one.value == other.value));
  }
}

}  // namespace redoubt::verify
