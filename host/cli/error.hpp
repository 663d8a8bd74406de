// SPDX-License-Identifier: BSD-3-Clause
// What ends a command early: a message for the user, and the exit code.
#pragma once

#include <stdexcept>
#include <string>

namespace redoubt::cli {

inline constexpr int kGood = 0, kFailed = 1, kBadInput = 2;

class Error : public std::runtime_error {
 public:
  Error(int code, std::string const& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] int code() const { return code_; }

 private:
  int code_;
};

}  // namespace redoubt::cli
