// SPDX-License-Identifier: BSD-3-Clause
// Where a VM's images go, what its device tree says, which options are refused.
#include "tools/redoubt-sign/vm.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/sign/vms.hpp"
#include "tools/redoubt-sign/guest_tree.hpp"

namespace redoubt::sign {
namespace {

std::string refusal(VmOptions const& options) {
  try {
    (void)make_images(options);
  } catch (BadInput const& problem) {
    return problem.what();
  }
  return "";
}
std::string refusal_after(auto change) {
  auto options = small_vm();
  change(options);
  return refusal(options);
}

TEST(Vm, KernelHasItsWholeMemory) {
  auto const images = make_images(small_vm());
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[0].kind, "kernel");
  EXPECT_EQ(images[0].address, kMemoryBase);
  EXPECT_EQ(images[1].kind, "dtb");
  EXPECT_EQ(images[1].address, kMemoryBase + 0x18'0000);  // behind the BSS, not behind the file
  EXPECT_EQ(images[2].kind, "initrd");
  EXPECT_EQ(images[2].address, kMemoryBase + 0x18'1000);
}

TEST(Vm, KernelMayWantAnOffset) {
  auto options = small_vm();
  options.kernel = make_kernel(0x10'0000, 0x10'0000, 0x8'0000);
  auto const images = make_images(options);
  EXPECT_EQ(images[0].address, kMemoryBase + 0x8'0000);
  EXPECT_EQ(images[1].address, kMemoryBase + 0x18'0000);
}

TEST(Vm, TreeCrossesNoBlock) {
  auto options = small_vm();
  options.cmdline = std::string(2000, 'x');  // the tree is larger than half a page
  options.kernel = make_kernel(0x10'0000, 0x1f'f001);
  EXPECT_EQ(make_images(options)[1].address, kMemoryBase + 0x20'0000);
  options.kernel = make_kernel(0x10'0000, 0x1f'f000);
  EXPECT_EQ(make_images(options)[1].address, kMemoryBase + 0x1f'f000);
}

TEST(Vm, RawPayloadStartsTheMemory) {
  auto options = small_vm();
  options.raw = true;
  options.kernel = any_bytes(5000, 1);
  auto const images = make_images(options);
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[0].kind, "raw");
  EXPECT_EQ(images[0].address, kMemoryBase);
  EXPECT_EQ(images[1].address, kMemoryBase + 0x2000);  // initrd
  EXPECT_EQ(images[2].kind, "dtb");
  EXPECT_EQ(images[2].address, kMemoryBase + options.memory_size - 4096);  // room for its BSS below
  options.memory_size = 2u << 20;
  options.initrd = any_bytes((2u << 20) - 0x3000, 1);
  EXPECT_EQ(refusal(options), "");
  options.initrd = any_bytes((2u << 20) - 0x3000 + 1, 1);
  EXPECT_NE(refusal(options).find("--memory"), std::string::npos);
}

TEST(Vm, RefusesOptions) {
  EXPECT_EQ(refusal(small_vm()), "");
  EXPECT_NE(refusal_after([](auto& o) { o.name = ""; }).find("--name"), std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.name = "a b"; }).find("--name"), std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.name = std::string(32, 'a'); }).find("--name"), std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.name = std::string("a\0b", 3); }).find("--name"),
            std::string::npos);
  EXPECT_EQ(refusal_after([](auto& o) { o.name = std::string(31, 'a'); }), "");
  EXPECT_NE(refusal_after([](auto& o) { o.memory_size = 0; }).find("--memory"), std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.memory_size = (64u << 20) + 4096; }).find("--memory"),
            std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.memory_size = 1ull << 40; }).find("--memory"), std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.vcpus = 0; }).find("--vcpus"), std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.vcpus = 9; }).find("--vcpus"), std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.cmdline = std::string(2048, 'x'); }).find("--cmdline"),
            std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.initrd = File{}; }).find("--initrd"), std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.kernel = File(100); }).find("--kernel: not an arm64"),
            std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.kernel = File{}; }).find("empty"), std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.memory_size = 2u << 20, o.initrd = File(0x8'0000); }).find("3 MiB"),
            std::string::npos);
  EXPECT_NE(refusal_after([](auto& o) { o.kernel = make_kernel(4096, 65u << 20); }).find("65 MiB"),
            std::string::npos);
}

std::string text_at(File const& tree, char const* path, char const* name) {
  int size = 0;
  auto const* const value = fdt_getprop(tree.data(), fdt_path_offset(tree.data(), path), name, &size);
  return value == nullptr ? "none"
                          : std::string(static_cast<char const*>(value), static_cast<std::size_t>(size));
}
std::vector<std::uint64_t> numbers_at(File const& tree, char const* path, char const* name) {
  auto const bytes = text_at(tree, path, name);
  std::vector<std::uint64_t> numbers(bytes.size() / 8);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    fdt64_t word;
    std::memcpy(&word, bytes.data() + 8 * i, sizeof word);
    numbers[i] = fdt64_to_cpu(word);
  }
  return numbers;
}

TEST(GuestTree, DescribesTheMachineOfTheAbi) {
  auto const options = small_vm();
  auto const images = make_images(options);
  File const& tree = images[1].bytes;
  ASSERT_EQ(fdt_check_full(tree.data(), tree.size()), 0);
  using Numbers = std::vector<std::uint64_t>;
  EXPECT_EQ(numbers_at(tree, "/memory@40000000", "reg"), (Numbers{kMemoryBase, options.memory_size}));
  EXPECT_EQ(numbers_at(tree, "/intc@8000000", "reg"),
            (Numbers{REDOUBT_GUEST_GICD_BASE, REDOUBT_GUEST_GICD_SIZE, REDOUBT_GUEST_GICR_BASE,
                     std::uint64_t{2} * REDOUBT_GUEST_GICR_STRIDE}));
  EXPECT_EQ(numbers_at(tree, "/pl011@9000000", "reg"),
            (Numbers{REDOUBT_GUEST_UART_BASE, REDOUBT_GUEST_UART_SIZE}));
  EXPECT_EQ(text_at(tree, "/pl011@9000000", "clock-names"), std::string("uartclk\0apb_pclk\0", 17));
  EXPECT_EQ(text_at(tree, "/psci", "method"), std::string("hvc\0", 4));
  EXPECT_EQ(text_at(tree, "/chosen", "bootargs"), options.cmdline + '\0');
  EXPECT_EQ(numbers_at(tree, "/chosen", "linux,initrd-start"), Numbers{images[2].address});
  EXPECT_EQ(numbers_at(tree, "/chosen", "linux,initrd-end"), Numbers{images[2].address + 10'001});
  EXPECT_EQ(text_at(tree, "/cpus/cpu@1", "enable-method"), std::string("psci\0", 5));
  EXPECT_LT(fdt_path_offset(tree.data(), "/cpus/cpu@2"), 0);
}

TEST(GuestTree, HoldsNoSecretAndNoInitrdThatThereIsNot) {
  auto options = small_vm();
  options.initrd.reset();
  auto const images = make_images(options);
  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(text_at(images[1].bytes, "/chosen", "linux,initrd-start"), "none");
  EXPECT_EQ(text_at(images[1].bytes, "/chosen", "rng-seed"), "none");  // a signed tree is public
  EXPECT_EQ(text_at(images[1].bytes, "/chosen", "kaslr-seed"), "none");
}

RC_GTEST_PROP(VmProperty, ImagesAreInsideMemoryAndApart, ()) {
  VmOptions options = small_vm();
  options.raw = *rc::gen::arbitrary<bool>();
  auto const size = *rc::gen::inRange<std::size_t>(64, 0x30'0000);
  options.kernel = make_kernel(size, size + *rc::gen::inRange<std::size_t>(0, 0x30'0000));
  options.initrd.reset();
  if (*rc::gen::arbitrary<bool>()) options.initrd = File(*rc::gen::inRange<std::size_t>(1, 0x30'0000));
  options.cmdline = std::string(*rc::gen::inRange<std::size_t>(0, kMaximumCmdline + 1), 'c');
  options.vcpus = *rc::gen::inRange<std::uint32_t>(1, 9);
  options.memory_size = std::uint64_t{*rc::gen::inRange<unsigned>(1, 8)} << 21;
  std::vector<Image> images;
  try {
    images = make_images(options);
  } catch (BadInput const&) {
    RC_DISCARD("too small");
  }
  std::uint64_t free = kMemoryBase;
  for (auto const& image : images) {
    RC_ASSERT(image.address % 4096 == 0);
    RC_ASSERT(image.address >= free);
    free = (image.address + image.bytes.size() + 4095) & ~4095ull;
    std::uint64_t const first_block = image.address >> 21;
    std::uint64_t const last_block = (image.address + image.bytes.size() - 1) >> 21;
    if (image.kind == "dtb") RC_ASSERT(first_block == last_block);
  }
  RC_ASSERT(free <= kMemoryBase + options.memory_size);
}

}  // namespace
}  // namespace redoubt::sign
