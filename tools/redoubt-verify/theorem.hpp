// SPDX-License-Identifier: BSD-3-Clause
// A theorem: a harness in two domains, and what makes its proof worth something.
#pragma once
#include <string>
#include <vector>

#include "core/machine/fault.hpp"

namespace redoubt {
class Concrete;
class Symbolic;
}  // namespace redoubt

namespace redoubt::verify {

struct Theorem {
  std::string set;                  // platform parameter set
  std::string layer;                // what it is about
  std::string name;                 // unique within the set
  std::string statement;            // in words
  std::vector<std::string> covers;  // situations that must be possible, so that the proof is not vacuous
  std::vector<std::string> stuck;   // exactly these preconditions can fail; the invariants imply all others
  bool only_long = false;           // slow: run with --long only
  void (*prove)(Symbolic&) = nullptr;
  void (*replay)(Concrete&) = nullptr;
  std::string_view guards = {};  // instead of `stuck`: the guards of a row, one precondition each
  bool open = false;             // no proof of it has ended yet: run only where it is named

  [[nodiscard]] std::string id() const { return set + "/" + name; }
};

// Every theorem, in the order in which they are shown.
std::vector<Theorem> all_theorems();

// Seeds one fault into the code of every machine in this process.
void seed(Fault fault);

}  // namespace redoubt::verify
