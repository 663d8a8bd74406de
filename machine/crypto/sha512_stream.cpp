// SPDX-License-Identifier: BSD-3-Clause
// The calls into libsodium's SHA-512.
#include "machine/crypto/sha512_stream.hpp"

#include <sodium/crypto_hash_sha512.h>

#include <cstring>

namespace redoubt::crypto {
namespace {

static_assert(sizeof(crypto_hash_sha512_state) == 208 && alignof(crypto_hash_sha512_state) <= 8);

crypto_hash_sha512_state* sodium_state(std::byte* bytes) {
  return reinterpret_cast<crypto_hash_sha512_state*>(bytes);
}

}  // namespace

void Sha512Stream::init() { crypto_hash_sha512_init(sodium_state(state_.data())); }

void Sha512Stream::update(std::span<std::byte const> piece) {
  crypto_hash_sha512_update(sodium_state(state_.data()), reinterpret_cast<unsigned char const*>(piece.data()),
                            piece.size());
}

Sha512Stream::Digest Sha512Stream::final() {
  std::array<unsigned char, crypto_hash_sha512_BYTES> bytes;
  crypto_hash_sha512_final(sodium_state(state_.data()), bytes.data());
  Digest digest;
  static_assert(sizeof digest == sizeof bytes);
  std::memcpy(digest.data(), bytes.data(), sizeof digest);
  return digest;
}

}  // namespace redoubt::crypto
