// SPDX-License-Identifier: BSD-3-Clause
// Reading, comparing and writing the record.
#include "tools/redoubt-verify/baseline.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <stdexcept>

#include "machine/domain/symbolic_solver.hpp"

namespace redoubt::verify {
namespace {

using nlohmann::json;
constexpr double kTolerance = 0.10;

json load(const std::string& file) {
  std::ifstream in(file);
  if (!in) {
    throw std::runtime_error("cannot read the baseline " + file);
  }
  const json all = json::parse(in, nullptr, false);
  if (!all.is_object()) {
    throw std::runtime_error(file + " is not a baseline: --update-baseline writes a new one");
  }
  return all;
}

json record_of(const Report& report) {
  const smt::Outcome& o = report.outcome;
  return {{"paths", o.paths}, {"obligations", o.obligations}, {"steps", o.steps}};
}

void compare(const std::string& id, const json& recorded, const json& found,
             std::vector<std::string>& lines) {
  for (const auto& [what, value] : found.items()) {
    const double now = value, then = recorded.value(what, 0.0), allowed = std::max(then * kTolerance, 2.0);
    if (std::abs(now - then) <= allowed) {
      continue;
    }
    lines.push_back(fmt::format("{}: {} {} is now {:.0f}, recorded {:.0f}", id, what,
                                now > then ? "grew:" : "shrank:", now, then));
  }
}

}  // namespace

json newest_record(const std::string& file) {
  const json all = load(file);
  return all.empty() ? json::object() : json(all.back());
}

std::vector<std::string> compare_with_baseline(const std::string& file, const std::vector<Report>& reports,
                                               std::string& note) {
  const json all = load(file);
  const std::string version = smt::solver_version();
  if (!all.contains(version)) {
    note = fmt::format("{} has no record for Z3 {}: counts are not compared", file, version);
    return {};
  }
  std::vector<std::string> lines;
  for (const Report& report : reports) {
    const json& recorded = all.at(version);
    if (!recorded.contains(report.id)) {
      lines.push_back(report.id + ": not recorded yet");
    } else {
      compare(report.id, recorded.at(report.id), record_of(report), lines);
    }
  }
  return lines;
}

void update_baseline(const std::string& file, const std::vector<Report>& reports) {
  json all = std::ifstream(file).good() ? load(file) : json::object();
  json& mine = all[smt::solver_version()];
  for (const Report& report : reports) {
    mine[report.id] = record_of(report);
  }
  std::ofstream out(file);
  out << all.dump(1) << '\n';
  if (!out.flush()) {
    throw std::runtime_error("cannot write the baseline " + file);
  }
}

}  // namespace redoubt::verify
