// SPDX-License-Identifier: BSD-3-Clause
// Every seeded fault of CPU and vCPU is refuted by the checks of some primitive, and nothing is without one.
#include <gtest/gtest.h>

#include <random>

#include "core/machine/fault_texts.hpp"
#include "tests/property/registry/case.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

using Machine = ModelMachine<Concrete, TinyParams>;

struct Seeded {
  explicit Seeded(Fault fault) { Machine::active_fault = fault; }
  ~Seeded() { Machine::active_fault = Fault::none; }
  Seeded(const Seeded&) = delete;
  Seeded& operator=(const Seeded&) = delete;
};

std::vector<std::uint32_t> stream(std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::vector<std::uint32_t> words(60);
  for (std::uint32_t& word : words) {
    word = static_cast<std::uint32_t>(engine());
  }
  return words;
}

// What the first failing case says; empty if none fails.
std::string first_failure(Fault fault) {
  const Seeded seeded(fault);
  std::string wrong;
  using E = registry::AbstractMachineEntry;
  registry::for_each(E::OfCpu{}, [&]<class Prim>() {
    Account account;
    for (std::uint32_t seed = 0; seed < 80 && wrong.empty(); ++seed) {
      Choice choice(stream(seed));
      Concrete domain;
      wrong = Case<E, Prim, TinyParams>(choice, domain).run(account);
    }
  });
  return wrong;
}

TEST(CpuFaults, NothingIsReportedWithoutAFault) { EXPECT_EQ(first_failure(Fault::none), ""); }

class CpuFault : public testing::TestWithParam<FaultText> {};
TEST_P(CpuFault, IsRefuted) {
  const std::string wrong = first_failure(GetParam().fault);
  EXPECT_NE(wrong, "") << GetParam().effect;
  RecordProperty("refuted", wrong);
  std::printf("%s: %s\n", std::string(GetParam().name).c_str(), wrong.c_str());
}

std::vector<FaultText> cpu_faults() {
  std::vector<FaultText> all(kFaults.begin(), kFaults.end());
  std::erase_if(all, [](const FaultText& f) { return !f.name.starts_with("cpu_"); });
  return all;
}
INSTANTIATE_TEST_SUITE_P(Every, CpuFault, testing::ValuesIn(cpu_faults()),
                         [](const auto& fault) { return std::string(fault.param.name); });

}  // namespace
}  // namespace redoubt::test
