// SPDX-License-Identifier: BSD-3-Clause
// How much memory a run of proofs took, process by process.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/redoubt-verify/report.hpp"

namespace redoubt::verify {

// Largest resident sizes, in KiB, as the system counts them.
struct Memory {
  long own_kib = 0;      // of this process so far
  long largest_kib = 0;  // of the worker that took most
  std::string largest;   // the theorem that it proved
  long together_kib =
      0;  // no run takes more: this process and as many of the largest workers as there are jobs
};

Memory memory_of(const std::vector<Report>& reports, unsigned jobs);
std::string memory_line(const Memory& memory, unsigned jobs);
nlohmann::json to_json(const Memory& memory);

// Which processes took more than `limit_mib`, a line each; 0: no limit.
std::vector<std::string> beyond(const std::vector<Report>& reports, const Memory& memory, long limit_mib);

}  // namespace redoubt::verify
