// SPDX-License-Identifier: BSD-3-Clause
// The two ways in which a litmus test fails to get a verdict.
#pragma once
#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace redoubt::litmus {

// The file does not say what this tool can check; `line` counts from 1. Exit code 2.
struct BadInput : std::runtime_error {
  BadInput(unsigned at, const std::string& what)
      : std::runtime_error(fmt::format("line {}: {}", at, what)), line(at) {}
  unsigned line;
};

// The search was too large, or nothing was left to judge. Exit code 3: never a verdict.
struct NoVerdict : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace redoubt::litmus
