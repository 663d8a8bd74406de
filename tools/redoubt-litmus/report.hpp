// SPDX-License-Identifier: BSD-3-Clause
// What the command says about one file, as text and as JSON.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tools/redoubt-litmus/check.hpp"

namespace redoubt::litmus {

// What became of one file: a result, or why there is none.
struct Outcome {
  std::string file;
  LitmusTest test;
  std::optional<Result> result;
  std::string problem;
  bool bad_input = false;  // rather than a search without a verdict
  double seconds = 0;
};

std::string text_line(const Outcome& outcome);
// The execution that decides, and the final states with the number of executions that end in each.
std::string text_details(const Outcome& outcome);
nlohmann::json json_object(const Outcome& outcome);

}  // namespace redoubt::litmus
