// SPDX-License-Identifier: BSD-3-Clause
// What the command says about one file.
#include "tools/redoubt-litmus/report.hpp"

namespace redoubt::litmus {
namespace {

std::string claim_of(const LitmusTest& test) {
  if (test.expected) {
    return std::string(name_of(*test.expected));
  }
  switch (test.quantifier) {
    case Quantifier::exists:
      return "Sometimes or Always";
    case Quantifier::not_exists:
      return "Never";
    default:
      return "Always";
  }
}

}  // namespace

std::string text_line(const Outcome& outcome) {
  if (!outcome.result) {
    return fmt::format("error: {}: {}\n", outcome.file, outcome.problem);
  }
  const Result& result = *outcome.result;
  return fmt::format("{:<36} {:<9}  {:<24} {:>6} of {:>6} executions {:>6.2f} s{}\n", outcome.test.name,
                     name_of(result.observed),
                     result.as_claimed ? "as expected" : "EXPECTED " + claim_of(outcome.test),
                     result.positive, result.positive + result.negative, outcome.seconds,
                     result.cut == 0 ? "" : "  (loops bounded)");
}

std::string text_details(const Outcome& outcome) {
  if (!outcome.result) {
    return "";
  }
  std::string text;
  for (const auto& [state, count] : outcome.result->states) {
    text += fmt::format("    {:>6} x  {}\n", count, state);
  }
  if (!outcome.result->witness.empty()) {
    text += outcome.test.quantifier == Quantifier::forall ? "  an execution against it:\n"
                                                          : "  an execution with it:\n";
  }
  for (const std::string& line : outcome.result->witness) {
    text += fmt::format("    {}\n", line);
  }
  return text;
}

nlohmann::json json_object(const Outcome& outcome) {
  nlohmann::json object{{"name", outcome.test.name}, {"file", outcome.file}};
  if (!outcome.result) {
    object["error"] = outcome.problem;
    return object;
  }
  const Result& result = *outcome.result;
  object["observed"] = name_of(result.observed);
  object["expected"] = claim_of(outcome.test);
  object["as_expected"] = result.as_claimed;
  object["positive"] = result.positive;
  object["negative"] = result.negative;
  object["runs_of_threads"] = result.traces;
  object["runs_cut_at_loops"] = result.cut;
  object["work"] = result.work;
  object["states"] = result.states;
  object["witness"] = result.witness;
  object["info"] = outcome.test.info;
  return object;
}

}  // namespace redoubt::litmus
