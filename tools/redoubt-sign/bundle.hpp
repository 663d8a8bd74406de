// SPDX-License-Identifier: BSD-3-Clause
// Bundle files (abi/bundle.h): written and signed, read back, judged as the core judges them.
#pragma once
#include "core/vm/manifest.hpp"
#include "tools/common/key_file.hpp"
#include "tools/redoubt-sign/vm.hpp"

namespace redoubt::sign {

struct KeyPair {
  tools::KeyBytes seed{};
  tools::KeyBytes public_key{};
};

[[nodiscard]] KeyPair new_key_pair();
[[nodiscard]] KeyPair key_pair_of(tools::KeyBytes const& seed);

// The whole file. The same input gives the same bytes.
[[nodiscard]] File make_bundle(VmOptions const& options, KeyPair const& keys);

struct Bundle {
  redoubt_manifest manifest{};
  BootRecord record;
  std::vector<Bytes> images;  // padded, parts of the file
};

// Throws BadInput: not a bundle, of another version, malformed, cut off, or with something behind it.
[[nodiscard]] Bundle read_bundle(Bytes file);

// Signature of the key that the manifest names; SHA-512 of each image.
[[nodiscard]] bool is_signed(Bundle const& bundle);
[[nodiscard]] bool is_image_intact(Bundle const& bundle, std::size_t image);

// One sentence: what is wrong with the manifest.
[[nodiscard]] char const* describe(ManifestError error);

}  // namespace redoubt::sign
