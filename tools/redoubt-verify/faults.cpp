// SPDX-License-Identifier: BSD-3-Clause
// One worker process for each fault.
#include "tools/redoubt-verify/faults.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <stdexcept>

#include "tools/redoubt-verify/jobs.hpp"
#include "tools/redoubt-verify/prover.hpp"

namespace redoubt::verify {
namespace {

using nlohmann::json;

// Quick theorems of the first parameter set first: most faults need no more than these.
std::vector<Theorem> in_order_of_cost(const std::vector<Theorem>& theorems) {
  const auto rank = [&](const Theorem& t) {
    return (t.set == theorems.front().set ? 0 : 2) + (t.layer.ends_with("Ops") ? 0 : 1);
  };
  std::vector<Theorem> ordered;
  for (int wanted = 0; wanted < 4; ++wanted) {
    std::copy_if(theorems.begin(), theorems.end(), std::back_inserter(ordered),
                 [&](const Theorem& t) { return rank(t) == wanted; });
  }
  return ordered;
}

// Those first that the fault's text names, then those about the same tables: most likely to see it.
std::vector<Theorem> likely_first(std::vector<Theorem> theorems, const FaultText& fault) {
  const auto named = [&](const Theorem& t) { return fault.effect.find(t.name) != std::string_view::npos; };
  const auto about_smmu = [](const Theorem& t) {
    return t.layer.starts_with("Mmio") || t.layer == "whole SMMU table";
  };
  const bool smmu = fault.name.starts_with("smmu_");
  std::stable_partition(theorems.begin(), theorems.end(),
                        [&](const Theorem& t) { return about_smmu(t) == smmu; });
  std::stable_partition(theorems.begin(), theorems.end(), named);
  return theorems;
}

json refute(const std::vector<Theorem>& ordered, const FaultText& fault, const smt::Options& options) {
  seed(fault.fault);
  const auto start = std::chrono::steady_clock::now();
  json result = json::object();
  for (const Theorem& theorem : likely_first(ordered, fault)) {
    const Report report = prove(theorem, options);
    if (report.failures.empty()) {
      continue;
    }
    const Failure& failure = report.failures.front();
    result = {{"theorem", report.id}, {"property", failure.example.label}, {"replay", failure.replay}};
    break;
  }
  seed(Fault::none);
  result["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

FaultResult result_of(const FaultText& text, const json& from, const std::string& why) {
  FaultResult result;
  result.number = static_cast<unsigned>(text.fault);
  result.name = text.name;
  result.effect = text.effect;
  if (from.is_null()) {
    result.replay = why;
    return result;
  }
  result.seconds = from.at("seconds");
  result.theorem = from.value("theorem", "");
  result.property = from.value("property", "");
  result.replay = from.value("replay", "");
  return result;
}

}  // namespace

Fault fault_named(const std::string& text) {
  std::string names;
  for (const FaultText& fault : kFaults) {
    if (text == fault.name || text == std::to_string(static_cast<unsigned>(fault.fault))) {
      return fault.fault;
    }
    names += "\n  " + std::to_string(static_cast<unsigned>(fault.fault)) + " " + std::string(fault.name) +
             ": " + std::string(fault.effect);
  }
  throw std::invalid_argument("no fault '" + text + "'; there are:" + names);
}

std::vector<FaultResult> run_fault_matrix(const std::vector<Theorem>& theorems, const smt::Options& options,
                                          unsigned jobs,
                                          const std::function<void(const FaultResult&)>& done) {
  const std::vector<Theorem> ordered = in_order_of_cost(theorems);
  std::vector<FaultText> faults;
  std::copy_if(kFaults.begin(), kFaults.end(), std::back_inserter(faults),
               [](const FaultText& fault) { return !fault.only_tests; });
  std::vector<FaultResult> results(faults.size());
  run_jobs(
      faults.size(), jobs, [&](std::size_t i) { return refute(ordered, faults.at(i), options); },
      [&](std::size_t i, const json& json, const std::string& why) {
        results.at(i) = result_of(faults.at(i), json, why);
        done(results.at(i));
      });
  return results;
}

}  // namespace redoubt::verify
