// SPDX-License-Identifier: BSD-3-Clause
// A bundle file (abi/bundle.h) as the host sees it: where the images are. Whether to trust it is the core's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "abi/bundle.h"

namespace redoubt::cli {

class Bundle {
 public:
  // Throws Error with the file's name if it is no whole bundle of this version.
  Bundle(std::string const& name, std::vector<std::byte> content);

  [[nodiscard]] redoubt_manifest const& manifest() const { return manifest_; }
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::span<std::byte const> image(unsigned index) const;
  [[nodiscard]] std::uint64_t image_bytes() const;

 private:
  void check_manifest(std::string const& name) const;
  void find_images(std::string const& name);

  std::vector<std::byte> content_;
  redoubt_manifest manifest_{};
  std::vector<std::span<std::byte const>> images_;
};

// Throws Error if the file cannot be read.
[[nodiscard]] Bundle read_bundle(std::string const& name);

}  // namespace redoubt::cli
