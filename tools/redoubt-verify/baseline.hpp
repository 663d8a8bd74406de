// SPDX-License-Identifier: BSD-3-Clause
// The recorded paths, obligations and solver steps of every theorem: a proof that grows is noticed.
#pragma once
#include <string>
#include <vector>

#include "tools/redoubt-verify/report.hpp"

namespace redoubt::verify {

// Differences of more than 10 % (and 2 in counts) from the record in `file`, one line each. Records are kept
// for each solver version; without one for this version there is one line in `note` and nothing is compared.
// Throws std::runtime_error if the file cannot be read.
std::vector<std::string> compare_with_baseline(const std::string& file, const std::vector<Report>& reports,
                                               std::string& note);

// The record of the newest solver version in `file`: by theorem's id, paths and obligations.
nlohmann::json newest_record(const std::string& file);

// Writes the record of this solver version; others in the file stay.
void update_baseline(const std::string& file, const std::vector<Report>& reports);

}  // namespace redoubt::verify
