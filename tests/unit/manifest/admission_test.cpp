// SPDX-License-Identifier: BSD-3-Clause
// Admission: only what a trusted key has signed, and no older version; the packed image's key set.
#include "core/vm/admission.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include "boot/key_set.hpp"
#include "machine/crypto/ed25519.hpp"
#include "tests/unit/manifest/good_manifest.hpp"

namespace redoubt {
namespace {

struct Owner {
  PublicKey key{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};

  explicit Owner(unsigned char number) {
    std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
    seed[0] = number;
    crypto_sign_seed_keypair(key.data(), secret.data(), seed.data());
  }
  [[nodiscard]] redoubt_manifest sign(redoubt_manifest manifest) const {
    std::memcpy(manifest.key, key.data(), key.size());
    crypto_sign_detached(manifest.signature, nullptr, reinterpret_cast<unsigned char const*>(&manifest),
                         offsetof(redoubt_manifest, signature), secret.data());
    return manifest;
  }
};

Status admission_of(redoubt_manifest const& manifest, KeySet const& keys) {
  BootRecord record;
  return check_admission(manifest, sizeof manifest, keys, crypto::ed25519_verify, record);
}

TEST(Admission, TakesWhatATrustedKeySigned) {
  Owner const first(1), second(2), stranger(3);
  KeySet keys;
  ASSERT_TRUE(keys.add(first.key));
  ASSERT_TRUE(keys.add(second.key));
  EXPECT_EQ(admission_of(first.sign(good_manifest()), keys), Status::ok);
  EXPECT_EQ(admission_of(second.sign(good_manifest()), keys), Status::ok);
  EXPECT_EQ(admission_of(stranger.sign(good_manifest()), keys), Status::denied);
  EXPECT_EQ(admission_of(first.sign(good_manifest()), KeySet{}), Status::denied);
  auto claims = stranger.sign(good_manifest());  // names a trusted key
  std::memcpy(claims.key, first.key.data(), first.key.size());
  EXPECT_EQ(admission_of(claims, keys), Status::denied);
  EXPECT_EQ(admission_of(good_manifest(), keys), Status::denied);  // not signed at all
  auto malformed = good_manifest();
  malformed.vcpus = 0;
  EXPECT_EQ(admission_of(first.sign(malformed), keys), Status::invalid_parameter);
}

TEST(Admission, EveryBitIsCovered) {
  Owner const owner(1);
  KeySet keys;
  ASSERT_TRUE(keys.add(owner.key));
  auto const good = owner.sign(good_manifest());
  for (std::size_t bit = 0; bit < sizeof good * 8; bit += 13) {
    auto changed = good;
    reinterpret_cast<unsigned char*>(&changed)[bit / 8] ^= static_cast<unsigned char>(1u << bit % 8);
    EXPECT_NE(admission_of(changed, keys), Status::ok) << bit;
  }
}

TEST(Admission, KeySetIsBounded) {
  KeySet keys;
  for (unsigned char i = 0; i < KeySet::MAX_KEYS; ++i) EXPECT_TRUE(keys.add(PublicKey{i}));
  EXPECT_FALSE(keys.add(PublicKey{99}));
  EXPECT_FALSE(keys.has(PublicKey{99}));
  EXPECT_TRUE(keys.has(PublicKey{7}));
}

TEST(Admission, KeySetOfTheImage) {
  std::array<std::byte, 3 * kKeySize> page{};
  page[0] = std::byte{1};
  page[kKeySize] = std::byte{2};
  page[2 * kKeySize] = std::byte{3};
  auto const keys = read_key_set(page.data(), 2);
  EXPECT_EQ(keys.size(), 2u);
  EXPECT_TRUE(keys.has(PublicKey{1}));
  EXPECT_TRUE(keys.has(PublicKey{2}));
  EXPECT_FALSE(keys.has(PublicKey{3}));
  EXPECT_EQ(read_key_set(nullptr, 0).size(), 0u);
}

BootRecord version(char name, unsigned char key, u64 counter) {
  BootRecord record;
  record.name[0] = name;
  record.key[0] = key;
  record.counter = counter;
  return record;
}

TEST(CounterLedger, NeverGoesBack) {
  CounterLedger ledger;
  EXPECT_EQ(ledger.admit(version('a', 1, 5)), Status::ok);
  EXPECT_EQ(ledger.admit(version('a', 1, 5)), Status::ok);
  EXPECT_EQ(ledger.admit(version('a', 1, 4)), Status::denied);
  EXPECT_EQ(ledger.admit(version('a', 1, 9)), Status::ok);
  EXPECT_EQ(ledger.admit(version('a', 1, 5)), Status::denied);
  EXPECT_EQ(ledger.admit(version('b', 1, 1)), Status::ok);  // another VM
  EXPECT_EQ(ledger.admit(version('a', 2, 1)), Status::ok);  // another owner's VM of that name
  EXPECT_EQ(ledger.admit(version('a', 1, 8)), Status::denied);
  EXPECT_EQ(ledger.admit(version('a', 1, ~u64{0})), Status::ok);
  EXPECT_EQ(ledger.admit(version('a', 1, 0)), Status::denied);
}

TEST(CounterLedger, FullOneForgetsNothing) {
  CounterLedger ledger;
  for (u64 i = 0; i < CounterLedger::MAX_NAMES; ++i)
    EXPECT_EQ(ledger.admit(version(static_cast<char>(i + 1), 1, 2)), Status::ok);
  EXPECT_EQ(ledger.admit(version(0x7f, 1, 2)), Status::no_memory);
  EXPECT_EQ(ledger.admit(version(1, 1, 1)), Status::denied);
  EXPECT_EQ(ledger.admit(version(1, 1, 3)), Status::ok);
}

}  // namespace
}  // namespace redoubt
