// SPDX-License-Identifier: BSD-3-Clause
// What came out of one theorem, and its form as JSON, in which workers hand it to the main process.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "machine/domain/symbolic_outcome.hpp"

namespace redoubt::verify {

// Ordered by how bad it is.
enum class Verdict { proved, refuted, unknown, vacuous, error };

struct Failure {
  smt::Counterexample example;
  std::string replay;  // CONFIRMED, SPURIOUS or NOT REPRODUCED, and why
};

struct Report {
  std::string id, set, layer, name;
  Verdict verdict = Verdict::error;
  std::string message;  // why it is not proved, in one line
  smt::Outcome outcome;
  std::vector<Failure> failures;
  long peak_kib = 0;
};

std::string to_string(Verdict verdict);
nlohmann::json to_json(const Report& report);
Report report_from(const nlohmann::json& json);

}  // namespace redoubt::verify
