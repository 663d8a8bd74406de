// SPDX-License-Identifier: BSD-3-Clause
// The model machine's cryptography, on real bytes; crypto.cpp calls libsodium. Words are little-endian.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace redoubt::crypto {

using Word = std::uint64_t;
using Key = std::array<Word, 4>;        // of 256 bits
using Signature = std::array<Word, 8>;  // Ed25519
struct Nonce {
  Word version;
  std::uint32_t kind;
};
struct Tag {
  Word low, high;
};

// ChaCha20-Poly1305 (RFC 8439), in place.
Tag seal(const Key& key, Nonce nonce, std::span<const std::byte> associated, std::span<std::byte> text);
// False, and the text as it was, unless tag, key, nonce and associated data are those it was sealed with.
bool open(const Key& key, Nonce nonce, std::span<const std::byte> associated, Tag tag,
          std::span<std::byte> text);

// SHA-512 (FIPS 180-4), as the 64 bytes stand in memory.
std::array<Word, 8> sha512(std::span<const std::byte> message);

// An Ed25519ph signature (RFC 8032, without context) over the pieces in order; the key that made it is
// public.
class SignedMessage {
 public:
  SignedMessage();
  void add(std::span<const std::byte> piece);
  [[nodiscard]] bool verify(const Signature& signature, const Key& public_key) const;

 private:
  alignas(16) std::array<unsigned char, 256> state_{};  // crypto_sign_state
};

}  // namespace redoubt::crypto
