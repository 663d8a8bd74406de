// SPDX-License-Identifier: BSD-3-Clause
// verify_image says 1 of a whole image that a trusted key signed for its guest address, and 0 of everything
// else (W29).
#include "tests/unit/crypto/rig.hpp"

namespace redoubt::test {
namespace {

constexpr u64 kVm = 1, kImage = 2, kAddr = 0x4008'0000, kSize = 2 * PAGE_SIZE + 100, kFrame = 0x300;
constexpr u64 kAt = REMAP_START + 0x8000;

class SignedImage : public Rig {
 protected:
  SignedImage() {
    Records& r = s_.records;
    r.vm_next_load_info.write(kVm, 0, kImage + 1);
    r.vm_load_addr.write(kVm, kImage, kAddr);
    r.vm_load_size.write(kVm, kImage, kSize);
    r.vm_remap_addr.write(kVm, kImage, kAt);
    r.vm_mapped_pages.write(kVm, kImage, 3);
    for (u64 i = 0; i < 3; ++i) {
      fill(kFrame + 2 * i, 9);  // frames need not be neighbours
      s_.content.window.write(8 + i, 0, kFrame + 2 * i + 1);
    }
    trust(0, signing_key(0));
    sign(kAddr, kSize, 0);
    hold(s_, INFO_ID + kVm);
  }
  void trust(u64 n, const SigningKey& key) {
    u64 words[4];
    std::memcpy(words, key.public_key, sizeof(words));
    for (u64 i = 0; i < 4; ++i) {
      s_.content.trusted_key.write(n, i, words[i]);
    }
  }
  void sign(u64 addr, u64 size, unsigned key) {
    Words words;
    for (u64 i = 0; i < 3; ++i) {
      const Words p = page(kFrame + 2 * i);
      words.insert(words.end(), p.begin(), p.end());
    }
    sign_image(s_.content, kVm * 5 + kImage, addr, words, size, key);
  }
  u64 verify(u64 addr = kAt) {
    const State<P> before = s_;
    const u64 good = run([&](Code& c) { return c.verify_image(V(kVm), CoreVa<u64>(addr)); });
    EXPECT_EQ(difference(before, s_), registry::field::none);
    State<P> state = s_;
    Spec spec(state);
    EXPECT_EQ(spec.verify_image(V(kVm), CoreVa<u64>(addr)), good) << "the specification says otherwise";
    return good;
  }
  Records& records() { return s_.records; }
};

TEST_F(SignedImage, IsGood) { EXPECT_EQ(verify(), 1u); }
TEST_F(SignedImage, AnyTrustedKeyWillDo) {
  sign(kAddr, kSize, 1);
  s_.content.signed_image.write(kVm * 5 + kImage, 1, 0);  // not yet: nobody trusts key 1
  EXPECT_EQ(verify(), 0u);
  trust(1, signing_key(1));
  s_.content.signed_image.write(kVm * 5 + kImage, 1, kSize);
  EXPECT_EQ(verify(), 1u);
}
TEST_F(SignedImage, AnotherKeysSignatureIsNot) {
  sign(kAddr, kSize, 2);
  EXPECT_EQ(verify(), 0u);
}
TEST_F(SignedImage, WithoutTrustedKeysNothingIs) {
  for (u64 i = 0; i < 4; ++i) {
    s_.content.trusted_key.write(0, i, 0);
  }
  s_.content.signed_image.write(kVm * 5 + kImage, 1, 0);
  EXPECT_EQ(verify(), 0u);
}
TEST_F(SignedImage, ASpoiltSignatureIsNot) {
  s_.content.signed_image.write(kVm * 5 + kImage, 1, 0);
  for (u64 i = 0; i < 8; ++i) {
    flip(s_.content.signature, kVm * 5 + kImage, i, 5);
    EXPECT_EQ(verify(), 0u);
    flip(s_.content.signature, kVm * 5 + kImage, i, 5);
  }
}
TEST_F(SignedImage, AnyByteCountsUpToItsEnd) {
  const auto with_flipped = [&](u64 offset) {
    const u64 frame = kFrame + 2 * (offset / PAGE_SIZE), cell = offset % PAGE_SIZE / 8;
    const auto bit = static_cast<unsigned>(offset % 8 * 8);
    flip(contents(), frame, cell, bit);
    const u64 good = verify();
    flip(contents(), frame, cell, bit);
    return good;
  };
  for (const u64 offset : {u64{0}, PAGE_SIZE - 1, PAGE_SIZE, 2 * PAGE_SIZE, kSize - 1}) {
    EXPECT_EQ(with_flipped(offset), 0u) << offset;
  }
  EXPECT_EQ(with_flipped(kSize), 1u) << "what is behind the image was not signed";
}
TEST_F(SignedImage, TruncatedOrExtendedIsNot) {
  for (const u64 size : {kSize - 1, kSize + 1, kSize - 8, u64{1}, u64{0}, INVALID64, REMAP_END - kAt + 1}) {
    records().vm_load_size.write(kVm, kImage, size);
    records().vm_mapped_pages.write(kVm, kImage, size / PAGE_SIZE + (size % PAGE_SIZE != 0 ? 1 : 0));
    EXPECT_EQ(verify(), 0u) << size;
  }
}
TEST_F(SignedImage, IncompleteIsNot) {
  records().vm_mapped_pages.write(kVm, kImage, 2);
  EXPECT_EQ(verify(), 0u);
  records().vm_mapped_pages.write(kVm, kImage, 3);
  s_.content.window.write(9, 0, 0);
  EXPECT_EQ(verify(), 0u);
}
TEST_F(SignedImage, ItsPagesHaveAnOrder) {
  s_.content.window.write(8, 0, kFrame + 3);
  s_.content.window.write(9, 0, kFrame + 1);
  EXPECT_EQ(verify(), 0u);
}
TEST_F(SignedImage, IsSignedForItsAddress) {
  records().vm_load_addr.write(kVm, kImage, kAddr + PAGE_SIZE);
  EXPECT_EQ(verify(), 0u);
}
TEST_F(SignedImage, StandsWhereItWasAnnounced) {
  EXPECT_EQ(verify(kAt + PAGE_SIZE), 0u);
  EXPECT_EQ(verify(0), 0u);
  records().vm_next_load_info.write(kVm, 0, kImage);  // not announced
  EXPECT_EQ(verify(), 0u);
}
TEST_F(SignedImage, OutsideTheWindowIsNot) {
  for (const u64 at : {u64{0}, REMAP_START - PAGE_SIZE, REMAP_END, REMAP_END - PAGE_SIZE, kAt + 8}) {
    records().vm_remap_addr.write(kVm, kImage, at);
    EXPECT_EQ(verify(at), 0u) << at;
  }
}
TEST_F(SignedImage, GuardsAreKept) {
  EXPECT_THROW(verify(u64{1} << P::ipa_bits), Refuted);
  let_go(s_, INFO_ID + kVm);
  EXPECT_THROW(verify(), Refuted);
}

}  // namespace
}  // namespace redoubt::test
