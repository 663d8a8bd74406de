// SPDX-License-Identifier: BSD-3-Clause
// Verdict lines of the in-host checks and their total.
#include "guest/checks/report.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>

namespace redoubt::checks {

std::string text(const char* format, ...) {
  std::array<char, 512> line{};
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line.data(), line.size(), format, arguments);
  va_end(arguments);
  return line.data();
}

bool Report::check(const std::string& name, bool passed, const std::string& detail) {
  ++(passed ? passed_ : failed_);
  std::printf("check %s ... %s %s\n", name.c_str(), passed ? "PASS" : "FAIL", detail.c_str());
  std::fflush(stdout);
  return passed;
}

void Report::note(const std::string& detail) {
  std::printf("note %s\n", detail.c_str());
  std::fflush(stdout);
}

void Report::heading(const std::string& title) {
  std::printf("heading %s\n", title.c_str());
  std::fflush(stdout);
}

int Report::total() const {
  std::printf("redoubt: %d checks passed, %d failed\n", passed_, failed_);
  std::fflush(stdout);
  return failed_ == 0 && passed_ > 0 ? 0 : 1;
}

}  // namespace redoubt::checks
