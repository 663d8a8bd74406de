// SPDX-License-Identifier: BSD-3-Clause
// Gives a litmus test its verdict: every candidate execution against the axioms.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "tools/redoubt-litmus/axioms.hpp"

namespace redoubt::litmus {

struct Result {
  Verdict observed = Verdict::never;
  bool as_claimed = false;                      // Expected=, or else what the quantifier claims
  std::uint64_t positive = 0;                   // consistent executions in which the condition holds
  std::uint64_t negative = 0;                   // and those in which it does not
  std::uint64_t traces = 0;                     // runs of single threads
  std::uint64_t cut = 0;                        // runs given up at a loop
  std::uint64_t work = 0;                       // steps of the search
  std::map<std::string, std::uint64_t> states;  // of what the condition names; executions that end there
  std::vector<std::string> witness;  // an execution that decides: the condition's, or against a forall
};

// Throws BadInput, NoVerdict.
Result check(const LitmusTest& test, const Limits& limits, const Model& model = {});

std::string_view name_of(Verdict verdict);

}  // namespace redoubt::litmus
