// SPDX-License-Identifier: BSD-3-Clause
// The call into libsodium's Ed25519.
#include "machine/crypto/ed25519.hpp"

#include <sodium/crypto_sign_ed25519.h>

namespace redoubt::crypto {

bool ed25519_verify(std::span<std::byte const, 64> signature, std::span<std::byte const> message,
                    std::span<std::byte const, 32> public_key) {
  auto const bytes = [](auto span) { return reinterpret_cast<unsigned char const*>(span.data()); };
  return crypto_sign_ed25519_verify_detached(bytes(signature), bytes(message), message.size(),
                                             bytes(public_key)) == 0;
}

}  // namespace redoubt::crypto
