// SPDX-License-Identifier: BSD-3-Clause
// What the owner of a VM decides, where it all goes in the guest's memory, and the images that follow.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "abi/bundle.h"
#include "tools/common/file.hpp"

namespace redoubt::sign {

using tools::Bytes;
using tools::File;

// Something given cannot be used; the text says what and what to do.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct VmOptions {
  std::string name;
  std::string cmdline;
  std::uint64_t memory_size = 0;  // bytes
  std::uint32_t vcpus = 1;
  std::uint64_t counter = 0;
  File kernel;       // an arm64 Image, or with `raw` any code
  bool raw = false;  // entered at its first byte, which lies at the start of the memory
  std::optional<File> initrd;
};

inline constexpr std::uint64_t kMemoryBase = REDOUBT_GUEST_RAM_BASE;
inline constexpr std::size_t kMaximumCmdline = 2047;  // what Linux takes on arm64, without its NUL

// Guest addresses. The kernel has its whole image_size, BSS counted, to itself.
struct Placement {
  std::uint64_t kernel = 0, dtb = 0;
  std::uint64_t initrd = 0, initrd_end = 0;  // 0: none
  std::uint64_t end = 0;                     // first byte behind everything
};

struct Image {
  std::string kind;
  std::uint64_t address = 0;
  File bytes;
};

// Throws BadInput for an option that no VM can have, a kernel that is none, or a memory too small.
void check_options(VmOptions const& options);
[[nodiscard]] Placement place(VmOptions const& options, std::uint64_t dtb_size);

// Kernel, device tree and, if there is one, initrd, by address.
[[nodiscard]] std::vector<Image> make_images(VmOptions const& options);

}  // namespace redoubt::sign
