// SPDX-License-Identifier: BSD-3-Clause
// The packed image's key set.
#pragma once
#include <cstring>

#include "boot/boot_info.hpp"
#include "boot/image_format.hpp"
#include "core/vm/admission.hpp"

namespace redoubt {

static_assert(KeySet::MAX_KEYS == kMaximumKeys && sizeof(PublicKey) == kKeySize);

// `count` keys from `first` on, at most kMaximumKeys (plan_layout has checked that).
[[nodiscard]] inline KeySet read_key_set(std::byte const* first, std::uint64_t count) {
  KeySet keys;
  for (std::uint64_t i = 0; i < count && i < kMaximumKeys; ++i) {
    PublicKey key;
    std::memcpy(key.data(), first + i * kKeySize, kKeySize);
    (void)keys.add(key);  // there is room
  }
  return keys;
}

}  // namespace redoubt
