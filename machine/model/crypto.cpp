// SPDX-License-Identifier: BSD-3-Clause
// The calls into libsodium.
#include "machine/model/crypto.hpp"

#include <sodium.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace redoubt::crypto {
namespace {

static_assert(std::endian::native == std::endian::little);

void start() {
  static const int ready = sodium_init();
  if (ready < 0) {
    std::abort();
  }
}

template <class T>
unsigned char* bytes_of(T* words) {
  return reinterpret_cast<unsigned char*>(words);
}
template <class T>
const unsigned char* bytes_of(const T* words) {
  return reinterpret_cast<const unsigned char*>(words);
}

std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_NPUBBYTES> bytes_of(Nonce nonce) {
  std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_NPUBBYTES> bytes{};
  static_assert(sizeof(bytes) == sizeof(nonce.version) + sizeof(nonce.kind));
  std::memcpy(bytes.data(), &nonce.version, sizeof(nonce.version));
  std::memcpy(bytes.data() + sizeof(nonce.version), &nonce.kind, sizeof(nonce.kind));
  return bytes;
}

}  // namespace

Tag seal(const Key& key, Nonce nonce, std::span<const std::byte> associated, std::span<std::byte> text) {
  start();
  Tag tag{};
  static_assert(sizeof(tag) == crypto_aead_chacha20poly1305_ietf_ABYTES);
  crypto_aead_chacha20poly1305_ietf_encrypt_detached(
      bytes_of(text.data()), bytes_of(&tag), nullptr, bytes_of(text.data()), text.size(),
      bytes_of(associated.data()), associated.size(), nullptr, bytes_of(nonce).data(), bytes_of(key.data()));
  return tag;
}

bool open(const Key& key, Nonce nonce, std::span<const std::byte> associated, Tag tag,
          std::span<std::byte> text) {
  start();
  std::vector<std::byte> opened(text.size());  // libsodium zeroes what it cannot open
  const int result = crypto_aead_chacha20poly1305_ietf_decrypt_detached(
      bytes_of(opened.data()), nullptr, bytes_of(text.data()), text.size(), bytes_of(&tag),
      bytes_of(associated.data()), associated.size(), bytes_of(nonce).data(), bytes_of(key.data()));
  if (result != 0) {
    return false;
  }
  std::memcpy(text.data(), opened.data(), text.size());
  return true;
}

std::array<Word, 8> sha512(std::span<const std::byte> message) {
  std::array<Word, 8> digest{};
  static_assert(sizeof digest == crypto_hash_sha512_BYTES);
  crypto_hash_sha512(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(message.data()), message.size());
  return digest;
}

SignedMessage::SignedMessage() {
  start();
  static_assert(sizeof(crypto_sign_state) <= sizeof(state_));
  crypto_sign_init(reinterpret_cast<crypto_sign_state*>(state_.data()));
}

void SignedMessage::add(std::span<const std::byte> piece) {
  crypto_sign_update(reinterpret_cast<crypto_sign_state*>(state_.data()), bytes_of(piece.data()),
                     piece.size());
}

bool SignedMessage::verify(const Signature& signature, const Key& public_key) const {
  auto copy = state_;  // several keys may be tried
  return crypto_sign_final_verify(reinterpret_cast<crypto_sign_state*>(copy.data()),
                                  bytes_of(signature.data()), bytes_of(public_key.data())) == 0;
}

}  // namespace redoubt::crypto
