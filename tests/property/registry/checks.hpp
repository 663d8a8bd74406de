// SPDX-License-Identifier: BSD-3-Clause
// The checks E2 and E4 to E8 of one primitive on one random case, and E11's account of what the cases
// reached.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "core/registry/guard.hpp"
#include "tests/property/registry/arguments.hpp"
#include "tests/property/registry/outcome.hpp"
#include "tests/property/registry/vcpu_world.hpp"

namespace redoubt::test {

// How often each kind of case came up, for one primitive.
struct Account {
  std::map<std::string, unsigned> reached;
  unsigned& operator[](const std::string& what) { return reached[what]; }
  [[nodiscard]] unsigned at(const std::string& what) const {
    const auto found = reached.find(what);
    return found == reached.end() ? 0 : found->second;
  }
};

// Which lock object the row's lock column names, for a subject. FLATMEM_ID: none.
inline u64 lock_named(std::string_view column, u64 vmid) {
  if (column.find("pt(v)") != std::string_view::npos) {
    return NPT_ID + vmid;
  }
  if (column.find("vm(v)") != std::string_view::npos) {
    return INFO_ID + vmid;
  }
  if (column.find("s2page") != std::string_view::npos) {
    return S2PAGE_ID;
  }
  if (column.find("pt(0)") != std::string_view::npos) {
    return NPT_ID;
  }
  if (column.find("core") != std::string_view::npos) {
    return CORE_ID;
  }
  if (column.find("spt") != std::string_view::npos) {
    return SPT_ID;
  }
  return column.find("smmu") != std::string_view::npos ? SMMU_ID : FLATMEM_ID;
}

// Brings the lock into the status that the row asks for, now and then into the other one.
template <class P>
void prepare_lock(Choice& c, State<P>& s, std::string_view column, u64 vmid) {
  const u64 id = lock_named(column, vmid);
  if (id == FLATMEM_ID) {
    return;
  }
  const bool wanted = !column.starts_with("takes");
  if (wanted != c.one_in(12)) {
    hold(s, id);
  }
  if (c.one_in(10)) {
    s.tstate = 1 - s.tstate;
  }
}

template <class P>
Subject random_subject(Choice& c, State<P>& s) {
  Subject subject{c.of({0, 1, 1, 2, COREVISOR}), random_ipa(c) & ((u64{1} << P::ipa_bits) - 1)};
  std::vector<u64> mapped;
  for (const auto& [key, value] : s.page.cells()) {
    if (key.first == subject.vmid) {
      mapped.push_back(key.second << PAGE_SHIFT);
    }
  }
  for (const auto& [key, value] : s.block.cells()) {
    if (key.first == subject.vmid) {
      mapped.push_back(key.second << PMD_SHIFT);
    }
  }
  if (!mapped.empty() && !c.one_in(4)) {
    subject.ipa = c.of(mapped);
  }
  return subject;
}

// A bank, and an address that is often mapped there; now and then the bank is empty.
template <class P>
Subject random_smmu_subject(Choice& c, State<P>& s) {
  Subject subject{.vmid = 0, .ipa = random_iova(c), .smmu = true, .bank = c.below(16)};
  std::vector<std::pair<u64, u64>> mapped;
  for (const auto& [key, value] : s.smmu.spt_pt.cells()) {
    mapped.emplace_back(key);
  }
  if (!mapped.empty() && !c.one_in(4)) {
    const auto& [bank, at] = c.of(mapped);
    subject.bank = bank;
    subject.ipa = at >> 3 << PAGE_SHIFT;
  } else if (c.one_in(2)) {
    subject.bank = c.of({0, 1, 5, 8, 9, 13});
  }
  return subject;
}

// Parts of the state that a layer's specification speaks about: raw tables up to PTWalk, the map from NPTWalk
// on.
template <class E>
constexpr Fields spoken_of() {
  constexpr Fields always = field::next | field::updates | field::lock | field::tstate | field::owner |
                            field::count | field::gfn | field::halt | field::cpu | field::core | field::vm |
                            field::memory | field::seals;
  return E::number <= 6 ? always | field::table : always | field::map;
}
// Does its list of steps have the stores? Up to PTWalk, and for SMMU tables up to MmioPTWalk.
template <class E>
constexpr bool speaks_of_entries() {
  return E::number <= 6 || E::number == 9 || E::number == 10;
}

template <class List, class S>
std::string broken_invariant(S& s) {
  std::string broken;
  registry::for_each(List{}, [&]<class I>() {
    if (broken.empty() && !I::holds(s)) {
      broken = std::string(I::number) + ": " + std::string(I::text);
    }
  });
  return broken;
}

// One primitive Prim of layer E on platform P. Each function returns an empty text or what is wrong.
template <class E, class Prim, class P>
class Case {
 public:
  using Code = typename E::template Code<ModelMachine<Concrete, P>>;
  using F = decltype(Prim::template in<Code>());
  static constexpr bool kOfCpu = std::is_same_v<typename Prim::preserves, registry::inv::Cpu>;
  static constexpr bool kOfSmmu = std::is_same_v<typename Prim::preserves, registry::inv::SmmuTables>;
  static constexpr bool kOfRecords = std::is_same_v<typename Prim::preserves, registry::inv::Records>;
  static constexpr bool kOfVms = std::is_same_v<typename Prim::preserves, registry::inv::Pages> ||
                                 std::is_same_v<typename Prim::preserves, registry::inv::Life>;
  static constexpr bool kOfVcpus = std::is_same_v<typename Prim::preserves, registry::inv::Vcpus> ||
                                   std::is_same_v<typename Prim::preserves, registry::inv::Handlers>;
  static constexpr bool kOfContents = std::is_same_v<typename Prim::preserves, registry::inv::Contents>;

  Case(Choice& c, Concrete& domain) : Case(c, domain, a_state(c, domain)) {}
  Case(Choice& c, Concrete& domain, State<P> before) : domain_(domain), before_(std::move(before)) {
    if constexpr (kOfRecords) {
      random_records(c, before_.records);
    }
    if constexpr (kOfContents) {
      random_contents(c, before_, Prim::name);
    }
    const Subject subject = a_subject(c, before_);
    prepare_lock(c, before_, Prim::row.lock, subject.vmid);
    Arguments<P> arguments(c, before_, subject);
    arguments_ = arguments.template draw<F>(Prim::row.signature, kOfContents);
    if constexpr (kOfContents) {
      expect_ciphers(before_, Prim::name, arguments_);
    }
  }

  // Does the state satisfy what the primitive preserves? Of a generated one it is demanded, see run().
  [[nodiscard]] std::string invalid() {
    const auto broken = broken_invariant<typename Prim::preserves>(before_);
    return broken.empty() ? broken : "the generator made a state that is not valid: " + broken;
  }
  // What the code left behind, if the specification is defined and nothing halted.
  [[nodiscard]] std::optional<State<P>>& after() { return after_; }

  std::string run(Account& account) {
    if (const auto broken = invalid(); !broken.empty()) {
      return broken;
    }
    const auto spec = run_spec<E, Prim>(before_, arguments_);
    note(account, spec);
    std::string wrong = shape(spec);
    if (wrong.empty()) {
      wrong = on_halted_machine();
    }
    if (wrong.empty() && !spec.refused) {
      const auto code = run_code<E, Prim>(domain_, before_, arguments_);
      wrong = equivalent(spec, code);
      if (wrong.empty()) {
        wrong = frame(spec.after, "specification");
      }
      if (wrong.empty() && !code.refused) {
        wrong = frame_of_code(code);
      }
      if (wrong.empty() && !code.refused && !spec.after.halt) {
        wrong = preserved(spec.after, code.after);
        after_ = code.after;
      }
    }
    return wrong.empty() ? wrong : wrong + " (" + std::string(Prim::name) + describe() + ")";
  }

 private:
  static State<P> a_state(Choice& c, Concrete& domain) {
    if (kOfCpu || kOfContents) {
      return random_cpu_state<P>(c, domain);
    }
    if (kOfVms) {
      return random_vm_state<P>(c, domain);
    }
    if (kOfVcpus) {
      return random_vcpu_state<P>(c, domain, Prim::name.find("host") != std::string_view::npos);
    }
    return kOfSmmu ? random_smmu_state<P>(c, domain) : random_state<P>(c, domain);
  }
  static Subject a_subject(Choice& c, State<P>& s) {
    if (kOfVms || kOfVcpus) {
      const VmSubject vm = random_vm_subject(c);
      return {.vmid = vm.vmid, .ipa = vm.gfn << PAGE_SHIFT, .vm = true, .pfn = vm.pfn, .gfn = vm.gfn};
    }
    return kOfSmmu ? random_smmu_subject(c, s) : random_subject(c, s);
  }

  // E2: a function of state and arguments; the result fits the width that the row says.
  std::string shape(const Outcome<P>& spec) {
    const auto again = run_spec<E, Prim>(before_, arguments_);
    if (again.refused != spec.refused || again.result != spec.result ||
        difference(again.after, spec.after) != field::none) {
      return "E2: a second run of the specification differs";
    }
    // check passes on what it is given.
    const bool narrow = Prim::row.signature.ends_with("→ u32") && Prim::name != "check";
    return narrow && !spec.refused && spec.result > INVALID ? "E2: the result does not fit 32 bits" : "";
  }

  // E5, second half: a halted machine changes nothing, and what has guard H returns zero.
  std::string on_halted_machine() {
    State<P> halted = before_;
    halted.halt = true;
    const auto spec = run_spec<E, Prim>(halted, arguments_);
    if (spec.refused) {
      return "";
    }
    if (const Fields d = difference(halted, spec.after); d != field::none) {
      return "E5: on a halted machine the specification changes " + names_of(d);
    }
    const bool returns = !std::is_void_v<typename registry::Signature<F>::Result> && E::number <= 7;
    const bool guarded = returns && has_guard("H") && !Prim::row.signature.ends_with("status");
    return guarded && spec.result != 0 ? "E5: on a halted machine the result is not zero" : "";
  }

  // E6 and E7: where the specification is defined, the code keeps every usage rule and agrees with it.
  std::string equivalent(const Outcome<P>& spec, const Outcome<P>& code) {
    // Below NPTOps and MmioSPTOps a caller may stand in the middle of break-before-make; the rule is theirs
    // to keep (R6).
    constexpr bool inside = E::number < 8 || (E::number > 8 && E::number < 12);
    if (inside && code.refused == std::string(guard_text(Guard::break_before_make))) {
      return "";
    }
    if (code.refused) {
      return "E6: the specification is defined, the code breaks a rule: " + *code.refused;
    }
    if (spec.after.halt != code.after.halt) {
      return spec.after.halt ? "E7: only the specification halts" : "E7: only the code halts";
    }
    if (spec.after.halt) {
      return "";
    }
    if (spec.result != code.result) {
      return "E7: results differ: specification " + std::to_string(spec.result) + ", code " +
             std::to_string(code.result);
    }
    const Fields d = difference(spec.after, code.after, speaks_of_entries<E>()) & spoken_of<E>();
    const bool smmu = E::number <= 10 ? raw_smmu_differs(spec.after.smmu, code.after.smmu)
                                      : flat_smmu_differs(spec.after.smmu, code.after.smmu);
    const Fields all = d | (smmu ? field::smmu : field::none);
    return all == field::none ? "" : "E7: states differ afterwards in " + names_of(all);
  }

  // E5, first half: only what the registry lists changes. A halt may also close the transaction.
  std::string frame(const State<P>& after, const std::string& who) {
    const Fields allowed =
        Prim::changes | (after.halt ? field::tstate | field::lock | field::updates : field::none);
    const Fields extra = difference(before_, after) & ~allowed;
    return extra == field::none ? "" : "E5: the " + who + " also changes " + names_of(extra);
  }
  // The same for the code, for which table and map are two views of one memory. E8: what changes nothing has
  // no effect.
  std::string frame_of_code(const Outcome<P>& code) {
    if (Prim::changes == field::none && code.effects) {
      return "E8: a pure query has an effect";
    }
    if (code.after.halt) {
      return "";
    }
    Fields both = Prim::changes & (field::table | field::map) ? field::table | field::map | field::parents
                                                              : field::none;
    both |= field::updates;
    const Fields extra = difference(before_, code.after) & ~(Prim::changes | both);
    return extra == field::none ? "" : "E5: the code also changes " + names_of(extra);
  }

  // E4, on what the specification says and on what the code left in memory.
  std::string preserved(State<P> spec, State<P> code) {
    if (E::number <= 6) {
      flatten(spec);
    }
    std::string broken = broken_invariant<typename Prim::preserves>(spec);
    if (broken.empty()) {
      broken = broken_invariant<typename Prim::preserves>(code);
    }
    return broken.empty() ? "" : "E4: broken afterwards: " + broken;
  }

  void note(Account& account, const Outcome<P>& spec) {
    if (spec.refused) {
      ++account["stuck"];
      ++account["stuck: " + *spec.refused];
      return;
    }
    ++account["defined"];
    if (spec.after.halt) {
      ++account["halts"];
      return;
    }
    const Fields d = difference(before_, spec.after);
    ++account[d == field::none ? "unchanged" : "changes"];
    if ((d & field::next) != 0) {
      ++account["allocates"];
    }
    ++account[spec.result == 0 ? "zero" : "not zero"];
    if (Prim::row.signature.ends_with("status")) {
      ++account["status " + std::to_string(static_cast<std::int64_t>(spec.result))];
    }
  }

  static bool has_guard(std::string_view text) {
    bool found = false;
    registry::for_each_guard(Prim::row.guards, [&](std::string_view word, const registry::GuardWord*) {
      found = found || word == text;
    });
    return found;
  }
  [[nodiscard]] std::string describe() const {
    std::string text;
    std::apply([&](auto... as) { ((text += " " + hex(number(as))), ...); }, arguments_);
    return text;
  }
  static std::string hex(u64 value) {
    char buffer[20];
    std::snprintf(buffer, sizeof(buffer), "0x%llx", static_cast<unsigned long long>(value));
    return buffer;
  }

  Concrete& domain_;
  State<P> before_;
  std::optional<State<P>> after_;
  decltype(std::declval<Arguments<P>&>().template draw<F>("")) arguments_;
};

}  // namespace redoubt::test
