// SPDX-License-Identifier: BSD-3-Clause
// Every seeded fault in the record and content groups of base primitives is refuted by the generic checks.
#include <gtest/gtest.h>

#include <random>

#include "core/machine/fault_texts.hpp"
#include "tests/property/registry/case.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

using Machine = ModelMachine<Concrete, TinyParams>;
using E = registry::AbstractMachineEntry;

struct Faulty {  // a machine with one fault for as long as this lives
  explicit Faulty(Fault fault) { Machine::active_fault = fault; }
  ~Faulty() { Machine::active_fault = Fault::none; }
  Faulty(const Faulty&) = delete;
  Faulty& operator=(const Faulty&) = delete;
};

// What the first failing case of the group says; empty if none fails.
std::string first_failure() {
  std::string wrong;
  registry::for_each(registry::Join<registry::RecordObligations, registry::ContentObligations>{},
                     [&]<class Prim>() {
                       Account account;
                       std::mt19937 engine(1);
                       for (unsigned n = 0; n < 60 && wrong.empty(); ++n) {
                         std::vector<std::uint32_t> words(300);
                         for (std::uint32_t& word : words) {
                           word = static_cast<std::uint32_t>(engine());
                         }
                         Choice choice(std::move(words));
                         Concrete domain;
                         wrong = Case<E, Prim, TinyParams>(choice, domain).run(account);
                       }
                     });
  return wrong;
}

TEST(RecordFaults, WithoutOneNothingFails) { EXPECT_EQ(first_failure(), ""); }

class RecordFault : public testing::TestWithParam<FaultText> {};
TEST_P(RecordFault, IsRefuted) {
  const Faulty faulty(GetParam().fault);
  const std::string wrong = first_failure();
  EXPECT_NE(wrong, "") << GetParam().effect;
  std::printf("%s: %s\n", GetParam().name.data(), wrong.c_str());
}

std::vector<FaultText> record_faults() {
  std::vector<FaultText> all(kFaults.begin(), kFaults.end());
  std::erase_if(all, [](const FaultText& f) {
    return !f.name.starts_with("record_") && !f.name.starts_with("content_");
  });
  return all;
}
INSTANTIATE_TEST_SUITE_P(All, RecordFault, testing::ValuesIn(record_faults()),
                         [](const auto& fault) { return std::string(fault.param.name); });

}  // namespace
}  // namespace redoubt::test
