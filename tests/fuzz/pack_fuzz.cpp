// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer: any bytes as core, kernel and key set of redoubt-pack; what passes the checks is joined.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tools/redoubt-pack/pack.hpp"

namespace {

namespace pack = redoubt::pack;

// The magic numbers, so that mutations get past them.
void plant_magic(std::vector<std::byte>& file) {
  if (file.size() >= sizeof(redoubt::LinuxImageHeader))
    std::memcpy(file.data() + 56, &redoubt::kLinuxImageMagic, sizeof redoubt::kLinuxImageMagic);
  if (file.size() >= 128)
    std::memcpy(file.data() + 64, &redoubt::kDescriptorMagic, sizeof redoubt::kDescriptorMagic);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const* const bytes = reinterpret_cast<std::byte const*>(data);
  std::vector<std::byte> core(bytes, bytes + size / 2), kernel(bytes + size / 2, bytes + size);
  plant_magic(core);
  plant_magic(kernel);
  auto const keys = std::span(core).subspan(0, std::min<std::size_t>(core.size(), 64));
  if (pack::check_core(core) != pack::Error::none || pack::check_kernel(kernel) != pack::Error::none)
    return 0;
  if (pack::check_keys(core, keys) != pack::Error::none) return 0;
  auto const packed = pack::join(core, kernel, keys);
  if (packed.size() != redoubt::kBlockSize + kernel.size()) std::abort();
  return 0;
}
