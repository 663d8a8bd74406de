// SPDX-License-Identifier: BSD-3-Clause
// Key files: one line of text that says which half of an Ed25519 pair it holds, so that none is taken for
// the other.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "tools/common/file.hpp"

namespace redoubt::tools {

enum class KeyKind : std::uint8_t { public_key, secret_key };

using KeyBytes = std::array<std::uint8_t, 32>;  // a public key, or the seed of a secret one (RFC 8032)

enum class KeyError : std::uint8_t { none, not_a_key, other_half };

// "redoubt-public-key ed25519 " or "redoubt-secret-key ed25519 ", 64 hexadecimal digits, a line end.
[[nodiscard]] std::string key_text(KeyKind kind, KeyBytes const& key);
[[nodiscard]] KeyError parse_key(Bytes text, KeyKind wanted, KeyBytes& key);

// One sentence for a file that should have held `wanted`.
[[nodiscard]] char const* describe(KeyError error, KeyKind wanted);

[[nodiscard]] std::string hexadecimal(std::span<std::uint8_t const> bytes);

}  // namespace redoubt::tools
