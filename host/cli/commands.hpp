// SPDX-License-Identifier: BSD-3-Clause
// The commands of redoubt; each returns its exit code or throws Error.
#pragma once

#include <cstdint>
#include <string>

namespace redoubt::cli {

struct RunOptions {
  std::string bundle, name, report;
  bool quiet = false;
};

int run(RunOptions const& options);
int list(bool json);
// One VM by its name, or every one if `all`.
int stop(std::string const& name, bool all);
int log(std::uint64_t since, bool json);
int info(bool json);
int audit(bool json);

}  // namespace redoubt::cli
