// SPDX-License-Identifier: BSD-3-Clause
// The copies behind offered_manifest.hpp, one a CPU.
#include "boot/arm64/offered_manifest.hpp"

#include "boot/arm64/admission.hpp"
#include "boot/arm64/per_cpu.hpp"
#include "machine/el2/memory.hpp"

namespace redoubt::offered_manifest {
namespace {

struct Offer {
  alignas(8) redoubt_manifest copy;
  BootRecord record;
};
static_assert(sizeof(redoubt_manifest) % 8 == 0);

constinit std::array<Offer, kMaximumCpus> offers{};

Offer& offer() { return offers[this_cpu().index]; }

}  // namespace

void fetch(u64 address) {
  auto* const bytes = reinterpret_cast<std::byte*>(&offer().copy);
  for (std::size_t at = 0; at < sizeof(redoubt_manifest); at += 8) {
    u64 const word = el2::load<u64>(address + at);
    std::memcpy(bytes + at, &word, sizeof word);
  }
}

Status admit(u64 bytes) { return admission::judge(offer().copy, bytes, offer().record); }

u64 word(ManifestWord which, u64 image, u64 index) {
  BootRecord const& record = offer().record;
  switch (which) {
    case ManifestWord::memory_base:
      return record.memory_base;
    case ManifestWord::memory_size:
      return record.memory_size;
    case ManifestWord::entry:
      return record.entry;
    case ManifestWord::device_tree:
      return record.dtb;
    case ManifestWord::vcpus:
      return record.vcpus;
    case ManifestWord::images:
      return record.image_count;
    case ManifestWord::image_address:
      return record.images[image].address;
    case ManifestWord::image_size:
      return record.images[image].size;
    case ManifestWord::image_digest:
      return record.images[image].digest[index];
    case ManifestWord::count:
      break;
  }
  return 0;
}

}  // namespace redoubt::offered_manifest
