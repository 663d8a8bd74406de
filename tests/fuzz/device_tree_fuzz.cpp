// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer: any bytes as the boot loader's device tree; a valid tree is the seed that mutations start from.
#include <algorithm>
#include <cstdlib>

#include "tests/fuzz/tree_input.hpp"
#include "tests/unit/boot/tree_builder.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t maximum);

// Every now and then starts over from a valid tree.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t maximum,
                                               unsigned seed) {
  if (seed % 8 == 0 || size < sizeof(fdt_header)) {
    auto const tree = redoubt::test::make_tree({.cpus = 1 + seed / 8 % 8, .smmu = seed % 16 == 0});
    std::size_t const length = std::min<std::size_t>(fdt_totalsize(tree.data()), maximum);
    std::memcpy(data, tree.data(), length);
    size = length;
  }
  return LLVMFuzzerMutate(data, size, maximum);
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (!redoubt::fuzz::handle_tree(data, size)) std::abort();
  return 0;
}
