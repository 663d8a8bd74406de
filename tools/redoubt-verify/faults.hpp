// SPDX-License-Identifier: BSD-3-Clause
// The fault matrix: every seeded fault, of the code or of the specification, must be refuted by some theorem,
// and confirmed in the concrete model.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "machine/domain/symbolic_outcome.hpp"
#include "spec/machine/mutant.hpp"
#include "tools/redoubt-verify/theorem.hpp"

namespace redoubt::verify {

// One fault: of the code, or (a mutant) of the specification.
struct Seed {
  Fault fault = Fault::none;
  spec::Mutant mutant = spec::Mutant::none;
  std::string name, effect;
  std::string asked_first;  // theorem, a matter of time only

  [[nodiscard]] bool of_code() const { return fault != Fault::none; }
  [[nodiscard]] unsigned number() const {
    return of_code() ? static_cast<unsigned>(fault) : static_cast<unsigned>(mutant);
  }
  // "12", or "S12" for one of the specification.
  [[nodiscard]] std::string label() const { return (of_code() ? "" : "S") + std::to_string(number()); }
};

struct FaultResult {
  Seed seed;
  std::string theorem, property, replay;  // empty theorem: nothing refuted it
  double seconds = 0;

  [[nodiscard]] bool good() const { return !theorem.empty() && replay == "CONFIRMED"; }
};

// All faults that theorems speak of: those of the code, then those of the specification.
std::vector<Seed> all_seeds();

// One of `parts` equal shares of them, picked by a hexadecimal text such as a commit's hash: the same text
// picks the same share.
std::vector<Seed> share_of(std::vector<Seed> seeds, unsigned parts, const std::string& hash);

// Fault with that label or name; throws std::invalid_argument that lists the names otherwise.
Seed seed_named(const std::string& text);

// Seeds it in every machine and specification of this process; a default Seed takes all faults away.
void plant(const Seed& seed);

// Seeds each fault in turn and proves until one theorem fails. `done` is called as faults are settled.
std::vector<FaultResult> run_fault_matrix(const std::vector<Theorem>& theorems,
                                          const std::vector<Seed>& seeds, const smt::Options& options,
                                          unsigned jobs, const std::function<void(const FaultResult&)>& done);

}  // namespace redoubt::verify
