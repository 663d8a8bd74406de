// SPDX-License-Identifier: BSD-3-Clause
// Every seeded fault in the layers about pages of VMs and their life is refuted by the generic checks.
#include <gtest/gtest.h>

#include <random>

#include "tests/property/registry/case.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

using Machine = ModelMachine<Concrete, TinyParams>;

struct Faulty {  // a machine with one fault for as long as this lives
  explicit Faulty(Fault fault) { Machine::active_fault = fault; }
  ~Faulty() { Machine::active_fault = Fault::none; }
  Faulty(const Faulty&) = delete;
  Faulty& operator=(const Faulty&) = delete;
};

// What the first failing case of a layer says; empty if none fails.
template <class E>
std::string first_failure(unsigned cases) {
  std::string wrong;
  std::mt19937 engine(7);
  registry::for_each(typename registry::Layer<E>::FreshAndOwn{}, [&]<class Prim>() {
    using Code = typename E::template Code<Machine>;
    constexpr bool of_vms =
        E::number > 8 || std::is_same_v<typename Prim::primitive, registry::prim::reset_s2pt>;
    if constexpr (of_vms && Prim::template visible<Code>) {
      Account account;
      for (unsigned n = 0; n < cases && wrong.empty(); ++n) {
        Choice two({static_cast<std::uint32_t>(engine()), static_cast<std::uint32_t>(engine())});
        Choice choice = two.branch();
        Concrete domain;
        wrong = Case<E, Prim, TinyParams>(choice, domain).run(account);
      }
    }
  });
  return wrong;
}
// The layer in which a fault shows.
std::string first_failure(Fault fault, unsigned cases) {
  if (fault == Fault::reset_without_tlbi) {
    return first_failure<registry::NptOpsEntry>(cases);
  }
  const bool sealed = fault >= Fault::saved_from_anybody && fault <= Fault::restored_page_kept_by_host;
  if (fault <= Fault::page_totals_forgotten || sealed) {
    return first_failure<registry::MemManagerEntry>(cases);
  }
  if (fault <= Fault::failed_map_keeps_page) {
    return first_failure<registry::MemoryOpsEntry>(cases);
  }
  if (fault <= Fault::last_vcpu_ignored || fault == Fault::unfinished_vm_stopped) {
    return first_failure<registry::VmPowerEntry>(cases);
  }
  if (fault <= Fault::vmid_given_twice) {
    return first_failure<registry::BootCoreEntry>(cases);
  }
  return fault <= Fault::half_of_image_hashed ? first_failure<registry::BootAuxEntry>(cases)
                                              : first_failure<registry::BootOpsEntry>(cases);
}

TEST(VmFaults, WithoutOneNothingFails) {
  for (const Fault one : {Fault::reset_without_tlbi, Fault::page_totals_forgotten,
                          Fault::failed_map_keeps_page, Fault::last_vcpu_ignored, Fault::vmid_given_twice,
                          Fault::half_of_image_hashed, Fault::vcpu_made_twice}) {
    EXPECT_EQ(first_failure(one, 40), "");
  }
}

class VmFault : public testing::TestWithParam<FaultText> {};
TEST_P(VmFault, IsRefuted) {
  const Faulty faulty(GetParam().fault);
  const std::string wrong = first_failure(GetParam().fault, 500);
  EXPECT_NE(wrong, "") << GetParam().effect;
  std::printf("%s: %s\n", GetParam().name.data(), wrong.c_str());
}

std::vector<FaultText> vm_faults() {
  std::vector<FaultText> all(kFaults.begin(), kFaults.end());
  std::erase_if(all, [](const FaultText& f) {
    const bool of_life = f.fault >= Fault::run_ignores_frames && f.fault <= Fault::reset_without_tlbi;
    const bool of_seals = f.fault >= Fault::saved_from_anybody && f.fault <= Fault::restored_vm_verified;
    return !of_life && !of_seals;
  });
  return all;
}
INSTANTIATE_TEST_SUITE_P(All, VmFault, testing::ValuesIn(vm_faults()),
                         [](const auto& fault) { return std::string(fault.param.name); });

}  // namespace
}  // namespace redoubt::test
