// SPDX-License-Identifier: BSD-3-Clause
// The checks and the layout of pack.hpp. Little-endian machines only, as the format is.
#include "tools/redoubt-pack/pack.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "boot/range.hpp"

namespace redoubt::pack {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class T>
T read_at(Bytes bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

bool has_image_header(Bytes bytes) {
  return bytes.size() >= sizeof(LinuxImageHeader) &&
         read_at<LinuxImageHeader>(bytes, 0).magic == kLinuxImageMagic;
}

// An EFI zboot image: "MZ", and "zimg" behind it (Linux drivers/firmware/efi/libstub/zboot-header.S).
bool is_zboot(Bytes bytes) {
  constexpr std::uint32_t zimg = 0x676d697a;
  return bytes.size() >= 8 && read_at<std::uint16_t>(bytes, 0) == 0x5a4d &&
         read_at<std::uint32_t>(bytes, 4) == zimg;
}

bool is_gzip(Bytes bytes) { return bytes.size() >= 2 && read_at<std::uint16_t>(bytes, 0) == 0x8b1f; }

// Where the keys go: behind the core's own memory.
std::uint64_t keys_offset(Bytes core) {
  return align_up(read_at<ImageDescriptor>(core, kDescriptorOffset).core_memory_size, kPageSize);
}

}  // namespace

// long: a table, one row an error
char const* describe(Error error) {
  switch (error) {
    case Error::none:
      return "no error";
    case Error::core_not_an_image:
      return "not a Redoubt core: give the redoubt-core.img of the el2 build";
    case Error::core_wrong_version:
      return "a Redoubt core of another version: use the redoubt-pack built with it";
    case Error::core_already_packed:
      return "already packed: give the unpacked redoubt-core.img";
    case Error::core_too_large:
      return "core and keys do not fit their 2 MiB";
    case Error::kernel_missing:
      return "the file is empty";
    case Error::kernel_gzip:
      return "compressed with gzip: unpack it first (gunzip)";
    case Error::kernel_zboot:
      return "a compressed EFI image (zboot): give the uncompressed arch/arm64/boot/Image";
    case Error::kernel_not_an_image:
      return "not an arm64 Image: give an uncompressed arm64 kernel";
    case Error::kernel_truncated:
      return "cut off: shorter than an Image header";
    case Error::kernel_big_endian:
      return "a big-endian kernel: the host must be little-endian";
    case Error::kernel_page_size:
      return "made for 16 or 64 KiB pages: give a kernel with 4 KiB pages";
    case Error::kernel_text_offset:
      return "wants an offset from its 2 MiB boundary: too old, give Linux 5.10 or newer";
    case Error::kernel_size:
      return "image_size in its header is missing or smaller than the file";
    case Error::kernel_too_large:
      return "needs more than 512 MiB: no supported machine has room for it";
    case Error::keys_length:
      return "the key set is not a sequence of 32-byte Ed25519 public keys";
    case Error::keys_too_many:
      return "more than 8 keys";
  }
  return "unknown error";
}

Error check_core(Bytes core) {
  if (!has_image_header(core) || core.size() < kDescriptorOffset + sizeof(ImageDescriptor))
    return Error::core_not_an_image;
  auto const descriptor = read_at<ImageDescriptor>(core, kDescriptorOffset);
  if (descriptor.magic != kDescriptorMagic) return Error::core_not_an_image;
  if (descriptor.version != kDescriptorVersion) return Error::core_wrong_version;
  if (descriptor.payload_offset != 0) return Error::core_already_packed;
  if (core.size() > kBlockSize || descriptor.core_memory_size > kBlockSize) return Error::core_too_large;
  if (descriptor.core_memory_size < core.size()) return Error::core_not_an_image;
  return Error::none;
}

Error check_kernel(Bytes kernel) {
  if (kernel.empty()) return Error::kernel_missing;
  if (is_gzip(kernel)) return Error::kernel_gzip;
  if (is_zboot(kernel)) return Error::kernel_zboot;
  if (kernel.size() < sizeof(LinuxImageHeader)) return Error::kernel_truncated;
  if (!has_image_header(kernel)) return Error::kernel_not_an_image;
  auto const header = read_at<LinuxImageHeader>(kernel, 0);
  if ((header.flags & kImageFlagBigEndian) != 0) return Error::kernel_big_endian;
  if ((header.flags >> kImageFlagPageSizeShift & kImageFlagPageSizeMask) > 1) return Error::kernel_page_size;
  if (header.image_size == 0 || header.image_size < kernel.size()) return Error::kernel_size;
  if (header.image_size > kMaximumPayload) return Error::kernel_too_large;
  return header.text_offset == 0 ? Error::none : Error::kernel_text_offset;
}

Error check_keys(Bytes core, Bytes keys) {
  if (keys.size() % kKeySize != 0) return Error::keys_length;
  if (keys.size() > kMaximumKeys * kKeySize) return Error::keys_too_many;
  if (keys_offset(core) + keys.size() > kBlockSize) return Error::core_too_large;
  return Error::none;
}

std::vector<std::byte> join(Bytes core, Bytes kernel, Bytes keys) {
  std::vector<std::byte> out(kBlockSize + kernel.size());
  auto header = read_at<LinuxImageHeader>(core, 0);
  auto descriptor = read_at<ImageDescriptor>(core, kDescriptorOffset);
  auto const kernel_memory = read_at<LinuxImageHeader>(kernel, 0).image_size;
  header.image_size = kBlockSize + align_up(kernel_memory, kBlockSize);
  descriptor.payload_offset = kBlockSize;
  descriptor.payload_file_size = kernel.size();
  descriptor.payload_memory_size = kernel_memory;
  descriptor.keys_offset = keys.empty() ? 0 : keys_offset(core);
  descriptor.keys_count = keys.size() / kKeySize;

  std::ranges::copy(core, out.begin());
  std::memcpy(out.data(), &header, sizeof header);
  std::memcpy(out.data() + kDescriptorOffset, &descriptor, sizeof descriptor);
  std::ranges::copy(keys, out.begin() + static_cast<std::ptrdiff_t>(descriptor.keys_offset));
  std::ranges::copy(kernel, out.begin() + kBlockSize);
  return out;
}

}  // namespace redoubt::pack
