// SPDX-License-Identifier: BSD-3-Clause
// The checks E2 and E4 to E8 of one primitive on one random case, and E11's account of what the cases
// reached. What they ask of a primitive is values and virtual functions, so that they are compiled once a
// platform, not once a primitive: case.hpp has the part of each primitive.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/registry/guard.hpp"
#include "tests/property/registry/access_world.hpp"
#include "tests/property/registry/arguments.hpp"
#include "tests/property/registry/outcome.hpp"
#include "tests/property/registry/saved_world.hpp"
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

// Parts of the state that the specification of a layer speaks about: raw tables up to PTWalk, the map from
// NPTWalk on.
constexpr Fields spoken_of(unsigned layer) {
  constexpr Fields always = field::next | field::updates | field::lock | field::tstate | field::owner |
                            field::count | field::gfn | field::halt | field::cpu | field::core | field::vm |
                            field::memory | field::seals;
  return layer <= 6 ? always | field::table : always | field::map;
}

// What the checks ask of a primitive, as values.
struct About {
  unsigned layer;
  std::string_view name;
  const registry::Row& row;
  Fields changes;
  bool returns;
  bool of_cpu, of_smmu, of_records, of_vms, of_vcpus, of_contents;
  bool of_record_obligations;

  // Does its list of steps have the stores? Up to PTWalk, and for SMMU tables up to MmioPTWalk.
  [[nodiscard]] bool speaks_of_entries() const { return layer <= 6 || layer == 9 || layer == 10; }
  [[nodiscard]] bool narrow() const {  // check passes on what it is given
    return row.signature.ends_with("→ u32") && name != "check";
  }
  [[nodiscard]] bool gives_status() const { return row.signature.ends_with("status"); }
  // Of pages and vCPUs of VMs, under encryption.
  [[nodiscard]] constexpr bool of_seals() const { return of_vms && (changes & registry::field::seals) != 0; }
  [[nodiscard]] bool has_guard(std::string_view text) const {
    bool found = false;
    registry::for_each_guard(row.guards, [&](std::string_view word, const registry::GuardWord*) {
      found = found || word == text;
    });
    return found;
  }
};

// One primitive on platform P and one case. Each check returns an empty text or what is wrong.
template <class P>
class AnyCase {
 public:
  AnyCase(const AnyCase&) = delete;
  AnyCase& operator=(const AnyCase&) = delete;

  // Does the state satisfy what the primitive preserves? Of a generated one it is demanded, see run().
  [[nodiscard]] std::string invalid() {
    const auto broken = this->broken(before_);
    return broken.empty() ? broken : "the generator made a state that is not valid: " + broken;
  }
  // What the code left behind, if the specification is defined and nothing halted.
  [[nodiscard]] std::optional<State<P>>& after() { return after_; }

  std::string run(Account& account) {
    if (const auto broken = invalid(); !broken.empty()) {
      return broken;
    }
    const auto spec = specification(before_);
    note(account, spec);
    std::string wrong = shape(spec);
    if (wrong.empty()) {
      wrong = on_halted_machine();
    }
    if (wrong.empty() && !spec.refused) {
      const auto code = this->code(before_);
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
    return wrong.empty() ? wrong : wrong + " (" + std::string(about_.name) + describe() + ")";
  }

 protected:
  AnyCase(const About& about, Concrete& domain, State<P> before)
      : about_(about), domain_(domain), before_(std::move(before)) {}
  ~AnyCase() = default;

  static State<P> a_state(const About& about, Choice& c, Concrete& domain) {
    if (about.of_cpu || about.of_contents) {
      return random_cpu_state<P>(c, domain);
    }
    if (about.of_vms) {
      return random_vm_state<P>(c, domain);
    }
    if (about.of_vcpus) {
      return random_vcpu_state<P>(c, domain, about.name.find("host") != std::string_view::npos);
    }
    return about.of_smmu ? random_smmu_state<P>(c, domain) : random_state<P>(c, domain);
  }

  // Records, contents and lock as the primitive wants them; then the source of its arguments.
  Arguments<P> prepare(Choice& c) {
    if (about_.of_records) {
      random_records(c, before_.records);
    }
    if (about_.of_contents) {
      random_contents(c, before_, about_.name);
    }
    const Subject subject = a_subject(c);
    prepare_lock(c, before_, about_.row.lock, subject.vmid);
    return Arguments<P>(c, before_, subject);
  }

  [[nodiscard]] State<P>& before() { return before_; }

 private:
  virtual u64 call_specification(State<P>& s) = 0;
  virtual u64 call_code(ModelMachine<Concrete, P>& machine) = 0;
  virtual std::string broken(State<P>& s) = 0;
  [[nodiscard]] virtual std::vector<u64> arguments() const = 0;

  Outcome<P> specification(const State<P>& from) {
    return run_on_state<P>(from, [this](State<P>& s) { return call_specification(s); });
  }
  Outcome<P> code(const State<P>& from) {
    return run_on_machine<P>(domain_, from, [this](auto& machine) { return call_code(machine); });
  }

  Subject a_subject(Choice& c) {
    if (about_.of_vcpus && is_access(about_.name)) {
      return random_access(c, before_, about_.name);
    }
    if (about_.of_vms || about_.of_vcpus) {
      const VmSubject vm = random_vm_subject(c);
      return {.vmid = vm.vmid, .ipa = vm.gfn << PAGE_SHIFT, .vm = true, .pfn = vm.pfn, .gfn = vm.gfn};
    }
    return about_.of_smmu ? random_smmu_subject(c, before_) : random_subject(c, before_);
  }

  // E2: a function of state and arguments; the result fits the width that the row says.
  std::string shape(const Outcome<P>& spec) {
    const auto again = specification(before_);
    if (again.refused != spec.refused || again.result != spec.result ||
        difference(again.after, spec.after) != field::none) {
      return "E2: a second run of the specification differs";
    }
    return about_.narrow() && !spec.refused && spec.result > INVALID ? "E2: the result does not fit 32 bits"
                                                                     : "";
  }

  // E5, second half: a halted machine changes nothing, and what has guard H returns zero.
  std::string on_halted_machine() {
    State<P> halted = before_;
    halted.halt = true;
    const auto spec = specification(halted);
    if (spec.refused) {
      return "";
    }
    if (const Fields d = difference(halted, spec.after); d != field::none) {
      return "E5: on a halted machine the specification changes " + names_of(d);
    }
    const bool guarded =
        about_.returns && about_.layer <= 7 && about_.has_guard("H") && !about_.gives_status();
    return guarded && spec.result != 0 ? "E5: on a halted machine the result is not zero" : "";
  }

  // E6 and E7: where the specification is defined, the code keeps every usage rule and agrees with it.
  std::string equivalent(const Outcome<P>& spec, const Outcome<P>& code) {
    // Below NPTOps and MmioSPTOps a caller may stand in the middle of break-before-make; the rule is theirs
    // to keep (R6).
    const bool inside = about_.layer < 8 || (about_.layer > 8 && about_.layer < 12);
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
    const Fields d = difference(spec.after, code.after, about_.speaks_of_entries()) & spoken_of(about_.layer);
    const bool smmu = about_.layer <= 10 ? raw_smmu_differs(spec.after.smmu, code.after.smmu)
                                         : flat_smmu_differs(spec.after.smmu, code.after.smmu);
    const Fields all = d | (smmu ? field::smmu : field::none);
    return all == field::none ? "" : "E7: states differ afterwards in " + names_of(all);
  }

  // E5, first half: only what the registry lists changes. A halt may also close the transaction.
  std::string frame(const State<P>& after, const std::string& who) {
    const Fields allowed =
        about_.changes | (after.halt ? field::tstate | field::lock | field::updates : field::none);
    const Fields extra = difference(before_, after) & ~allowed;
    return extra == field::none ? "" : "E5: the " + who + " also changes " + names_of(extra);
  }
  // The same for the code, for which table and map are two views of one memory. E8: what changes nothing has
  // no effect.
  std::string frame_of_code(const Outcome<P>& code) {
    if (about_.changes == field::none && code.effects) {
      return "E8: a pure query has an effect";
    }
    if (code.after.halt) {
      return "";
    }
    Fields both = about_.changes & (field::table | field::map) ? field::table | field::map | field::parents
                                                               : field::none;
    both |= field::updates;
    const Fields extra = difference(before_, code.after) & ~(about_.changes | both);
    return extra == field::none ? "" : "E5: the code also changes " + names_of(extra);
  }

  // E4, on what the specification says and on what the code left in memory.
  std::string preserved(State<P> spec, State<P> code) {
    if (about_.layer <= 6) {
      flatten(spec);
    }
    std::string broken = this->broken(spec);
    if (broken.empty()) {
      broken = this->broken(code);
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
    if (about_.gives_status()) {
      ++account["status " + std::to_string(static_cast<std::int64_t>(spec.result))];
    }
  }

  [[nodiscard]] std::string describe() const {
    std::string text;
    for (const u64 value : arguments()) {
      char buffer[20];
      std::snprintf(buffer, sizeof(buffer), " 0x%llx", static_cast<unsigned long long>(value));
      text += buffer;
    }
    return text;
  }

  const About& about_;
  Concrete& domain_;
  State<P> before_;
  std::optional<State<P>> after_;
};

}  // namespace redoubt::test
