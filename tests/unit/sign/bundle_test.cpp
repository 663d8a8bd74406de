// SPDX-License-Identifier: BSD-3-Clause
// Bundle files: what is written reads back, every change is noticed, the core would admit it; key files.
#include "tools/redoubt-sign/bundle.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/vm/admission.hpp"
#include "machine/crypto/ed25519.hpp"
#include "machine/crypto/sha512_stream.hpp"
#include "tests/unit/sign/vms.hpp"
#include "tools/redoubt-sign/report.hpp"

namespace redoubt::sign {
namespace {

std::string refusal(Bytes file) {
  try {
    (void)read_bundle(file);
  } catch (BadInput const& problem) {
    return problem.what();
  }
  return "";
}

bool is_good(Bytes file) {
  auto const bundle = read_bundle(file);
  bool good = is_signed(bundle);
  for (std::size_t i = 0; i < bundle.images.size(); ++i) good = good && is_image_intact(bundle, i);
  return good;
}

TEST(Bundle, ReadsBack) {
  auto options = small_vm();
  File const initrd = any_bytes(9999, 8);
  options.initrd = initrd;
  File const file = make_bundle(options, fixed_keys());
  auto const bundle = read_bundle(file);
  EXPECT_TRUE(is_good(file));
  EXPECT_STREQ(bundle.manifest.name, "small");
  EXPECT_EQ(bundle.record.counter, 3u);
  EXPECT_EQ(bundle.record.vcpus, 2u);
  EXPECT_EQ(bundle.record.entry, kMemoryBase);
  EXPECT_EQ(bundle.record.dtb, bundle.record.images[1].address);
  ASSERT_EQ(bundle.images.size(), 3u);
  EXPECT_EQ(std::memcmp(bundle.images[0].data(), options.kernel.data(), options.kernel.size()), 0);
  EXPECT_EQ(std::memcmp(bundle.images[2].data(), initrd.data(), initrd.size()), 0);
  EXPECT_EQ(bundle.images[2][initrd.size()], std::byte{0});  // padding
}

TEST(Bundle, IsTheSameEachTime) {
  EXPECT_EQ(make_bundle(small_vm(), fixed_keys()), make_bundle(small_vm(), fixed_keys()));
  EXPECT_NE(make_bundle(small_vm(), fixed_keys(1)), make_bundle(small_vm(), fixed_keys(2)));
}

TEST(Bundle, CoreAdmitsItAndHashesTheSame) {
  File const file = make_bundle(small_vm(), fixed_keys());
  auto const bundle = read_bundle(file);
  KeySet keys;
  ASSERT_TRUE(keys.add(fixed_keys().public_key));
  BootRecord record;
  EXPECT_EQ(check_admission(bundle.manifest, REDOUBT_MANIFEST_BYTES, keys, crypto::ed25519_verify, record),
            Status::ok);
  for (std::size_t i = 0; i < bundle.images.size(); ++i) {
    crypto::Sha512Stream stream;
    stream.init();
    for (std::size_t at = 0; at < bundle.images[i].size(); at += 1024)
      stream.update(bundle.images[i].subspan(at, 1024));
    EXPECT_EQ(stream.final(), record.images[i].digest) << i;
  }
}

TEST(Bundle, RefusesOtherFiles) {
  File const good = make_bundle(small_vm(), fixed_keys());
  EXPECT_EQ(refusal(good), "");
  EXPECT_NE(refusal({}).find("not a VM bundle"), std::string::npos);
  EXPECT_NE(refusal(File(5000)).find("not a VM bundle"), std::string::npos);
  EXPECT_NE(refusal(Bytes(good).first(4095)).find("not a VM bundle"), std::string::npos);
  EXPECT_NE(refusal(Bytes(good).first(4096)).find("cut off"), std::string::npos);
  EXPECT_NE(refusal(Bytes(good).first(good.size() - 1)).find("cut off"), std::string::npos);
  File longer = good;
  longer.resize(good.size() + 1);
  EXPECT_NE(refusal(longer).find("behind the images"), std::string::npos);
  File marked = good;
  marked[4095] = std::byte{1};
  EXPECT_NE(refusal(marked).find("zeros"), std::string::npos);
  File version = good;
  version[8] = std::byte{2};
  EXPECT_NE(refusal(version).find("another format version"), std::string::npos);
}

RC_GTEST_PROP(BundleProperty, EveryChangeIsNoticed, ()) {
  static File const good = make_bundle(small_vm(), fixed_keys());
  File file = good;
  bool const in_manifest = *rc::gen::arbitrary<bool>();
  auto const at = *rc::gen::inRange<std::size_t>(0, in_manifest ? REDOUBT_MANIFEST_BYTES : file.size());
  file[at] ^= static_cast<std::byte>(1u << *rc::gen::inRange(0, 8));
  bool const noticed = !refusal(file).empty() || !is_good(file);
  RC_ASSERT(noticed);
}

TEST(Bundle, ManifestErrorsHaveTexts) {
  for (unsigned i = 0; i <= static_cast<unsigned>(ManifestError::dtb); ++i)
    EXPECT_STRNE(describe(static_cast<ManifestError>(i)), "unknown error") << i;
}

TEST(Bundle, ReportsTellOfDamage) {
  File file = make_bundle(small_vm(), fixed_keys());
  EXPECT_NE(text_report("f", read_bundle(file)).find("signature  good"), std::string::npos);
  file[4096 + 100] ^= std::byte{1};
  EXPECT_NE(text_report("f", read_bundle(file)).find("CHANGED"), std::string::npos);
  EXPECT_NE(json_report("f", read_bundle(file)).find("\"intact\":false"), std::string::npos);
  file[640] ^= std::byte{1};
  EXPECT_NE(text_report("f", read_bundle(file)).find("BAD"), std::string::npos);
  EXPECT_NE(json_report("f", read_bundle(file)).find("\"signature_good\":false"), std::string::npos);
}

tools::KeyError parse(std::string const& text, tools::KeyKind kind, tools::KeyBytes& key) {
  return tools::parse_key(std::as_bytes(std::span(text)), kind, key);
}

TEST(KeyFile, ReadsBackAndKnowsItsHalf) {
  using tools::KeyError;
  using tools::KeyKind;
  auto const keys = fixed_keys(200);
  tools::KeyBytes read{};
  auto const open = tools::key_text(KeyKind::public_key, keys.public_key);
  auto const secret = tools::key_text(KeyKind::secret_key, keys.seed);
  EXPECT_EQ(parse(open, KeyKind::public_key, read), KeyError::none);
  EXPECT_EQ(read, keys.public_key);
  EXPECT_EQ(parse(secret, KeyKind::secret_key, read), KeyError::none);
  EXPECT_EQ(read, keys.seed);
  EXPECT_EQ(parse(secret, KeyKind::public_key, read), KeyError::other_half);
  EXPECT_EQ(parse(open, KeyKind::secret_key, read), KeyError::other_half);
  EXPECT_EQ(parse("", KeyKind::public_key, read), KeyError::not_a_key);
  EXPECT_EQ(parse(open + "x", KeyKind::public_key, read), KeyError::not_a_key);
  EXPECT_EQ(parse(open.substr(0, open.size() - 2), KeyKind::public_key, read), KeyError::not_a_key);
  auto capital = open;
  capital[30] = 'G';
  EXPECT_EQ(parse(capital, KeyKind::public_key, read), KeyError::not_a_key);
  EXPECT_NE(new_key_pair().seed, new_key_pair().seed);
}

}  // namespace
}  // namespace redoubt::sign
