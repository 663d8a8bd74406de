// SPDX-License-Identifier: BSD-3-Clause
// Damaged device trees: never a crash, never an out-of-range result; the sanitizers watch.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/fuzz/tree_input.hpp"
#include "tests/unit/boot/tree_builder.hpp"

namespace redoubt::test {
namespace {

RC_GTEST_PROP(DamagedTree, FlippedBytesAreHandled, ()) {
  auto blob = make_tree({.smmu = true});
  auto* const bytes = reinterpret_cast<unsigned char*>(blob.data());
  std::size_t const size = fdt_totalsize(blob.data());
  auto const flips = *rc::gen::inRange(1, 9);
  for (int i = 0; i < flips; ++i) {
    auto const at = *rc::gen::inRange<std::size_t>(0, size);
    bytes[at] = *rc::gen::arbitrary<unsigned char>();
  }
  RC_ASSERT(fuzz::handle_tree(bytes, size));
}

RC_GTEST_PROP(DamagedTree, CutOffTreesAreRefused, ()) {
  auto blob = make_tree({});
  std::size_t const size = fdt_totalsize(blob.data());
  auto const kept = *rc::gen::inRange<std::size_t>(0, size);
  BootInfo info;
  std::vector<std::uint64_t> copy(kept / 8 + 8);
  std::memcpy(copy.data(), blob.data(), kept);
  auto const failure = read_device_tree(copy.data(), kept, qemu_virt::kBoard, 0, info);
  RC_ASSERT(kept < sizeof(fdt_header) || failure.error == BootError::tree_truncated);
}

}  // namespace
}  // namespace redoubt::test
