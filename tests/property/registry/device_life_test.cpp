// SPDX-License-Identifier: BSD-3-Clause
// Pages for devices on the model machine, step by step: what host and VM may give to their banks, what
// neither may, and how a page comes back. Every step is audited.
#include <gtest/gtest.h>

#include "tests/property/registry/vm_life.hpp"

namespace redoubt::test {
namespace {

using V = VmId<u64>;

class DeviceLife : public testing::Test {
 protected:
  static constexpr u64 kBase = 0x4000'0000, kHost = kRam0 >> PAGE_SHIFT, kHostBank = 0, kOtherHostBank = 8;
  static constexpr u64 kVmBank = 9, kNobodysBank = 3;

  void SetUp() override {
    vm.state().smmu.smmu_vmid.write(kNobodysBank, 0, INVALID);
    BootRecord record;
    record.memory_base = record.entry = record.dtb = kBase;
    record.memory_size = PMD_SIZE;
    record.vcpus = record.image_count = 1;
    record.images[0].address = kBase;
    record.images[0].size = 2 * PAGE_SIZE;
    v = vm.run([&](auto& t) { return make_vm(t, record); });
    vm.state().smmu.smmu_vmid.write(kVmBank, 0, v);
  }
  void TearDown() override { EXPECT_EQ(vm.wrong(), ""); }

  static Pfn<u64> frame(u64 n) { return Pfn<u64>(kHost + n); }
  static Gfn<u64> seen(u64 n) { return Gfn<u64>((kBase >> PAGE_SHIFT) + n); }
  // Runs an operation as the control layers do: under the smmu lock.
  template <class Act>
  Status locked(Act act) {
    return vm.run([&](auto& t) {
      t.acquire_lock_smmu();
      const Status status = act(t);
      t.release_lock_smmu();
      return status;
    });
  }
  Status assign(u64 n) {
    return vm.run([&](auto& t) { return t.assign_smmu(V(v), frame(n), seen(n)); });
  }
  Status map_raw(u64 vmid, u64 bank, u64 iova_frame, u64 pfn) {
    return locked([&](auto& t) {
      return t.map_smmu(V(vmid), ContextBank<u64>(bank & 7), SmmuIndex<u64>(bank >> 3),
                        Iova<u64>(iova_frame << PAGE_SHIFT),
                        Descriptor<u64>(pfn << PAGE_SHIFT | PAGE_S2_KERNEL));
    });
  }
  Status map_host(u64 bank, u64 n) { return map_raw(HOSTVISOR, bank, kHost + n, kHost + n); }
  Status map_vm(u64 n) { return map_raw(v, kVmBank, seen(n).raw, kHost + n); }
  Status clear(u64 vmid, u64 bank, u64 iova_frame) {
    return locked([&](auto& t) {
      return t.clear_smmu(V(vmid), ContextBank<u64>(bank & 7), SmmuIndex<u64>(bank >> 3),
                          Iova<u64>(iova_frame << PAGE_SHIFT));
    });
  }
  Status donate(u64 n) {
    return vm.run(
        [&](auto& t) { return t.donate_vm_page(V(v), Ipa<u64>(seen(n).raw << PAGE_SHIFT), frame(n)); });
  }
  Status give_image_page(u64 n) {
    return vm.run([&](auto& t) { return t.remap_vm_image(V(v), frame(n), LoadIndex<u64>(0)); });
  }
  Status end() {
    return vm.run([&](auto& t) { return t.set_vm_poweroff(V(v)); });
  }
  u64 reclaim(u64 n) {
    return vm.run([&](auto& t) { return t.reclaim_vm_pages(V(v), frame(n), 1); });
  }

  VmLife vm;
  u64 v = 0;
};

TEST_F(DeviceLife, APageOfTheHostIsKeptWhileOneOfItsDevicesUsesIt) {
  EXPECT_EQ(map_host(kHostBank, 20), Status::ok);
  EXPECT_EQ(map_host(kOtherHostBank, 20), Status::ok);
  EXPECT_EQ(map_host(kHostBank, 20), Status::ok);  // again, identically
  EXPECT_EQ(donate(20), Status::busy);
  EXPECT_EQ(assign(20), Status::busy);
  EXPECT_EQ(clear(HOSTVISOR, kHostBank, kHost + 20), Status::ok);
  EXPECT_EQ(clear(HOSTVISOR, kHostBank, kHost + 20), Status::not_found);
  EXPECT_EQ(donate(20), Status::busy);  // the other bank still maps it
  EXPECT_EQ(clear(HOSTVISOR, kOtherHostBank, kHost + 20), Status::ok);
  EXPECT_EQ(donate(20), Status::ok);
  EXPECT_EQ(map_host(kHostBank, 20), Status::denied);
}

TEST_F(DeviceLife, AnEmptiedBankKeepsNothing) {
  EXPECT_EQ(map_host(kHostBank, 20), Status::ok);
  const auto empty = [&](u64 vmid, u64 bank) {
    return locked([&](auto& t) {
      return t.alloc_smmu(V(vmid), ContextBank<u64>(bank & 7), SmmuIndex<u64>(bank >> 3));
    });
  };
  EXPECT_EQ(empty(v, kHostBank), Status::denied);
  EXPECT_EQ(empty(HOSTVISOR, kHostBank), Status::ok);
  EXPECT_EQ(donate(20), Status::ok);
}

TEST_F(DeviceLife, TheHostsIovasAreItsAddresses) {
  EXPECT_EQ(map_raw(HOSTVISOR, kHostBank, kHost + 1, kHost + 20), Status::denied);
  EXPECT_EQ(map_raw(HOSTVISOR, kHostBank, kDevicePages >> PAGE_SHIFT, kDevicePages >> PAGE_SHIFT),
            Status::denied);  // no device behind a bank reaches another device
  EXPECT_EQ(map_raw(HOSTVISOR, kVmBank, kHost + 20, kHost + 20), Status::denied);
  EXPECT_EQ(map_raw(HOSTVISOR, kNobodysBank, kHost + 20, kHost + 20), Status::denied);
}

TEST_F(DeviceLife, OnlyPagesForDevicesAreInAVmsBank) {
  EXPECT_EQ(donate(20), Status::ok);
  EXPECT_EQ(map_vm(20), Status::denied);  // private
  EXPECT_EQ(assign(20), Status::denied);  // and stays private
  EXPECT_EQ(assign(21), Status::ok);
  EXPECT_EQ(vm.state().content.contents.read(kHost + 21, 0), 0u);
  EXPECT_EQ(assign(21), Status::unchanged);
  EXPECT_EQ(map_raw(v, kVmBank, seen(22).raw, kHost + 21), Status::denied);
  EXPECT_EQ(map_raw(v, kHostBank, seen(21).raw, kHost + 21), Status::denied);
  EXPECT_EQ(map_vm(21), Status::ok);
  EXPECT_EQ(donate(21), Status::ok);  // the VM sees it too
  EXPECT_EQ(vm.run([&](auto& t) { return t.grant_vm_page(V(v), frame(21)); }), Status::denied);
  EXPECT_EQ(map_host(kHostBank, 21), Status::denied);
}

TEST_F(DeviceLife, AnImageIsForNoDevice) {
  EXPECT_EQ(assign(0), Status::ok);  // where the image begins
  EXPECT_EQ(map_vm(0), Status::ok);
  EXPECT_EQ(give_image_page(0), Status::denied);
  EXPECT_EQ(vm.state().records.vm_mapped_pages.read(v, 0), 0u);
}

TEST_F(DeviceLife, DevicesOfAVmAreSetUpBeforeItIsVerifiedAndGivenBackAfterItsEnd) {
  EXPECT_EQ(assign(21), Status::ok);
  EXPECT_EQ(map_vm(21), Status::ok);
  vm.state().records.vm_state.write(v, 0, vm_state::VERIFIED);
  vm.state().records.vm_item.write(v, static_cast<u64>(VmItem::verify_image), 1);
  EXPECT_EQ(assign(22), Status::denied);
  EXPECT_EQ(map_vm(21), Status::denied);
  EXPECT_EQ(clear(v, kVmBank, seen(21).raw), Status::denied);
  EXPECT_EQ(end(), Status::ok);
  EXPECT_EQ(reclaim(21), 0u);  // a bank still maps it
  EXPECT_EQ(map_vm(21), Status::denied);
  EXPECT_EQ(clear(v, kVmBank, seen(21).raw), Status::ok);
  EXPECT_EQ(reclaim(21), 1u);
  EXPECT_EQ(vm.run([&](auto& t) { return t.destroy_vm(V(v)); }), Status::ok);
}

}  // namespace
}  // namespace redoubt::test
