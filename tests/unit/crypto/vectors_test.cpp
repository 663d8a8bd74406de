// SPDX-License-Identifier: BSD-3-Clause
// The model machine's cryptography on the vectors of RFC 8439, 2.8.2, and RFC 8032, 7.3.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "machine/model/crypto.hpp"

namespace redoubt::crypto {
namespace {

using Bytes = std::vector<std::byte>;

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}
Bytes from_text(const std::string& text) {
  Bytes bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}
template <class T>
T as(const Bytes& bytes) {
  T value{};
  EXPECT_EQ(bytes.size(), sizeof(value));
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof(value)));
  return value;
}

class Rfc8439 : public testing::Test {
 protected:
  Key key_ = as<Key>(from_hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
  Nonce nonce_{0x4342'4140'0000'0007, 0x4746'4544};  // 07000000 40414243 44454647
  Bytes associated_ = from_hex("50515253c0c1c2c3c4c5c6c7");
  Bytes plain_ = from_text(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
      "would be "
      "it.");
  Bytes sealed_ = from_hex(
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de"
      "0a9e060b29"
      "05d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d2"
      "6586cec64b"
      "6116");
  Tag tag_ = as<Tag>(from_hex("1ae10b594f09e26a7e902ecbd0600691"));
};

TEST_F(Rfc8439, Seals) {
  Bytes text = plain_;
  const Tag tag = seal(key_, nonce_, associated_, text);
  EXPECT_EQ(text, sealed_);
  EXPECT_EQ(tag.low, tag_.low);
  EXPECT_EQ(tag.high, tag_.high);
}
TEST_F(Rfc8439, Opens) {
  Bytes text = sealed_;
  EXPECT_TRUE(open(key_, nonce_, associated_, tag_, text));
  EXPECT_EQ(text, plain_);
}
TEST_F(Rfc8439, LeavesWhatItCannotOpen) {
  const auto refused = [&](const Key& key, Nonce nonce, const Bytes& associated, Tag tag, Bytes text) {
    const Bytes before = text;
    return !open(key, nonce, associated, tag, text) && text == before;
  };
  Bytes other = sealed_, about = associated_;
  other[113] ^= std::byte{0x80};
  about[0] ^= std::byte{1};
  Key key = key_;
  key[3] ^= 1;
  EXPECT_TRUE(refused(key_, nonce_, associated_, tag_, other));
  EXPECT_TRUE(refused(key_, nonce_, about, tag_, sealed_));
  EXPECT_TRUE(refused(key, nonce_, associated_, tag_, sealed_));
  EXPECT_TRUE(refused(key_, {nonce_.version + 1, nonce_.kind}, associated_, tag_, sealed_));
  EXPECT_TRUE(refused(key_, {nonce_.version, nonce_.kind ^ 1}, associated_, tag_, sealed_));
  EXPECT_TRUE(refused(key_, nonce_, associated_, {tag_.low, tag_.high ^ 1}, sealed_));
  EXPECT_TRUE(refused(key_, nonce_, associated_, tag_, Bytes(sealed_.begin(), sealed_.end() - 1)));
}

class Rfc8032 : public testing::Test {
 protected:
  Key public_key_ = as<Key>(from_hex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"));
  Signature signature_ =
      as<Signature>(from_hex("98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a3"
                             "55a2003d062adf5aaa10b8c61"
                             "e636062aaad11c2a26083406"));
};

TEST_F(Rfc8032, VerifiesInOneOrMorePieces) {
  SignedMessage whole, pieces;
  whole.add(from_text("abc"));
  pieces.add(from_text("a"));
  pieces.add({});
  pieces.add(from_text("bc"));
  EXPECT_TRUE(whole.verify(signature_, public_key_));
  EXPECT_TRUE(whole.verify(signature_, public_key_)) << "a second time";
  EXPECT_TRUE(pieces.verify(signature_, public_key_));
}
TEST_F(Rfc8032, RefusesEverythingElse) {
  SignedMessage whole, shorter;
  whole.add(from_text("abc"));
  shorter.add(from_text("ab"));
  EXPECT_FALSE(shorter.verify(signature_, public_key_));
  Signature signature = signature_;
  signature[7] ^= 1;
  EXPECT_FALSE(whole.verify(signature, public_key_));
  Key key = public_key_;
  key[0] ^= 1;
  EXPECT_FALSE(whole.verify(signature_, key));
  EXPECT_FALSE(whole.verify(signature_, Key{}));
}

}  // namespace
}  // namespace redoubt::crypto
