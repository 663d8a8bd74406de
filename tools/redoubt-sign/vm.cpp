// SPDX-License-Identifier: BSD-3-Clause
// The decisions of vm.hpp. Kernel: Linux Documentation/arch/arm64/booting.rst.
#include "tools/redoubt-sign/vm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "boot/image_format.hpp"
#include "boot/range.hpp"
#include "core/vm/manifest.hpp"
#include "tools/redoubt-pack/pack.hpp"
#include "tools/redoubt-sign/guest_tree.hpp"

namespace redoubt::sign {
namespace {

constexpr std::uint64_t mib(std::uint64_t bytes) { return (bytes + (1u << 20) - 1) >> 20; }

LinuxImageHeader header_of(File const& kernel) {
  LinuxImageHeader header;
  std::memcpy(&header, kernel.data(), sizeof header);
  return header;
}

// A device tree must not cross a 2 MiB boundary, and is at most that large.
std::uint64_t place_tree(std::uint64_t at, std::uint64_t size) {
  at = align_up(at, kPageSize);
  bool const crosses = align_down(at, kBlockSize) != align_down(at + size - 1, kBlockSize);
  return crosses ? align_up(at, kBlockSize) : at;
}

// Behind the kernel. A raw payload does not say what it needs: its tree goes to the end of the memory.
std::uint64_t place_tree(VmOptions const& options, std::uint64_t kernel_end, std::uint64_t size) {
  std::uint64_t const memory_end = kMemoryBase + options.memory_size;
  if (!options.raw) return place_tree(kernel_end, size);
  return memory_end - std::min(align_up(size, kPageSize), options.memory_size);
}

void require_room(VmOptions const& options, std::uint64_t end) {
  if (end - kMemoryBase <= options.memory_size) return;
  throw BadInput(fmt::format("--memory: the images need {} MiB at least, and the guest more to run",
                             mib(end - kMemoryBase)));
}

}  // namespace

void check_options(VmOptions const& options) {
  char name[sizeof redoubt_manifest::name] = {};
  if (options.name.size() < sizeof name) options.name.copy(name, sizeof name);
  if (!manifest::is_name(name)) throw BadInput("--name: 1 to 31 letters, digits, '-', '_' or '.'");
  if (!manifest::is_memory(kMemoryBase, options.memory_size))
    throw BadInput("--memory: a multiple of 2M, up to 1023G");
  if (options.vcpus == 0 || options.vcpus > VCPU_PER_VM) throw BadInput("--vcpus: 1 to 8");
  if (options.cmdline.size() > kMaximumCmdline) {
    throw BadInput(
        fmt::format("--cmdline: {} bytes, the kernel takes {}", options.cmdline.size(), kMaximumCmdline));
  }
  if (options.initrd && options.initrd->empty()) throw BadInput("--initrd: the file is empty");
  if (options.raw) {
    if (options.kernel.empty()) throw BadInput("--raw: the file is empty");
    return;
  }
  auto const error = pack::check_kernel(options.kernel);
  if (error != pack::Error::none && error != pack::Error::kernel_text_offset)  // a guest has room for one
    throw BadInput(fmt::format("--kernel: {}", pack::describe(error)));
}

Placement place(VmOptions const& options, std::uint64_t dtb_size) {
  Placement at;
  auto const header = options.raw ? LinuxImageHeader{} : header_of(options.kernel);
  at.kernel = kMemoryBase + header.text_offset;
  std::uint64_t const kernel_end =
      at.kernel + std::max<std::uint64_t>(header.image_size, options.kernel.size());
  require_room(options, kernel_end);
  at.dtb = place_tree(options, kernel_end, dtb_size);
  std::uint64_t const dtb_end = align_up(at.dtb + dtb_size, kPageSize);
  std::uint64_t free = options.raw ? align_up(kernel_end, kPageSize) : dtb_end;
  if (options.initrd) {
    at.initrd = free;
    at.initrd_end = free + options.initrd->size();
    free = align_up(at.initrd_end, kPageSize);
  }
  at.end = std::max(dtb_end, free);
  // A raw payload's images grow towards the tree.
  require_room(options, options.raw ? free + align_up(dtb_size, kPageSize) : at.end);
  return at;
}

std::vector<Image> make_images(VmOptions const& options) {
  check_options(options);
  // The tree's size does not depend on the addresses in it.
  auto const size = make_guest_tree(options, Placement{}).size();
  Placement const at = place(options, size);
  std::vector<Image> images;
  images.push_back({options.raw ? "raw" : "kernel", at.kernel, options.kernel});
  images.push_back({"dtb", at.dtb, make_guest_tree(options, at)});
  if (options.initrd) images.push_back({"initrd", at.initrd, *options.initrd});
  std::ranges::sort(images, {}, &Image::address);
  return images;
}

}  // namespace redoubt::sign
