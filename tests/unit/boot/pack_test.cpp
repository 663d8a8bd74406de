// SPDX-License-Identifier: BSD-3-Clause
// redoubt-pack: each refusal, and the packed file read back.
#include "tools/redoubt-pack/pack.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstring>

namespace redoubt::pack {
namespace {

using File = std::vector<std::byte>;

LinuxImageHeader image_header(std::uint64_t image_size) {
  return {.code = {},
          .text_offset = 0,
          .image_size = image_size,
          .flags = 0xa,
          .reserved = {},
          .magic = kLinuxImageMagic,
          .pe_offset = 0};
}

template <class T>
void put(File& file, std::size_t offset, T const& value) {
  std::memcpy(file.data() + offset, &value, sizeof value);
}
template <class T>
T get(File const& file, std::size_t offset) {
  T value;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

File make_core() {
  File core(0x1'1000, std::byte{0xc0});
  put(core, 0, image_header(0x8'0000));
  put(core, kDescriptorOffset,
      ImageDescriptor{.magic = kDescriptorMagic,
                      .version = kDescriptorVersion,
                      .build_flags = 0,
                      .core_memory_size = 0x8'0000,
                      .payload_offset = 0,
                      .payload_file_size = 0,
                      .payload_memory_size = 0,
                      .keys_offset = 0,
                      .keys_count = 0});
  return core;
}

File make_kernel() {
  File kernel(0x30'0000, std::byte{0x11});
  put(kernel, 0, image_header(0x50'0001));
  return kernel;
}

Error kernel_with(auto change) {
  File kernel = make_kernel();
  auto header = get<LinuxImageHeader>(kernel, 0);
  change(header);
  put(kernel, 0, header);
  return check_kernel(kernel);
}

TEST(Pack, RefusesKernels) {
  EXPECT_EQ(check_kernel(make_kernel()), Error::none);
  EXPECT_EQ(check_kernel({}), Error::kernel_missing);
  File gzip = make_kernel();
  gzip[0] = std::byte{0x1f};
  gzip[1] = std::byte{0x8b};
  EXPECT_EQ(check_kernel(gzip), Error::kernel_gzip);
  File zboot = make_kernel();
  std::memcpy(zboot.data(), "MZ\0\0zimg", 8);
  EXPECT_EQ(check_kernel(zboot), Error::kernel_zboot);
  EXPECT_EQ(check_kernel(File(40)), Error::kernel_truncated);
  EXPECT_EQ(check_kernel(File(4096)), Error::kernel_not_an_image);
  EXPECT_EQ(kernel_with([](auto& header) { header.flags |= 1; }), Error::kernel_big_endian);
  EXPECT_EQ(kernel_with([](auto& header) { header.flags = 2u << 1; }), Error::kernel_page_size);
  EXPECT_EQ(kernel_with([](auto& header) { header.flags = 3u << 1; }), Error::kernel_page_size);
  EXPECT_EQ(kernel_with([](auto& header) { header.flags = 0; }), Error::none);
  EXPECT_EQ(kernel_with([](auto& header) { header.text_offset = 0x8'0000; }), Error::kernel_text_offset);
  EXPECT_EQ(kernel_with([](auto& header) { header.image_size = 0; }), Error::kernel_size);
  EXPECT_EQ(kernel_with([](auto& header) { header.image_size = 0x2f'ffff; }), Error::kernel_size);
  EXPECT_EQ(kernel_with([](auto& header) { header.image_size = kMaximumPayload + 1; }),
            Error::kernel_too_large);
}

TEST(Pack, RefusesCores) {
  EXPECT_EQ(check_core(make_core()), Error::none);
  EXPECT_EQ(check_core(make_kernel()), Error::core_not_an_image);
  EXPECT_EQ(check_core(File(100)), Error::core_not_an_image);
  EXPECT_EQ(check_core({}), Error::core_not_an_image);
  EXPECT_EQ(check_core(join(make_core(), make_kernel(), {})), Error::core_already_packed);
  auto const changed = [](auto change) {
    File core = make_core();
    auto descriptor = get<ImageDescriptor>(core, kDescriptorOffset);
    change(descriptor);
    put(core, kDescriptorOffset, descriptor);
    return check_core(core);
  };
  EXPECT_EQ(changed([](auto& descriptor) { descriptor.version = 9; }), Error::core_wrong_version);
  EXPECT_EQ(changed([](auto& descriptor) { descriptor.core_memory_size = kBlockSize + 1; }),
            Error::core_too_large);
  EXPECT_EQ(changed([](auto& descriptor) { descriptor.core_memory_size = 64; }), Error::core_not_an_image);
}

TEST(Pack, RefusesKeySets) {
  EXPECT_EQ(check_keys(make_core(), {}), Error::none);
  EXPECT_EQ(check_keys(make_core(), File(64)), Error::none);
  EXPECT_EQ(check_keys(make_core(), File(33)), Error::keys_length);
  EXPECT_EQ(check_keys(make_core(), File(288)), Error::keys_too_many);  // 9 keys
}

TEST(Pack, FileReadsBack) {
  File const core = make_core(), kernel = make_kernel(), keys(64, std::byte{0x77});
  File const packed = join(core, kernel, keys);
  ASSERT_EQ(packed.size(), kBlockSize + kernel.size());
  auto const header = get<LinuxImageHeader>(packed, 0);
  auto const descriptor = get<ImageDescriptor>(packed, kDescriptorOffset);
  EXPECT_EQ(header.magic, kLinuxImageMagic);
  EXPECT_EQ(header.image_size, kBlockSize + 0x60'0000);  // the kernel's BSS counts
  EXPECT_EQ(descriptor.payload_offset, kBlockSize);
  EXPECT_EQ(descriptor.payload_file_size, kernel.size());
  EXPECT_EQ(descriptor.payload_memory_size, 0x50'0001u);
  EXPECT_EQ(descriptor.keys_offset, 0x8'0000u);
  EXPECT_EQ(descriptor.keys_count, 2u);
  EXPECT_EQ(std::memcmp(packed.data() + 128, core.data() + 128, core.size() - 128), 0);
  EXPECT_EQ(std::memcmp(packed.data() + kBlockSize, kernel.data(), kernel.size()), 0);
  EXPECT_EQ(packed[0x8'0000 + 63], std::byte{0x77});
  EXPECT_EQ(packed[0x8'0000 + 64], std::byte{0});
}

RC_GTEST_PROP(PackProperty, AnyBytesAreHandled, ()) {
  auto const raw = *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>());
  File file(raw.size());
  if (!raw.empty()) std::memcpy(file.data(), raw.data(), raw.size());
  RC_ASSERT(check_core(file) != Error::none);
  RC_ASSERT(check_kernel(file) != Error::none);
}

}  // namespace
}  // namespace redoubt::pack
