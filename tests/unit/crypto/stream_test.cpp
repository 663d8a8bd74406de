// SPDX-License-Identifier: BSD-3-Clause
// SHA-512 in pieces and Ed25519 as the EL2 image calls them, and its known answers, by Debian's libsodium.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "machine/crypto/ed25519.hpp"
#include "machine/crypto/sha512_stream.hpp"
#include "tests/el2/crypto/vectors.hpp"

namespace redoubt::crypto {
namespace {

std::vector<std::byte> long_message() {
  std::vector<std::byte> message(kLongMessage);
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = message_byte(i);
  return message;
}

bool is(Sha512Stream::Digest const& digest, std::array<std::uint8_t, 64> const& wanted) {
  return std::memcmp(digest.data(), wanted.data(), wanted.size()) == 0;
}

TEST(Sha512Stream, KnownAnswers) {
  Sha512Stream stream;
  stream.init();
  stream.update(std::as_bytes(std::span("abc")).first(3));
  EXPECT_TRUE(is(stream.final(), kAbcDigest));
}

RC_GTEST_PROP(Sha512StreamProperty, PiecesDoNotMatter, ()) {
  static auto const message = long_message();
  Sha512Stream stream;
  stream.init();
  for (std::span<std::byte const> rest = message; !rest.empty();) {
    auto const wanted = *rc::gen::element<std::size_t>(0, 1, 111, 112, 127, 128, 129, 1024, 2047, 2048);
    auto const size = std::min(rest.size(), wanted);
    stream.update(rest.first(size));
    rest = rest.subspan(size);
    if (*rc::gen::inRange(0, 8) == 0) {  // the state may move
      Sha512Stream const copy = stream;
      stream.init();
      stream = copy;
    }
  }
  RC_ASSERT(is(stream.final(), kLongDigest));
}

TEST(Ed25519, KnownAnswer) {
  auto message = long_message();
  auto const signed_part = std::span<std::byte const>(message).first(kSignedBytes);
  auto const bytes = [](auto const& array) { return std::as_bytes(std::span(array)); };
  EXPECT_TRUE(ed25519_verify(bytes(kSignature), signed_part, bytes(kPublicKey)));
  message[0] ^= std::byte{1};
  EXPECT_FALSE(ed25519_verify(bytes(kSignature), signed_part, bytes(kPublicKey)));
}

TEST(Ed25519, RefusesKeysThatAnybodyCanSignFor) {
  std::array<std::byte, 32> neutral{};  // the point of order 1, and one of order 4
  std::array<std::byte, 64> signature{};
  neutral[0] = signature[0] = std::byte{1};
  EXPECT_FALSE(ed25519_verify(signature, {}, neutral));
  std::array<std::byte, 32> const order_four{};
  EXPECT_FALSE(ed25519_verify(signature, {}, order_four));
}

}  // namespace
}  // namespace redoubt::crypto
