// SPDX-License-Identifier: BSD-3-Clause
// The reader of bundle files: whole ones are taken apart, all others refused with a reason.
#include "host/cli/bundle.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>

#include "host/cli/error.hpp"

namespace redoubt::cli {
namespace {

using Bytes = std::vector<std::byte>;

redoubt_manifest manifest_of(std::vector<std::uint64_t> const& sizes) {
  redoubt_manifest manifest{};
  manifest.magic = REDOUBT_MANIFEST_MAGIC;
  manifest.version = REDOUBT_MANIFEST_VERSION;
  manifest.vcpus = 2;
  manifest.image_count = static_cast<unsigned>(sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) manifest.images[i].size = sizes[i];
  std::strcpy(manifest.name, "test");
  return manifest;
}

Bytes file_of(redoubt_manifest const& manifest, std::size_t bytes) {
  Bytes file(bytes);
  std::memcpy(file.data(), &manifest, std::min(bytes, sizeof(manifest)));
  for (std::size_t i = REDOUBT_MANIFEST_BYTES; i < bytes; ++i) file[i] = static_cast<std::byte>(i / 4096);
  return file;
}

std::string refusal(Bytes const& file) {
  try {
    Bundle const bundle("file", file);
  } catch (Error const& error) {
    EXPECT_EQ(error.code(), kBadInput);
    return error.what();
  }
  return "";
}

TEST(Bundle, FindsItsImages) {
  Bundle const bundle("file", file_of(manifest_of({5000, 1, 4096}), 4096 * 5));
  EXPECT_EQ(bundle.name(), "test");
  EXPECT_EQ(bundle.image_bytes(), 9097U);
  EXPECT_EQ(bundle.image(0).size(), 5000U);
  EXPECT_EQ(bundle.image(0)[0], std::byte{1});
  EXPECT_EQ(bundle.image(1)[0], std::byte{3});
  EXPECT_EQ(bundle.image(2)[0], std::byte{4});
}

TEST(Bundle, RefusesWhatIsNone) {
  EXPECT_EQ(refusal({}), "file: not a VM bundle: redoubt-sign makes them");
  EXPECT_EQ(refusal(Bytes(8192)), "file: not a VM bundle: redoubt-sign makes them");
}

TEST(Bundle, RefusesOtherFormats) {
  auto manifest = manifest_of({4096});
  manifest.version = 7;
  EXPECT_NE(refusal(file_of(manifest, 8192)).find("bundle format 7, this command reads 1"),
            std::string::npos);
}

TEST(Bundle, RefusesTruncatedOnes) {
  EXPECT_EQ(refusal(file_of(manifest_of({4096, 10}), 8200)),
            "file: truncated: image 1 ends at byte 8202, the file at 8200");
  EXPECT_EQ(refusal(file_of(manifest_of({4096, 10}), 8202)), "");  // the last page need not be padded
}

TEST(Bundle, RefusesDamage) {
  for (int const field : {0, 1, 2, 3, 4}) {
    auto manifest = manifest_of({4096});
    if (field == 0) manifest.image_count = 0;
    if (field == 1) manifest.image_count = REDOUBT_MANIFEST_IMAGES + 1;
    if (field == 2) manifest.vcpus = 9;
    if (field == 3) std::memset(manifest.name, 'x', sizeof(manifest.name));
    if (field == 4) manifest.images[0].size = ~std::uint64_t{0};
    EXPECT_NE(refusal(file_of(manifest, 8192)).find("damaged"), std::string::npos) << field;
  }
}

TEST(Bundle, SaysWhatItCannotRead) {
  EXPECT_THROW(static_cast<void>(read_bundle("no-such-file")), Error);
  EXPECT_THROW(static_cast<void>(read_bundle("/")), Error);
}

// Any bytes: taken apart within the file, or refused.
RC_GTEST_PROP(Bundle, NeverReachesBeyondTheFile, (std::vector<std::uint64_t> sizes, std::uint16_t length)) {
  if (sizes.size() > REDOUBT_MANIFEST_IMAGES) sizes.resize(REDOUBT_MANIFEST_IMAGES);
  Bytes const file = file_of(manifest_of(sizes), REDOUBT_MANIFEST_BYTES + length);
  try {
    Bundle const bundle("file", file);
    std::uint64_t total = 0;
    for (unsigned i = 0; i < sizes.size(); ++i) {
      RC_ASSERT(bundle.image(i).size() == sizes[i]);
      total += bundle.image(i).size();
    }
    RC_ASSERT(total <= length);
  } catch (Error const& error) {
    RC_ASSERT(error.code() == kBadInput);
  }
}

}  // namespace
}  // namespace redoubt::cli
