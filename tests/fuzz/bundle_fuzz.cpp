// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer: any bytes behind a small bundle's beginning as the file that redoubt-sign shows and verifies.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tools/redoubt-sign/bundle.hpp"
#include "tools/redoubt-sign/report.hpp"

namespace {

namespace sign = redoubt::sign;

sign::File const& seed_bundle() {
  static sign::File const file = [] {
    sign::VmOptions options;
    options.name = "seed";
    options.memory_size = 2u << 20;
    options.raw = true;
    options.kernel = sign::File(100);
    return make_bundle(options, sign::key_pair_of({}));
  }();
  return file;
}

}  // namespace

// The input's first bytes change the manifest at places that they name; the rest replaces the end.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  sign::File file = seed_bundle();
  for (std::size_t i = 0; i + 2 < std::min<std::size_t>(size, 48); i += 3)
    file[(data[i] + 256u * data[i + 1]) % sizeof(redoubt_manifest)] = static_cast<std::byte>(data[i + 2]);
  if (size > 48) {
    auto const* const bytes = reinterpret_cast<std::byte const*>(data);
    file.resize(std::min<std::size_t>(file.size(), 4096 + data[47] * 64));
    file.insert(file.end(), bytes + 48, bytes + size);
  }
  try {
    auto const bundle = sign::read_bundle(file);
    if (text_report("f", bundle).empty() || json_report("f", bundle).empty()) std::abort();
    bool const same =
        file.size() == seed_bundle().size() && std::memcmp(file.data(), seed_bundle().data(), 608) == 0;
    if (is_signed(bundle) && !same) std::abort();
  } catch (sign::BadInput const&) {
    return 0;
  }
  return 0;
}
