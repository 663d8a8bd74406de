// SPDX-License-Identifier: BSD-3-Clause
// Loads and starts another kernel by the host kernel's kexec_load: an Image, a device tree, and four words of
// code between the two.
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>

#include "tests/attack/program/restart.hpp"

namespace redoubt::attack {
namespace {

// Where things go: the kernel where the running one is, the rest above every kernel and initial file system.
constexpr u64 kKernel = 0x4040'0000, kTree = 0x6000'0000, kEntry = 0x6020'0000;
constexpr u64 kImageSizeOffset = 16;  // in the header of an arm64 Image

std::vector<char> read_file(const char* name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// x0: the tree, x1 to x3: 0 (Linux's boot protocol); then to the kernel.
struct Start {
  std::array<std::uint32_t, 8> code{0x58000100,  // ldr x0, tree
                                    0xaa1f03e1,  // mov x1, xzr
                                    0xaa1f03e2,  // mov x2, xzr
                                    0xaa1f03e3,  // mov x3, xzr
                                    0x580000c4,  // ldr x4, kernel
                                    0xd61f0080,  // br x4
                                    0xd503201f, 0xd503201f};
  u64 tree = kTree, kernel = kKernel;
};

u64 whole_pages(u64 bytes) { return (bytes + kPageSize - 1) / kPageSize * kPageSize; }

kexec_segment segment(const void* content, u64 bytes, u64 to, u64 room) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the interface calls a physical address a pointer
  return {content, bytes, reinterpret_cast<const void*>(to), whole_pages(room)};
}

}  // namespace

std::string start_other_kernel(const Host& /*host*/) {
  Bundle debian;
  const std::vector<char> tree = read_file("/sys/firmware/fdt");
  if (tree.empty() || !debian.read("/vm/debian.bundle")) return "no device tree or no kernel to start";
  const std::span<const unsigned char> image = debian.image(0);
  u64 room = 0;
  std::memcpy(&room, image.data() + kImageSizeOffset, sizeof(room));
  const Start start;
  const std::array segments{segment(image.data(), image.size(), kKernel, std::max<u64>(room, image.size())),
                            segment(tree.data(), tree.size(), kTree, tree.size()),
                            segment(&start, sizeof(start), kEntry, sizeof(start))};
  if (::syscall(SYS_kexec_load, kEntry, segments.size(), segments.data(), u64{KEXEC_ARCH_AARCH64}) != 0)
    return text("kexec_load: %s", std::strerror(errno));
  ::syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, nullptr);
  return text("reboot: %s", std::strerror(errno));
}

}  // namespace redoubt::attack
