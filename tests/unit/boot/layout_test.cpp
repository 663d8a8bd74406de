// SPDX-License-Identifier: BSD-3-Clause
// Layout: INV-BOOT-2 for arbitrary machines, and each refusal.
#include "boot/layout.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/machine/smmu_layout.hpp"

namespace redoubt {
namespace {

constexpr std::uint64_t kBase = 0x4000'0000, kMiB = 1u << 20;
constexpr std::uint64_t kTreeBytes = 0x4000;

LoadedImage image_at(std::uint64_t base) {
  return {base,
          {.magic = kDescriptorMagic,
           .version = kDescriptorVersion,
           .build_flags = 0,
           .core_memory_size = 0x8'0000,
           .payload_offset = kBlockSize,
           .payload_file_size = 30 * kMiB,
           .payload_memory_size = 33 * kMiB,
           .keys_offset = 0,
           .keys_count = 0}};
}

BootInfo machine(std::uint64_t ram = 1024 * kMiB) {
  BootInfo info;
  (void)info.memory.push({kBase, ram});
  info.ram_bytes = ram;
  info.initrd = {kBase + 128 * kMiB, 3 * kMiB};
  return info;
}

constexpr Range kTree{kBase + 144 * kMiB, kMiB};

BootError error_of(LoadedImage const& image, BootInfo info, std::uint64_t data = 20 * kMiB,
                   Range tree = kTree) {
  return plan_layout(image, tree, data, kTreeBytes, info).error;
}

TEST(Layout, TakesTheTopOfRam) {
  auto info = machine();
  ASSERT_TRUE(plan_layout(image_at(kBase + 2 * kMiB), kTree, 20 * kMiB, kTreeBytes, info).ok());
  EXPECT_EQ(info.core_image, (Range{kBase + 2 * kMiB, 2 * kMiB}));
  EXPECT_EQ(info.payload, (Range{kBase + 4 * kMiB, 33 * kMiB}));
  EXPECT_EQ(info.core_data, (Range{kBase + 1004 * kMiB, 20 * kMiB}));
  EXPECT_EQ(info.host_tree, (Range{kBase + 1004 * kMiB - kTreeBytes, kTreeBytes}));
}

TEST(Layout, RefusesWhatCannotBoot) {
  auto const good = image_at(kBase + 2 * kMiB);
  EXPECT_EQ(error_of(good, machine()), BootError::none);
  EXPECT_EQ(error_of(image_at(kBase + 2 * kMiB + 0x1000), machine()), BootError::core_misaligned);
  EXPECT_EQ(error_of(image_at(kBase + 4096 * kMiB), machine()), BootError::core_outside_ram);
  EXPECT_EQ(error_of(image_at(kBase + 1000 * kMiB), machine()), BootError::payload_outside_ram);
  EXPECT_EQ(error_of(good, machine(), 2000 * kMiB), BootError::core_no_room);
  EXPECT_EQ(error_of(good, machine(), 60 * kMiB), BootError::ram_too_small);  // R17: more than its share
  EXPECT_EQ(error_of(good, machine(), 20 * kMiB, {kBase + 10 * kMiB, kMiB}), BootError::tree_overlaps);
  EXPECT_EQ(error_of(good, machine(), 20 * kMiB, {0x1000, kMiB}), BootError::tree_outside_ram);

  auto unpacked = good;
  unpacked.descriptor.payload_offset = 0;
  EXPECT_EQ(error_of(unpacked, machine()), BootError::payload_missing);
  auto odd = good;
  odd.descriptor.payload_offset = 3 * kMiB;
  EXPECT_EQ(error_of(odd, machine()), BootError::payload_not_an_image);
  auto wrapping = good;
  wrapping.descriptor.payload_memory_size = ~0ull - kMiB;
  EXPECT_EQ(error_of(wrapping, machine()), BootError::payload_outside_ram);

  auto initrd = machine();
  initrd.initrd.base = kBase + 20 * kMiB;
  EXPECT_EQ(error_of(good, initrd), BootError::initrd_overlaps);
  auto reserved = machine();
  (void)reserved.reservations.push({kBase + 30 * kMiB, 0x1000});
  EXPECT_EQ(error_of(good, reserved), BootError::payload_overlaps_reservation);
}

TEST(Layout, ChecksTheKeySet) {
  auto image = image_at(kBase + 2 * kMiB);
  image.descriptor.keys_count = 2;
  image.descriptor.keys_offset = 0x8'0000;
  EXPECT_EQ(error_of(image, machine()), BootError::none);
  image.descriptor.keys_offset = 0x7'ffff;  // inside the core
  EXPECT_EQ(error_of(image, machine()), BootError::keys_malformed);
  image.descriptor.keys_offset = 0x8'0020;  // not at a page
  EXPECT_EQ(error_of(image, machine()), BootError::keys_malformed);
  image.descriptor.keys_offset = kBlockSize;
  EXPECT_EQ(error_of(image, machine()), BootError::keys_malformed);
  image.descriptor.keys_offset = ~0ull;
  EXPECT_EQ(error_of(image, machine()), BootError::keys_malformed);
  image.descriptor.keys_offset = 0x8'0000;
  image.descriptor.keys_count = 9;
  EXPECT_EQ(error_of(image, machine()), BootError::keys_malformed);
}

// Pools, SMMU pool, stamps and ownership array follow one another, and the parameter set knows where.
TEST(Layout, PartsOfTheCoreDataFollowOneAnother) {
  constexpr std::uint64_t data = 0x7ec0'0000, pools = data + kPoolsOffset;
  EXPECT_GE(kSmmuPoolOffset, kPoolsOffset + pools_size<QemuVirtParams>());
  EXPECT_EQ(smmu_pool_of<QemuVirtParams>(pools).roots.raw, data + kSmmuPoolOffset);
  EXPECT_EQ(smmu_pool_of<QemuVirtParams>(pools).end.raw, data + kSmmuStampsOffset);
  EXPECT_EQ((data + kSmmuPoolOffset) % SMMU_ROOT_SIZE, 0u);
  EXPECT_GE(kOwnershipOffset, kSmmuStampsOffset + 8 * smmu_table_pages<QemuVirtParams>());
  EXPECT_EQ(kSmmuPoolOffset % PAGE_SIZE | kOwnershipOffset % PAGE_SIZE, 0u);
  EXPECT_EQ(core_data_size(0) % kBlockSize, 0u);
}

TEST(Layout, OwnershipFitsTheLimitOfEveryMachine) {
  for (std::uint64_t ram = 512 * kMiB; ram <= 4096 * kMiB; ram += 128 * kMiB) {
    auto info = machine(ram);
    EXPECT_TRUE(
        plan_layout(image_at(kBase + 2 * kMiB), kTree, core_data_size(ram / kPageSize), kTreeBytes, info)
            .ok())
        << ram;
    EXPECT_LE(info.core_bytes(), info.core_limit());
  }
}

RC_GTEST_PROP(LayoutProperty, ChosenRangesAreFree, ()) {
  auto info = machine(512 * kMiB + *rc::gen::inRange<std::uint64_t>(0, 3000) * kMiB);
  auto const count = *rc::gen::inRange(0, 32);
  for (int i = 0; i < count; ++i) {
    (void)info.reservations.push({kBase + *rc::gen::inRange<std::uint64_t>(40 * kMiB, info.ram_bytes),
                                  *rc::gen::inRange<std::uint64_t>(1, 64 * kMiB)});
  }
  auto const data = *rc::gen::inRange<std::uint64_t>(1, 16) * kBlockSize;
  if (!plan_layout(image_at(kBase + 2 * kMiB), kTree, data, kTreeBytes, info).ok()) return;
  RC_ASSERT(is_aligned(info.core_data.base, kBlockSize) && info.core_data.size == data);
  RC_ASSERT(is_aligned(info.host_tree.base, kPageSize));
  for (auto const& chosen : {info.core_data, info.host_tree}) {
    RC_ASSERT(info.memory[0].contains(chosen));
    for (auto const& other : {info.core_image, info.payload, info.initrd, kTree})
      RC_ASSERT(!other.overlaps(chosen));
    for (auto const& other : info.reservations) RC_ASSERT(!other.overlaps(chosen));
  }
  RC_ASSERT(!info.core_data.overlaps(info.host_tree));
}

// find_free finds a place if there is one: compared with trying every block.
RC_GTEST_PROP(LayoutProperty, FindsTheHighestFreePlace, ()) {
  BootInfo info;
  (void)info.memory.push({kBase, 64 * kBlockSize});
  auto const count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < count; ++i) {
    (void)info.reservations.push({kBase + *rc::gen::inRange<std::uint64_t>(0, 64) * kBlockSize + 0x1000,
                                  *rc::gen::inRange<std::uint64_t>(1, 8) * kBlockSize});
  }
  auto const size = *rc::gen::inRange<std::uint64_t>(1, 16) * kBlockSize;
  Range expected;
  for (std::uint64_t base = kBase; base + size <= kBase + 64 * kBlockSize; base += kBlockSize) {
    bool free = true;
    for (auto const& other : info.reservations) free = free && !other.overlaps({base, size});
    if (free) expected = {base, size};
  }
  RC_ASSERT(find_free(info, {}, size, kBlockSize) == expected);
}

}  // namespace
}  // namespace redoubt
