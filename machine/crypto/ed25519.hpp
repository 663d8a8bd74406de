// SPDX-License-Identifier: BSD-3-Clause
// Ed25519 verification (RFC 8032): one source for EL2 and hosted programs.
#pragma once
#include <cstddef>
#include <span>

namespace redoubt::crypto {

// Is `signature` that of `message` by the secret key behind `public_key`? Keys of small order and
// non-canonical encodings are refused. EL2: MMU on, about 20 KiB of stack, about 500,000 instructions.
[[nodiscard]] bool ed25519_verify(std::span<std::byte const, 64> signature,
                                  std::span<std::byte const> message,
                                  std::span<std::byte const, 32> public_key);

}  // namespace redoubt::crypto
