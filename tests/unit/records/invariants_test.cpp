// SPDX-License-Identifier: BSD-3-Clause
// The invariants of core data and boot images tell good records from bad ones, each by its own number.
#include <gtest/gtest.h>

#include "core/registry/record_invariants.hpp"
#include "tests/property/registry/checks.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

namespace inv = registry::inv;

class RecordInvariants : public testing::Test {
 protected:
  // Two images of VM 1, one of VM 2, one behind the other.
  void SetUp() override {
    add(1, 0, REMAP_START, 0x3001);
    add(1, 1, REMAP_START + 0x4000, 0x1000);
    add(2, 0, REMAP_START + 0x5000, 0x800);
    s_.records.next_remap_ptr = REMAP_START + 0x6000;
    s_.records.next_vmid = 3;
  }
  void add(u64 v, u64 i, u64 at, u64 size) {
    s_.records.vm_next_load_info.write(v, 0, i + 1);
    s_.records.vm_remap_addr.write(v, i, at);
    s_.records.vm_load_size.write(v, i, size);
    s_.records.vm_mapped_pages.write(v, i, 1);
  }
  std::string broken() {
    const std::string first = broken_invariant<inv::Images>(s_);
    return first.substr(0, first.find(':'));
  }

  Concrete domain_;
  State<TinyParams> s_ = boot_state<TinyParams>(domain_);
};

TEST_F(RecordInvariants, HoldOfGoodRecords) {
  EXPECT_EQ(broken(), "");
  EXPECT_TRUE(inv::Vm1::holds(s_));
}
TEST_F(RecordInvariants, Widths) {
  s_.records.vm_vcpu_state.write(1, 3, u64{1} << 32);
  EXPECT_FALSE(inv::Vm1::holds(s_));
  s_.records.vm_vcpu_state.write(1, 3, INVALID);
  s_.records.vm_kvm.write(1, 0, INVALID64);
  EXPECT_TRUE(inv::Vm1::holds(s_));
  s_.records.next_vmid = INVALID + 1;
  EXPECT_FALSE(inv::Vm1::holds(s_));
}
TEST_F(RecordInvariants, VmidsRunOutAtTheCore) {
  s_.records.next_vmid = COREVISOR;
  EXPECT_EQ(broken(), "");
  s_.records.next_vmid = COREVISOR + 1;
  EXPECT_EQ(broken(), "INV-VM-2");
  s_.records.next_vmid = HOSTVISOR;
  EXPECT_EQ(broken(), "INV-VM-2");
}
TEST_F(RecordInvariants, TheWindowPointer) {
  s_.records.next_remap_ptr = REMAP_END;
  EXPECT_EQ(broken(), "");
  s_.records.next_remap_ptr = REMAP_END + PAGE_SIZE;
  EXPECT_EQ(broken(), "INV-VM-3");
  s_.records.next_remap_ptr = REMAP_START + 0x6800;
  EXPECT_EQ(broken(), "INV-VM-3");
}
TEST_F(RecordInvariants, FiveImages) {
  s_.records.vm_next_load_info.write(3, 0, 6);
  EXPECT_EQ(broken(), "INV-VM-4");
}
}  // namespace
}  // namespace redoubt::test
