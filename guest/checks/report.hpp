// SPDX-License-Identifier: BSD-3-Clause
// Verdict lines of the in-host checks and their total.
#pragma once

#include <string>

namespace redoubt::checks {

// Builds a string as printf does.
[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...);

class Report {
 public:
  // Prints `check NAME ... PASS|FAIL DETAIL` and counts it. Returns `passed`.
  bool check(const std::string& name, bool passed, const std::string& detail);
  // Prints a fact that is no verdict.
  void note(const std::string& detail);
  // Prints a heading above a group of checks.
  void heading(const std::string& title);
  // Prints the total line; returns the process exit code: 0 if nothing failed.
  [[nodiscard]] int total() const;

 private:
  int passed_ = 0;
  int failed_ = 0;
};

}  // namespace redoubt::checks
