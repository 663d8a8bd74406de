// SPDX-License-Identifier: BSD-3-Clause
// Device trees: what is read, each refusal with its own error, and what the host's copy shows.
#include <gtest/gtest.h>

#include "tests/unit/boot/tree_builder.hpp"

namespace redoubt::test {
namespace {

BootError error_of(TreeOptions const& options) {
  BootInfo info;
  return read(make_tree(options), info).error;
}

TEST(DeviceTree, ReadsMemoryCpusInitrdAndReservations) {
  BootInfo info;
  auto const blob = make_tree({.memory = {{kRamBase + (1ull << 30), 1ull << 29}, {kRamBase, 1ull << 29}},
                               .cpus = 3,
                               .reserve_map = {{0x4700'0000, 0x1000}},
                               .reserved = {{0x4710'0000, 0x2000}}});
  ASSERT_TRUE(read(blob, info, 2).ok());
  ASSERT_EQ(info.memory.size(), 2u);
  EXPECT_EQ(info.memory[0].base, kRamBase);  // sorted
  EXPECT_EQ(info.ram_bytes, 1ull << 30);
  ASSERT_EQ(info.cpus.size(), 3u);
  EXPECT_EQ(info.cpus[2], 2u);
  EXPECT_EQ(info.initrd, (Range{0x4800'0000, 0x10'0000}));
  ASSERT_EQ(info.reservations.size(), 2u);
  EXPECT_EQ(info.reservations[0], (Range{0x4700'0000, 0x1000}));
  EXPECT_EQ(info.reservations[1], (Range{0x4710'0000, 0x2000}));
  EXPECT_FALSE(info.smmu_present);
}

TEST(DeviceTree, RedistributorsLackTheirFirstPage) {
  BootInfo info;
  ASSERT_TRUE(read(make_tree({.cpus = 8}), info).ok());
  auto const mapped = [&](std::uint64_t address) {
    for (auto const& window : info.host_devices)
      if (window.contains(address)) return true;
    return false;
  };
  for (std::uint64_t cpu = 0; cpu < 8; ++cpu) {
    std::uint64_t const frame = 0x080a'0000 + cpu * 0x2'0000;
    EXPECT_FALSE(mapped(frame));
    EXPECT_FALSE(mapped(frame + 0xfff));
    EXPECT_TRUE(mapped(frame + 0x1000));
    EXPECT_TRUE(mapped(frame + 0x1'ffff));
  }
  EXPECT_FALSE(mapped(0x080a'0000 + 8 * 0x2'0000 + 0x1000));  // no ninth CPU
  EXPECT_FALSE(mapped(0x0902'0000));                          // fw_cfg
}

TEST(DeviceTree, RefusesDamagedHeaders) {
  BootInfo info;
  auto blob = make_tree({});
  auto* const header = reinterpret_cast<fdt_header*>(blob.data());
  std::uint32_t const size = fdt_totalsize(blob.data());
  EXPECT_EQ(read_device_tree(blob.data(), size - 4, qemu_virt::kBoard, 0, info).error,
            BootError::tree_truncated);
  fdt_set_totalsize(blob.data(), (2u << 20) + 8);
  EXPECT_EQ(read_device_tree(blob.data(), 4u << 20, qemu_virt::kBoard, 0, info).error,
            BootError::tree_too_large);
  fdt_set_totalsize(blob.data(), size);
  header->magic = 0;
  EXPECT_EQ(read(blob, info).error, BootError::tree_truncated);
}

TEST(DeviceTree, SizeComesFromTheHeader) {
  auto blob = make_tree({});
  std::uint64_t bytes = 0;
  EXPECT_TRUE(read_tree_size(blob.data(), bytes).ok());
  EXPECT_EQ(bytes, fdt_totalsize(blob.data()));
  fdt_set_totalsize(blob.data(), (2u << 20) + 8);
  EXPECT_EQ(read_tree_size(blob.data(), bytes).error, BootError::tree_too_large);
  fdt_set_totalsize(blob.data(), 8);
  EXPECT_EQ(read_tree_size(blob.data(), bytes).error, BootError::tree_truncated);
}

TEST(DeviceTree, IsReadOnlyWhereItMayLie) {
  Range const core{kRamBase + (2u << 20), 2u << 20};
  auto const place = [&](std::uint64_t base, std::uint64_t size) {
    return check_tree_place(qemu_virt::kBoard, core, {base, size}).error;
  };
  std::uint64_t const window_end = qemu_virt::kBoard.ram_window.end();
  EXPECT_EQ(place(core.base - 40, 40), BootError::none);
  EXPECT_EQ(place(core.base - 40, 41), BootError::tree_overlaps);
  EXPECT_EQ(place(core.end() - 8, 40), BootError::tree_overlaps);
  EXPECT_EQ(place(core.end(), 40), BootError::none);
  EXPECT_EQ(place(window_end - 40, 40), BootError::none);
  EXPECT_EQ(place(window_end - 40, 41), BootError::tree_outside_ram);
  EXPECT_EQ(place(kRamBase - 8, 40), BootError::tree_outside_ram);
  EXPECT_EQ(place(~std::uint64_t{0} - 7, 40), BootError::tree_outside_ram);
}

TEST(DeviceTree, RefusesUnusableMemory) {
  EXPECT_EQ(error_of({.memory = {}}), BootError::tree_no_memory);
  EXPECT_EQ(error_of({.memory = {{kRamBase, 1ull << 29}, {kRamBase + (1ull << 28), 1ull << 29}}}),
            BootError::tree_memory_overlaps);
  EXPECT_EQ(error_of({.memory = {{kRamBase + 0x800, 1ull << 30}}}), BootError::tree_memory_misaligned);
  EXPECT_EQ(error_of({.memory = {{kRamBase, (1ull << 30) + 0x10}}}), BootError::tree_memory_misaligned);
  EXPECT_EQ(error_of({.memory = {{0, 1ull << 30}}}), BootError::tree_memory_outside_board);
  EXPECT_EQ(error_of({.memory = {{kRamBase, 8ull << 30}}}), BootError::tree_memory_outside_board);
  EXPECT_EQ(error_of({.memory = {{kRamBase, ~0xfffull}}}), BootError::tree_memory_outside_board);
  EXPECT_EQ(error_of({.memory = {{kRamBase, 256ull << 20}}}), BootError::ram_too_small);
  EXPECT_EQ(error_of({.address_cells = 3}), BootError::tree_cells_unsupported);
}

TEST(DeviceTree, CountsRegionsReservationsAndCpus) {
  std::vector<Range> regions(32);
  for (std::uint64_t i = 0; i < 32; ++i) regions[i] = {kRamBase + i * (32ull << 20), 16ull << 20};
  EXPECT_EQ(error_of({.memory = regions}), BootError::none);
  regions.push_back({kRamBase + (2ull << 30), 16ull << 20});
  EXPECT_EQ(error_of({.memory = regions}), BootError::tree_too_many_regions);
  std::vector<Range> const reservations(33, Range{0x5000'0000, 0x1000});
  EXPECT_EQ(error_of({.reserve_map = reservations}), BootError::tree_too_many_reservations);
  EXPECT_EQ(error_of({.reserve_map = {{~0xfffull, 0x2000}}}), BootError::tree_corrupt);
  EXPECT_EQ(error_of({.cpus = 8}), BootError::none);
  EXPECT_EQ(error_of({.cpus = 9}), BootError::tree_too_many_cpus);
  EXPECT_EQ(error_of({.cpus = 0}), BootError::tree_no_cpus);
}

TEST(DeviceTree, RefusesOtherMachines) {
  EXPECT_EQ(error_of({.cpu_method = "spin-table"}), BootError::tree_cpu_method);
  EXPECT_EQ(error_of({.cpus = 1, .cpu_method = ""}), BootError::none);  // as QEMU does for one CPU
  EXPECT_EQ(error_of({.interrupt_controller = false}), BootError::tree_no_interrupt_controller);
  EXPECT_EQ(error_of({.initrd = {0x1000, 0x1000}}), BootError::initrd_outside_ram);
  EXPECT_EQ(error_of({.initrd = {kRamBase + (1ull << 30) - 0x1000, 0x2000}}), BootError::initrd_outside_ram);
  BootInfo info;
  EXPECT_EQ(read(make_tree({}), info, 7).error, BootError::tree_boot_cpu_missing);
}

struct HostTree {
  BootInfo info;
  std::vector<std::uint64_t> blob;
  std::vector<std::uint64_t> out;

  explicit HostTree(TreeOptions const& options) : blob(make_tree(options)) {
    EXPECT_TRUE(read(blob, info).ok());
    info.core_image = {kRamBase + 0x20'0000, 0x20'0000};
    info.core_data = {kRamBase + (1ull << 30) - 0x200'0000, 0x200'0000};
    pack_device_tree(blob.data());
    out.resize(host_tree_size(blob.data()) / 8);
    EXPECT_TRUE(write_host_tree(blob.data(), out.data(), out.size() * 8, qemu_virt::kBoard, info).ok());
    EXPECT_EQ(fdt_check_full(out.data(), out.size() * 8), 0);
  }
  [[nodiscard]] bool has(char const* path) const { return fdt_path_offset(out.data(), path) >= 0; }
};

TEST(HostTree, ShowsOnlyListedDevices) {
  HostTree const tree({.smmu = true});
  EXPECT_TRUE(tree.info.smmu_present);
  EXPECT_TRUE(tree.has("/pl011@9000000"));
  EXPECT_TRUE(tree.has("/intc@8000000"));
  EXPECT_FALSE(tree.has("/intc@8000000/its@8080000"));
  EXPECT_FALSE(tree.has("/fw-cfg@9020000"));
  EXPECT_FALSE(tree.has("/virtio_mmio@a000000"));
  EXPECT_FALSE(tree.has("/virtio_mmio@a000006"));
  EXPECT_FALSE(tree.has("/smmuv3@9050000"));
  EXPECT_TRUE(tree.has("/cpus/cpu@1"));
  EXPECT_EQ(tree.info.devices_withheld, 7u);
}

TEST(HostTree, UnknownAddressesAndBusesAreWithheld) {
  HostTree const tree({.more = [](void* blob) {
    TreeWriter out(blob);
    out.device("new@c000000", "vendor,new", {{0x0c00'0000, 0x1000}});
    out.device("half@9000000", "vendor,half", {{0x0900'0000, 0x1000}, {0x0b00'0000, 0x1000}});
    out.device("wide@9000000", "vendor,wide", {{0x0900'0000, 0x1001}});
    out.device("wrap@9000000", "vendor,wrap", {{0x0900'0000, ~0ull}});
    out.begin("soc");
    out.text("compatible", "simple-bus");
    out.ranges("ranges", {});
    out.device("dma@0", "vendor,dma", {{0, 0x1000}});
    out.end();
    out.begin("timer");  // no address at all
    out.text("compatible", "arm,armv8-timer");
    out.end();
  }});
  for (char const* path : {"/new@c000000", "/half@9000000", "/wide@9000000", "/wrap@9000000", "/soc"})
    EXPECT_FALSE(tree.has(path)) << path;
  EXPECT_TRUE(tree.has("/timer"));
}

TEST(HostTree, ReservesTheCore) {
  for (bool const existing : {false, true}) {
    HostTree const tree(
        {.reserved = existing ? std::vector<Range>{{0x4710'0000, 0x2000}} : std::vector<Range>{}});
    int const image = fdt_path_offset(tree.out.data(), "/reserved-memory/redoubt@40200000");
    ASSERT_GE(image, 0);
    EXPECT_NE(fdt_getprop(tree.out.data(), image, "no-map", nullptr), nullptr);
    int length = 0;
    auto const* const reg =
        static_cast<unsigned char const*>(fdt_getprop(tree.out.data(), image, "reg", &length));
    ASSERT_EQ(length, 16);
    EXPECT_EQ(reg[4], 0x40);
    EXPECT_EQ(reg[5], 0x20);
    EXPECT_EQ(reg[13], 0x20);
    EXPECT_TRUE(tree.has("/reserved-memory/redoubt@7e000000"));
    BootInfo again;  // the host's tree is itself readable, and the core's ranges are reservations in it
    ASSERT_TRUE(read(tree.out, again).ok());
    EXPECT_EQ(again.reservations.size(), existing ? 3u : 2u);
  }
}

TEST(HostTree, ReservationsAreSuchAsLinuxTakes) {
  std::vector<Range> const reserved{{0x4710'0000, 0x2000}};
  HostTree const tree({.reserved = reserved, .reserved_ranges = false});
  int const node = fdt_path_offset(tree.out.data(), "/reserved-memory");
  EXPECT_NE(fdt_getprop(tree.out.data(), node, "ranges", nullptr), nullptr);
  auto const other = make_tree({.more = [](void* blob) {
    TreeWriter out(blob);
    out.begin("reserved-memory");
    out.cell("#address-cells", 2);
    out.cell("#size-cells", 1);
    out.end();
  }});
  HostTree room({});
  EXPECT_EQ(
      write_host_tree(other.data(), room.out.data(), room.out.size() * 8, qemu_virt::kBoard, room.info).error,
      BootError::tree_cells_unsupported);
}

TEST(HostTree, TooSmallABufferIsAnError) {
  HostTree tree({});
  EXPECT_EQ(write_host_tree(tree.blob.data(), tree.out.data(), 512, qemu_virt::kBoard, tree.info).error,
            BootError::tree_no_room);
}

TEST(BootErrors, AllHaveTexts) {
  for (int i = 0; i <= static_cast<int>(BootError::redistributor_unsupported); ++i) {
    auto const text = boot_error_text(static_cast<BootError>(i));
    EXPECT_STRNE(text.message, "unknown error") << i;
  }
}

}  // namespace
}  // namespace redoubt::test
