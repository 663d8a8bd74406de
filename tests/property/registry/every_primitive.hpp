// SPDX-License-Identifier: BSD-3-Clause
// The property test of a whole layer, driven by the registry: every built primitive that is specified on the
// state.
#pragma once
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>

#include "tests/property/registry/checks.hpp"

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

// E11: what must have come up in a run, or the checks said nothing.
template <class E, class Prim, class P>
std::vector<std::string> expected() {
  std::vector<std::string> all{"defined"};
  if (registry::asks_for(Prim::row.guards, Guard::vmid)) {
    all.emplace_back("stuck");
  }
  if (registry::asks_for(Prim::row.guards, Guard::lock_held) ||
      registry::asks_for(Prim::row.guards, Guard::register_index)) {
    all.emplace_back("stuck");
  }
  if (E::number == 0) {
    expect_guards(Prim::row.guards, all);
    expect_of_contents(Prim::name, all);
  }
  if (registry::contains<typename Prim::primitive, registry::Plain<registry::RecordObligations>> &&
      Prim::changes == field::none) {
    all.emplace_back("not zero");
  }
  if (Prim::changes != field::none && Prim::name != "init_npt" && Prim::name != "panic") {
    all.emplace_back("changes");
  }
  constexpr bool small = P::host.size < 0x10000;  // zones fill up by themselves
  constexpr bool may_halt = (Prim::changes & field::halt) != 0 && !Prim::row.signature.ends_with("status");
  if (small && may_halt && Prim::name != "init_npt" && Prim::name != "init_s2pt" &&
      Prim::name != "clear_npt" && Prim::name != "clear_pfn_host" && !Prim::name.starts_with("reset")) {
    all.emplace_back("halts");
  }
  if ((Prim::changes & field::next) != 0 && Prim::name != "init_npt" && Prim::row.lock == "pt(v)" &&
      !Prim::name.starts_with("clear") && !Prim::name.starts_with("reset")) {
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

// Every built primitive of the layer; returns how many there were.
template <class E, class P>
unsigned check_layer(unsigned cases_in_one) {
  unsigned checked = 0;
  registry::for_each(typename registry::Layer<E>::FreshAndOwn{}, [&]<class Prim>() {
    using Code = typename E::template Code<ModelMachine<Concrete, P>>;
    if constexpr (Prim::model == registry::Model::state && Prim::template visible<Code>) {
      const OneCase one = [](Choice& choice, Concrete& domain, Account& account) {
        if constexpr (E::number >= 17) {  // a state with VMs takes more choices than the stream has
          Choice own = choice.branch();
          return Case<E, Prim, P>(own, domain).run(account);
        } else {
          return Case<E, Prim, P>(choice, domain).run(account);
        }
      };
      constexpr bool heavy =
          std::is_same_v<typename Prim::preserves, registry::inv::Contents>;  // whole pages
      check_cases(std::string(E::name) + "::" + std::string(Prim::name), one,
                  heavy ? std::min(cases_in_one, 3U) : cases_in_one, expected<E, Prim, P>());
      ++checked;
    }
  });
  return checked;
}

}  // namespace redoubt::test
