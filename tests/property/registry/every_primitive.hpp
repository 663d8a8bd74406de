// SPDX-License-Identifier: BSD-3-Clause
// The property test of a whole layer, driven by the registry: every built primitive that is specified on the
// state.
#pragma once
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>

#include "tests/property/registry/case.hpp"

namespace redoubt::test {

// Choices of full range from the first case on: without the size, early cases would all be trivial.
inline auto random_stream() {
  return rc::gen::container<std::vector<std::uint32_t>>(
      240, rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint32_t>()));
}

// E11: each of these guards must have refused something.
inline void expect_guards(std::string_view guards, std::vector<std::string>& all) {
  for (const auto& [guard, text] : {std::pair{Guard::vcpuid, "stuck: C: vcpuid is below 8"},
                                    {Guard::load_index, "stuck: I: load_idx is below 5"},
                                    {Guard::frame, "stuck: P: the page frame is below 2^28"},
                                    {Guard::word32, "stuck: the value fits 32 bits"}}) {
    if (registry::asks_for(guards, guard)) {
      all.emplace_back(text);
    }
  }
}

// E11: what must have come up in a run, or the checks said nothing. `small`: zones fill up by themselves.
inline std::vector<std::string> expected(const About& about, bool small) {
  std::vector<std::string> all{"defined"};
  const std::string_view name = about.name;
  if (registry::asks_for(about.row.guards, Guard::vmid) ||
      registry::asks_for(about.row.guards, Guard::lock_held) ||
      registry::asks_for(about.row.guards, Guard::register_index)) {
    all.emplace_back("stuck");
  }
  if (about.layer == 0) {
    expect_guards(about.row.guards, all);
    expect_of_contents(name, all);
  }
  if (about.of_seals()) {
    all.emplace_back("status 0");
    all.emplace_back(name == "save_encrypted_vcpu" ? "status -3" : "status -4");
  }
  const bool resets = name.starts_with("clear") || name.starts_with("reset");
  if (about.of_record_obligations && about.changes == field::none) {
    all.emplace_back("not zero");
  }
  if (about.changes != field::none && name != "init_npt" && name != "panic") {
    all.emplace_back("changes");
  }
  const bool may_halt = (about.changes & field::halt) != 0 && !about.gives_status();
  if (small && may_halt && name != "init_npt" && name != "init_s2pt" && name != "clear_npt" &&
      name != "clear_pfn_host" && !name.starts_with("reset")) {
    all.emplace_back("halts");
  }
  if ((about.changes & field::next) != 0 && name != "init_npt" && about.row.lock == "pt(v)" && !resets) {
    all.emplace_back("allocates");
  }
  return all;
}

// One random case of some primitive: what is wrong, or empty.
using OneCase = std::function<std::string(Choice&, Concrete&, Account&)>;

// Runs random cases, shrinks a failing one, and compares the account with what must have come up.
inline void check_cases(const std::string& name, const OneCase& one, unsigned cases_in_one,
                        const std::vector<std::string>& expected) {
  constexpr unsigned enough = 500;  // cases for E11 to mean something; the sanitizer preset runs fewer
  Account account;
  std::string wrong;
  unsigned cases = 0;
  const bool good = rc::check(name, [&] {
    Choice choice(*random_stream());
    Concrete domain;
    for (unsigned i = 0; i < cases_in_one; ++i) {
      ++cases;
      wrong = one(choice, domain, account);
      if (!wrong.empty()) {
        RC_FAIL(wrong);
      }
    }
  });
  EXPECT_TRUE(good) << wrong;
  if (!good || cases < enough) {
    return;
  }
  for (const std::string& what : expected) {
    EXPECT_GT(account.at(what), 0u) << "E11: " << name << " never came to: " << what;
  }
  if (std::getenv("REDOUBT_SHOW_CASES") != nullptr) {
    for (const auto& [what, n] : account.reached) {
      std::printf("  %-34s %-40s %u\n", name.c_str(), what.c_str(), n);
    }
  }
}

// One case of primitive Prim of layer E.
template <class E, class Prim, class P>
std::string one_case(Choice& choice, Concrete& domain, Account& account) {
  if constexpr (E::number >= 17) {  // a state with VMs takes more choices than the stream has
    Choice own = choice.branch();
    return Case<E, Prim, P>(own, domain).run(account);
  } else {
    return Case<E, Prim, P>(choice, domain).run(account);
  }
}

struct Checked {
  const About& about;
  std::string (*one)(Choice&, Concrete&, Account&);
};

inline void check_all(std::string_view layer, const std::vector<Checked>& all, unsigned cases_in_one,
                      bool small) {
  for (const auto& [about, one] : all) {
    const unsigned cases = about.of_contents ? std::min(cases_in_one, 3U) : cases_in_one;  // whole pages
    check_cases(std::string(layer) + "::" + std::string(about.name), one, cases, expected(about, small));
  }
}

// Every built primitive of the layer; returns how many there were.
template <class E, class P>
std::size_t check_layer(unsigned cases_in_one) {
  std::vector<Checked> all;
  registry::for_each(typename registry::Layer<E>::FreshAndOwn{}, [&]<class Prim>() {
    using Code = typename E::template Code<ModelMachine<Concrete, P>>;
    if constexpr (Prim::model == registry::Model::state && Prim::template visible<Code>) {
      all.push_back({Case<E, Prim, P>::kAbout, &one_case<E, Prim, P>});
    }
  });
  check_all(E::name, all, cases_in_one, P::host.size < 0x10000);
  return all.size();
}

}  // namespace redoubt::test
