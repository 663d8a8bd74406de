// SPDX-License-Identifier: BSD-3-Clause
// The property test of a whole layer, driven by the registry: every built primitive that is specified on the
// state.
#pragma once
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/property/registry/checks.hpp"

namespace redoubt::test {

// Choices of full range from the first case on: without the size, early cases would all be trivial.
inline auto random_stream() {
  return rc::gen::container<std::vector<std::uint32_t>>(
      240, rc::gen::resize(1000, rc::gen::arbitrary<std::uint32_t>()));
}

// E11: what must have come up in a run, or the checks said nothing.
template <class E, class Prim>
std::vector<std::string> expected() {
  std::vector<std::string> all{"defined"};
  if (registry::asks_for(Prim::row.guards, Guard::vmid)) {
    all.emplace_back("stuck");
  }
  if (registry::asks_for(Prim::row.guards, Guard::lock_held)) {
    all.emplace_back("stuck");
  }
  if (Prim::changes != field::none && Prim::name != "init_npt" && Prim::name != "panic") {
    all.emplace_back("changes");
  }
  if ((Prim::changes & field::halt) != 0 && Prim::row.effect.find("fail-stop") != std::string_view::npos) {
    all.emplace_back("halts");
  }
  if ((Prim::changes & field::next) != 0 && Prim::name != "init_npt" && Prim::row.lock == "pt(v)" &&
      !Prim::name.starts_with("clear")) {
    all.emplace_back("allocates");
  }
  return all;
}

template <class E, class Prim, class P>
void check_primitive(unsigned cases_in_one) {
  Account account;
  std::string wrong;
  const bool good = rc::check(std::string(E::name) + "::" + std::string(Prim::name), [&] {
    const auto stream = *random_stream();
    Choice choice(stream);
    Concrete domain;
    for (unsigned i = 0; i < cases_in_one; ++i) {
      Case<E, Prim, P> one(choice, domain);
      wrong = one.run(account);
      if (!wrong.empty()) {
        RC_FAIL(wrong);
      }
    }
  });
  EXPECT_TRUE(good) << wrong;
  if (!good) {
    return;
  }
  for (const std::string& what : expected<E, Prim>()) {
    EXPECT_GT(account.at(what), 0u) << "E11: " << Prim::name << " never came to: " << what;
  }
  if (std::getenv("REDOUBT_SHOW_CASES") != nullptr) {
    for (const auto& [what, n] : account.reached) {
      std::printf("  %-18s %-40s %u\n", Prim::name.data(), what.c_str(), n);
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
      check_primitive<E, Prim, P>(cases_in_one);
      ++checked;
    }
  });
  return checked;
}

}  // namespace redoubt::test
