// SPDX-License-Identifier: BSD-3-Clause
// Every seeded fault is refuted by the checks of some primitive: a specification that lets one through is too
// weak.
#include <gtest/gtest.h>

#include <random>

#include "core/machine/fault_texts.hpp"
#include "tests/property/registry/case.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

using Machine = ModelMachine<Concrete, TinyParams>;

class Faulty {  // a machine with one fault for as long as this lives
 public:
  explicit Faulty(Fault fault) { Machine::active_fault = fault; }
  ~Faulty() { Machine::active_fault = Fault::none; }
  Faulty(const Faulty&) = delete;
  Faulty& operator=(const Faulty&) = delete;
};

std::vector<std::uint32_t> stream(std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::vector<std::uint32_t> words(400);
  for (std::uint32_t& word : words) {
    word = static_cast<std::uint32_t>(engine());
  }
  return words;
}

// What the first failing case says; empty if none fails.
template <class E>
std::string first_failure(unsigned cases) {
  std::string wrong;
  registry::for_each(typename registry::Layer<E>::FreshAndOwn{}, [&]<class Prim>() {
    using Code = typename E::template Code<ModelMachine<Concrete, TinyParams>>;
    if constexpr (Prim::template visible<Code>) {
      Account account;
      for (unsigned seed = 0; seed < cases && wrong.empty(); ++seed) {
        Choice choice(stream(seed));
        Concrete domain;
        Case<E, Prim, TinyParams> one(choice, domain);
        wrong = one.run(account);
      }
    }
  });
  return wrong;
}
std::string first_failure_of_all(unsigned cases) {
  std::string wrong = first_failure<registry::PtAllocEntry>(cases);
  if (wrong.empty()) {
    wrong = first_failure<registry::PtWalkEntry>(cases);
  }
  if (wrong.empty()) {
    wrong = first_failure<registry::NptWalkEntry>(cases);
  }
  if (wrong.empty()) {
    wrong = first_failure<registry::NptOpsEntry>(cases);
  }
  if (wrong.empty()) {
    wrong = first_failure<registry::PageManagerEntry>(cases);
  }
  if (wrong.empty()) {
    wrong = first_failure<registry::MemManagerEntry>(cases);
  }
  return wrong;
}

constexpr unsigned kCases = 150;

TEST(SeededFaults, WithoutOneNothingFails) { EXPECT_EQ(first_failure_of_all(kCases), ""); }

class SeededFault : public testing::TestWithParam<FaultText> {};

TEST_P(SeededFault, IsRefuted) {
  const Faulty faulty(GetParam().fault);
  const std::string wrong = first_failure_of_all(kCases);
  EXPECT_NE(wrong, "") << GetParam().effect;
  RecordProperty("refuted", wrong);
  std::printf("%s: %s\n", std::string(GetParam().name).c_str(), wrong.c_str());
}

// Faults of the SMMU layers are refuted in tests/unit/spt, those of records in record_faults_test.cpp, those
// of CPU and vCPU in tests/unit/cpu, those of the host's map in host_map_test.cpp; of the later ones, those
// that no theorem refutes are here.
std::vector<FaultText> stage2_faults() {
  std::vector<FaultText> all(kFaults.begin(), kFaults.end());
  std::erase_if(all, [](const FaultText& f) {
    const bool of_pages = f.fault == Fault::unowned_is_host || f.fault == Fault::count_sets_owner;
    return f.fault >= Fault::smmu_clear_first_entry && !of_pages;
  });
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, SeededFault, testing::ValuesIn(stage2_faults()),
                         [](const auto& fault) { return std::string(fault.param.name); });

}  // namespace
}  // namespace redoubt::test
