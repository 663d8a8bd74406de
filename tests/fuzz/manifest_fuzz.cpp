// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer: any changes of a good manifest, as a host hands it to the core; what is accepted keeps
// INV-BOOT-4.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/vm/manifest.hpp"
#include "tests/unit/manifest/good_manifest.hpp"

namespace {

using redoubt::BootRecord;
using redoubt::u64;

bool is_sane(BootRecord const& record) {
  bool entry = false, dtb = false;
  for (u64 i = 0; i < record.image_count; ++i) {
    auto const& image = record.images[i];
    u64 const offset = image.address - record.memory_base;
    if (image.size == 0 || image.address % 4096 != 0 || offset >= record.memory_size) return false;
    if (image.pages() > (record.memory_size - offset) / 4096) return false;
    for (u64 j = 0; j < i; ++j) {
      u64 const low = std::max(image.address, record.images[j].address) / 4096;
      u64 const high = std::min(image.address / 4096 + image.pages(),
                                record.images[j].address / 4096 + record.images[j].pages());
      if (low < high) return false;
    }
    entry = entry || image.contains(record.entry);
    dtb = dtb || image.contains(record.dtb);
  }
  return entry && dtb && record.vcpus >= 1 && record.vcpus <= 8 && record.image_count >= 1 &&
         record.image_count <= 5 && std::memchr(record.name.data(), 0, record.name.size()) != nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto manifest = redoubt::good_manifest();
  auto* const bytes = reinterpret_cast<std::uint8_t*>(&manifest);
  for (std::size_t i = 0; i < std::min(size, sizeof manifest); ++i) bytes[i] ^= data[i];
  BootRecord record;
  if (check_manifest(manifest, sizeof manifest, record) == redoubt::ManifestError::none && !is_sane(record))
    std::abort();
  if (check_manifest(manifest, size, record) == redoubt::ManifestError::none && size < sizeof manifest)
    std::abort();
  return 0;
}
