// SPDX-License-Identifier: BSD-3-Clause
// Manifests: every rule refuses what breaks it, and what is accepted keeps INV-BOOT-4 whatever the bytes are.
#include "core/vm/manifest.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/manifest/good_manifest.hpp"

namespace redoubt {
namespace {

ManifestError error_of(redoubt_manifest const& manifest, u64 bytes = sizeof(redoubt_manifest)) {
  BootRecord record;
  return check_manifest(manifest, bytes, record);
}
ManifestError after(auto change) {
  auto manifest = good_manifest();
  change(manifest);
  return error_of(manifest);
}

TEST(Manifest, MagicIsItsText) {
  auto const magic = REDOUBT_MANIFEST_MAGIC;
  EXPECT_EQ(std::memcmp(&magic, "RDMTVEM1", 8), 0);
}

TEST(Manifest, RecordSaysWhatTheManifestSays) {
  auto const manifest = good_manifest();
  BootRecord record;
  ASSERT_EQ(check_manifest(manifest, REDOUBT_MANIFEST_BYTES, record), ManifestError::none);
  EXPECT_EQ(record.memory_base, kMemoryAt);
  EXPECT_EQ(record.memory_size, kMemorySize);
  EXPECT_EQ(record.vcpus, 2u);
  EXPECT_EQ(record.entry, kMemoryAt);
  EXPECT_EQ(record.dtb, kMemoryAt + 0x20'0000);
  EXPECT_EQ(record.counter, 7u);
  EXPECT_EQ(record.image_count, 3u);
  EXPECT_STREQ(record.name.data(), "good.vm_1-a");
  EXPECT_EQ(record.key[31], 0x11);
  EXPECT_EQ(record.images[0].pages(), 0x101u);
  EXPECT_EQ(record.images[1].pages(), 1u);
  EXPECT_EQ(record.images[2].pages(), 3u);
  EXPECT_EQ(record.images[3].pages(), 0u);
  EXPECT_EQ(std::memcmp(record.images[1].digest.data(), manifest.images[1].sha512, 64), 0);
}

TEST(Manifest, RefusesLengths) {
  EXPECT_EQ(error_of(good_manifest(), 0), ManifestError::length);
  EXPECT_EQ(error_of(good_manifest(), sizeof(redoubt_manifest) - 1), ManifestError::length);
  EXPECT_EQ(error_of(good_manifest(), sizeof(redoubt_manifest)), ManifestError::none);
  EXPECT_EQ(error_of(good_manifest(), REDOUBT_MANIFEST_BYTES), ManifestError::none);
  EXPECT_EQ(error_of(good_manifest(), REDOUBT_MANIFEST_BYTES + 1), ManifestError::length);
  EXPECT_EQ(error_of(good_manifest(), ~u64{0}), ManifestError::length);
}

TEST(Manifest, RefusesHeads) {
  EXPECT_EQ(after([](auto& m) { m.magic ^= 1; }), ManifestError::magic);
  EXPECT_EQ(after([](auto& m) { m.version = 2; }), ManifestError::version);
  EXPECT_EQ(after([](auto& m) { m.version = 0; }), ManifestError::version);
  EXPECT_EQ(after([](auto& m) { m.reserved = 1; }), ManifestError::reserved);
  EXPECT_EQ(after([](auto& m) { m.vcpus = 0; }), ManifestError::vcpus);
  EXPECT_EQ(after([](auto& m) { m.vcpus = 8; }), ManifestError::none);
  EXPECT_EQ(after([](auto& m) { m.vcpus = 9; }), ManifestError::vcpus);
  EXPECT_EQ(after([](auto& m) { m.vcpus = 0x8000'0001; }), ManifestError::vcpus);
  EXPECT_EQ(after([](auto& m) { m.image_count = 0; }), ManifestError::image_count);
  EXPECT_EQ(after([](auto& m) { m.image_count = 6; }), ManifestError::image_count);
  EXPECT_EQ(after([](auto& m) { m.image_count = 2; }),
            ManifestError::reserved);  // the third slot is not zero
  EXPECT_EQ(after([](auto& m) { m.images[4].kind[15] = 'x'; }), ManifestError::reserved);
  EXPECT_EQ(after([](auto& m) { m.images[3].sha512[0] = 1; }), ManifestError::reserved);
}

TEST(Manifest, RefusesMemory) {
  EXPECT_EQ(after([](auto& m) { m.memory_size = 0; }), ManifestError::memory);
  EXPECT_EQ(after([](auto& m) { m.memory_size += 4096; }), ManifestError::memory);
  EXPECT_EQ(after([](auto& m) { m.memory_base += 4096; }), ManifestError::memory);
  EXPECT_EQ(after([](auto& m) { m.memory_base = 0; }), ManifestError::memory);  // devices
  EXPECT_EQ(after([](auto& m) { m.memory_base = GUEST_ADDRESS_END; }), ManifestError::memory);
  EXPECT_EQ(after([](auto& m) { m.memory_size = GUEST_ADDRESS_END; }), ManifestError::memory);
  EXPECT_EQ(after([](auto& m) { m.memory_size = GUEST_ADDRESS_END - kMemoryAt; }), ManifestError::none);
  EXPECT_EQ(after([](auto& m) { m.memory_size = u64{0} - kMemoryAt; }), ManifestError::memory);  // would wrap
  EXPECT_EQ(after([](auto& m) { m.memory_base = ~u64{0} << 21; }), ManifestError::memory);
}

TEST(Manifest, RefusesNames) {
  auto const named = [](char const* name) {
    return after([&](auto& m) {
      std::memset(m.name, 0, sizeof m.name);
      std::memcpy(m.name, name, std::strlen(name));
    });
  };
  EXPECT_EQ(named("a"), ManifestError::none);
  EXPECT_EQ(named("0123456789abcdefghijklmnopqrstu"), ManifestError::none);   // 31
  EXPECT_EQ(named("0123456789abcdefghijklmnopqrstuv"), ManifestError::name);  // no room for the NUL
  EXPECT_EQ(named(""), ManifestError::name);
  for (char const* bad : {"a b", "a/b", "\x1b[2J", "a\n", "\xc3\xa4", "a@", "[", "`", "{", ":"})
    EXPECT_EQ(named(bad), ManifestError::name) << bad;
  EXPECT_EQ(after([](auto& m) { m.name[20] = 'x'; }), ManifestError::name);  // something behind the NUL
  EXPECT_EQ(after([](auto& m) { m.images[1].kind[0] = '\t'; }), ManifestError::image_kind);
}

TEST(Manifest, RefusesImages) {
  EXPECT_EQ(after([](auto& m) { m.images[0].address += 1; }), ManifestError::image_address);
  EXPECT_EQ(after([](auto& m) { m.images[0].size = 0; }), ManifestError::image_size);
  EXPECT_EQ(after([](auto& m) { m.images[0].address = kMemoryAt - 4096; }), ManifestError::image_outside);
  EXPECT_EQ(after([](auto& m) { m.images[0].address = kMemoryAt + kMemorySize; }),
            ManifestError::image_outside);
  EXPECT_EQ(after([](auto& m) { m.images[0].size = kMemorySize + 1; }), ManifestError::image_outside);
  EXPECT_EQ(after([](auto& m) { m.images[0].size = ~u64{0}; }), ManifestError::image_outside);
  EXPECT_EQ(after([](auto& m) { m.images[0].size = u64{0} - kMemoryAt; }), ManifestError::image_outside);
  EXPECT_EQ(after([](auto& m) { m.images[0].size = 0x20'0001; }),
            ManifestError::image_overlap);  // into the tree's page
  EXPECT_EQ(after([](auto& m) { m.images[0].size = 0x20'0000; }), ManifestError::none);
  EXPECT_EQ(after([](auto& m) { m.images[2].address = m.images[1].address; }), ManifestError::image_overlap);
  EXPECT_EQ(after([](auto& m) { m.images[2].size = kMemorySize - 0x20'1000; }), ManifestError::none);
  EXPECT_EQ(after([](auto& m) { m.images[2].size = kMemorySize - 0x20'1000 + 1; }),
            ManifestError::image_outside);
}

TEST(Manifest, RefusesFirstRuns) {
  EXPECT_EQ(after([](auto& m) { m.entry += 2; }), ManifestError::entry);
  EXPECT_EQ(after([](auto& m) { m.entry = 0; }), ManifestError::entry);
  EXPECT_EQ(after([](auto& m) { m.entry = kMemoryAt + 0x10'0000; }), ManifestError::none);   // its last byte
  EXPECT_EQ(after([](auto& m) { m.entry = kMemoryAt + 0x10'0004; }), ManifestError::entry);  // its padding
  EXPECT_EQ(after([](auto& m) { m.dtb += 4; }), ManifestError::dtb);
  EXPECT_EQ(after([](auto& m) { m.dtb = kMemoryAt + kMemorySize; }), ManifestError::dtb);
}

// Near the edges of every range, so that acceptance is not rare.
redoubt_manifest any_manifest() {
  auto manifest = good_manifest();
  auto const near = [](u64 value) { return value + *rc::gen::inRange<u64>(0, 3) * 4096 - 4096; };
  for (u64 i = 0; i < manifest.image_count; ++i) {
    auto& image = manifest.images[i];
    if (*rc::gen::inRange(0, 4) == 0) image.address = near(image.address);
    if (*rc::gen::inRange(0, 4) == 0)
      image.size = *rc::gen::element<u64>(1, 4096, 0x20'0000, kMemorySize, ~u64{0});
  }
  if (*rc::gen::inRange(0, 4) == 0)
    manifest.memory_base = *rc::gen::element<u64>(0, kMemoryAt, 0x8000'0000, ~u64{0} << 21);
  if (*rc::gen::inRange(0, 8) == 0) manifest.memory_size = *rc::gen::arbitrary<u64>() << 21;
  auto* const bytes = reinterpret_cast<unsigned char*>(&manifest);
  int const damages = *rc::gen::inRange(0, 3);
  for (int i = 0; i < damages; ++i)
    bytes[*rc::gen::inRange<std::size_t>(0, sizeof manifest)] = *rc::gen::arbitrary<unsigned char>();
  return manifest;
}

RC_GTEST_PROP(ManifestProperty, AcceptedOnesKeepTheInvariant, ()) {
  auto const manifest = any_manifest();
  BootRecord record;
  bool const accepted = check_manifest(manifest, sizeof manifest, record) == ManifestError::none;
  RC_CLASSIFY(accepted);
  if (!accepted) return;
  __extension__ using Wide = unsigned __int128;
  auto const end = [](BootImage const& image) { return Wide{image.address} + Wide{image.pages()} * 4096; };
  bool entry = false, dtb = false;
  for (u64 i = 0; i < record.image_count; ++i) {
    auto const& image = record.images[i];
    RC_ASSERT(image.size != 0 && image.address % 4096 == 0);
    RC_ASSERT(image.address >= record.memory_base);
    RC_ASSERT(end(image) <= Wide{record.memory_base} + record.memory_size);
    for (u64 j = 0; j < i; ++j)
      RC_ASSERT(end(image) <= record.images[j].address || end(record.images[j]) <= image.address);
    entry = entry || (record.entry >= image.address && record.entry < Wide{image.address} + image.size);
    dtb = dtb || (record.dtb >= image.address && record.dtb < Wide{image.address} + image.size);
  }
  RC_ASSERT(entry && dtb);
  RC_ASSERT(Wide{record.memory_base} + record.memory_size <= GUEST_ADDRESS_END);
}

}  // namespace
}  // namespace redoubt
