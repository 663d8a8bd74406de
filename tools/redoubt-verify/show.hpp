// SPDX-License-Identifier: BSD-3-Clause
// What people read: the table of theorems, failures, the fault matrix, what is trusted.
#pragma once
#include <string>
#include <vector>

#include "tools/redoubt-verify/faults.hpp"
#include "tools/redoubt-verify/report.hpp"
#include "tools/redoubt-verify/theorem.hpp"

namespace redoubt::verify {

std::string table_line(const Theorem& theorem, const Report& report);
std::string summary_line(const std::vector<Report>& reports, double seconds);

// A counterexample in full. `command` runs it again under a debugger.
std::string failure_text(const Report& report, const Failure& failure, const std::string& command);

std::string fault_line(const FaultResult& result);
std::string trusted_text();
std::string list_text(const std::vector<Theorem>& theorems);

}  // namespace redoubt::verify
