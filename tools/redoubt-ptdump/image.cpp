// SPDX-License-Identifier: BSD-3-Clause
// Segments of a memory image: order, overlap, reading across borders.
#include "tools/redoubt-ptdump/image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace redoubt::ptdump {

static_assert(std::endian::native == std::endian::little, "table words are copied as they are");

MemoryImage::MemoryImage(std::vector<Segment> segments) : segments_(std::move(segments)) {
  std::erase_if(segments_, [](const Segment& s) { return s.bytes.empty(); });
  std::sort(segments_.begin(), segments_.end(),
            [](const Segment& a, const Segment& b) { return a.address < b.address; });
  u64 free_from = 0;
  for (const Segment& segment : segments_) {
    if (segment.address >= kAddressEnd || segment.bytes.size() > kAddressEnd - segment.address) {
      throw BadImage(fmt::format("memory at {:#x} reaches above the 48-bit address space", segment.address));
    }
    if (segment.address < free_from) {
      throw BadImage(fmt::format("two segments of the image hold the memory at {:#x}", segment.address));
    }
    free_from = segment.address + segment.bytes.size();
  }
}

MemoryImage MemoryImage::raw(Bytes bytes, u64 base) {
  if (base % kTableSize != 0) {
    throw BadImage(fmt::format("the base address {:#x} is not a multiple of 4 KiB", base));
  }
  return MemoryImage({{base, bytes}});
}

bool MemoryImage::read(u64 address, Table& table) const {
  auto* out = reinterpret_cast<std::byte*>(table.data());
  u64 left = kTableSize;
  auto segment = std::upper_bound(segments_.begin(), segments_.end(), address,
                                  [](u64 at, const Segment& s) { return at < s.address; });
  if (segment == segments_.begin()) {
    return false;
  }
  // A page may cross from one segment into the next that follows without a gap.
  for (--segment; left > 0; ++segment) {
    if (segment == segments_.end() || address < segment->address ||
        address - segment->address >= segment->bytes.size()) {
      return false;
    }
    const u64 offset = address - segment->address;
    const u64 size = std::min<u64>(left, segment->bytes.size() - offset);
    std::memcpy(out, segment->bytes.data() + offset, size);
    out += size;
    address += size;
    left -= size;
  }
  return true;
}

}  // namespace redoubt::ptdump
