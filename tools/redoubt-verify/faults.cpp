// SPDX-License-Identifier: BSD-3-Clause
// One worker process for each fault.
#include "tools/redoubt-verify/faults.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <stdexcept>

#include "core/machine/fault_texts.hpp"
#include "machine/domain/symbolic.hpp"
#include "tools/redoubt-verify/asked_first.hpp"
#include "tools/redoubt-verify/jobs.hpp"
#include "tools/redoubt-verify/prover.hpp"

namespace redoubt::verify {
namespace {

using nlohmann::json;

// The theorem that is asked first, then quick ones of the first parameter set: most faults need no more.
std::vector<const Theorem*> in_order(const std::vector<Theorem>& theorems, const std::string& first) {
  const auto rank = [&](const Theorem& t) {
    const int set = t.set == theorems.front().set ? 0 : 2;
    return t.name == first ? set / 2 : 2 + set + (t.layer == "NPTOps" ? 0 : 1);
  };
  std::vector<const Theorem*> ordered;
  for (int wanted = 0; wanted < 6; ++wanted) {
    for (const Theorem& t : theorems) {
      if (rank(t) == wanted) {
        ordered.push_back(&t);
      }
    }
  }
  return ordered;
}

json refute(const std::vector<Theorem>& theorems, const Seed& seed, const smt::Options& options) {
  plant(seed);
  const auto start = std::chrono::steady_clock::now();
  json result = json::object();
  for (const Theorem* theorem : in_order(theorems, seed.asked_first)) {
    const Report report = prove(*theorem, options);
    if (report.failures.empty()) {
      continue;
    }
    const Failure& failure = report.failures.front();
    result = {{"theorem", report.id}, {"property", failure.example.label}, {"replay", failure.replay}};
    break;
  }
  plant({});
  result["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

FaultResult result_of(const Seed& seed, const json& from, const std::string& why) {
  FaultResult result;
  result.seed = seed;
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

std::vector<Seed> all_seeds() {
  std::vector<Seed> seeds;
  for (const FaultText& f : kFaults) {
    if (!f.only_tests) {
      seeds.push_back({f.fault, spec::Mutant::none, std::string(f.name), std::string(f.effect),
                       std::string(asked_first(f.name))});
    }
  }
  for (const spec::MutantText& m : spec::kMutants) {
    seeds.push_back(
        {Fault::none, m.mutant, std::string(m.name), std::string(m.effect), std::string(m.theorem)});
  }
  return seeds;
}

std::vector<Seed> share_of(std::vector<Seed> seeds, unsigned parts, const std::string& hash) {
  constexpr std::size_t digits = 8;  // of the hash, enough to spread
  const std::size_t turn = std::stoul(hash.substr(0, digits), nullptr, 16) % parts;
  std::vector<Seed> share;
  for (std::size_t i = turn; i < seeds.size(); i += parts) {
    share.push_back(std::move(seeds[i]));
  }
  return share;
}

Seed seed_named(const std::string& text) {
  std::string names;
  for (const Seed& seed : all_seeds()) {
    if (text == seed.name || text == seed.label()) {
      return seed;
    }
    names += "\n  " + seed.label() + " " + seed.name + ": " + seed.effect;
  }
  throw std::invalid_argument("no fault '" + text + "'; there are:" + names);
}

void plant(const Seed& seed) {
  redoubt::verify::seed(seed.fault);
  Symbolic::active_mutant = seed.mutant;
  Concrete::active_mutant = seed.mutant;
}

std::vector<FaultResult> run_fault_matrix(const std::vector<Theorem>& theorems,
                                          const std::vector<Seed>& seeds, const smt::Options& options,
                                          unsigned jobs,
                                          const std::function<void(const FaultResult&)>& done) {
  std::vector<FaultResult> results(seeds.size());
  run_jobs(
      seeds.size(), jobs, [&](std::size_t i) { return refute(theorems, seeds.at(i), options); },
      [&](std::size_t i, const json& json, const std::string& why) {
        results.at(i) = result_of(seeds.at(i), json, why);
        done(results.at(i));
      });
  return results;
}

}  // namespace redoubt::verify
