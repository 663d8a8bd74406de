// SPDX-License-Identifier: BSD-3-Clause
// Sealed pages and registers: what was sealed last comes back once; everything else is refused, nothing
// changed.
#include "machine/bench/bench_machine.hpp"
#include "tests/unit/crypto/rig.hpp"

namespace redoubt::test {
namespace {

constexpr u64 kIn = 0x100, kOut = 0x180, kVersionAt = 2;
constexpr u64 box(u64 vm) { return vm * 9; }
constexpr u64 box(u64 vm, u64 vcpu) { return vm * 9 + 1 + vcpu; }

class SealedPage : public Rig {
 protected:
  SealedPage() { fill(kIn, 1); }
  // The host brings a sealed page back to where it was.
  void copy(u64 from, u64 to) { set_page_contents(s_.content, to, page(from)); }
};

TEST_F(SealedPage, ComesBack) {
  const Words plain = page(kIn);
  EXPECT_EQ(seal(1, kIn, kOut), Status::ok);
  EXPECT_EQ(page(kIn), plain) << "the source stays";
  EXPECT_NE(page(kOut), plain);
  copy(kOut, kIn);
  EXPECT_EQ(open(1, kIn), Status::ok);
  EXPECT_EQ(page(kIn), plain);
}
TEST_F(SealedPage, ComesBackInPlace) {
  const Words plain = page(kIn);
  EXPECT_EQ(seal(1, kIn, kIn), Status::ok);
  EXPECT_NE(page(kIn), plain);
  EXPECT_EQ(open(1, kIn), Status::ok);
  EXPECT_EQ(page(kIn), plain);
}
TEST_F(SealedPage, LooksDifferentEachTime) {
  EXPECT_EQ(seal(1, kIn, kOut), Status::ok);
  const Words first = page(kOut);
  EXPECT_EQ(seal(1, kIn, kOut), Status::ok);
  EXPECT_NE(page(kOut), first);
  EXPECT_EQ(s_.content.next_version.read(1, 0), 3u);
  EXPECT_EQ(s_.content.next_version.read(2, 0), 1u) << "each VM counts for itself";
}

TEST_F(SealedPage, AnyBitOfTheTextCounts) {
  ASSERT_EQ(seal(1, kIn, kIn), Status::ok);
  for (const u64 cell : {u64{0}, u64{255}, u64{511}}) {
    for (const unsigned bit : {0u, 63u}) {
      flip(contents(), kIn, cell, bit);
      expect_refused(Status::denied, [&] { return open(1, kIn); });
      flip(contents(), kIn, cell, bit);
    }
  }
  EXPECT_EQ(open(1, kIn), Status::ok);
}
TEST_F(SealedPage, AnyBitOfTheTagCounts) {
  ASSERT_EQ(seal(1, kIn, kIn), Status::ok);
  for (unsigned bit = 0; bit < 128; ++bit) {
    flip(mailbox(), box(1), 3 + bit / 64, bit % 64);
    expect_refused(Status::denied, [&] { return open(1, kIn); });
    flip(mailbox(), box(1), 3 + bit / 64, bit % 64);
  }
  EXPECT_EQ(open(1, kIn), Status::ok);
}
TEST_F(SealedPage, TheHeaderMustBeOfAPage) {
  ASSERT_EQ(seal(1, kIn, kIn), Status::ok);
  for (unsigned bit = 0; bit < 64; ++bit) {  // format and kind
    flip(mailbox(), box(1), 0, bit);
    expect_refused(Status::invalid_parameter, [&] { return open(1, kIn); });
    flip(mailbox(), box(1), 0, bit);
  }
}
TEST_F(SealedPage, AShortBufferIsRefused) {
  ASSERT_EQ(seal(1, kIn, kIn), Status::ok);
  for (const u64 bytes : {u64{0}, u64{4088}, u64{4095}, u64{4104}, INVALID64}) {
    mailbox().write(box(1), 1, bytes);
    expect_refused(Status::invalid_parameter, [&] { return open(1, kIn); });
  }
}
TEST_F(SealedPage, OpensOnce) {
  ASSERT_EQ(seal(1, kIn, kIn), Status::ok);
  const Words text = page(kIn);
  ASSERT_EQ(open(1, kIn), Status::ok);
  set_page_contents(s_.content, kIn, text);
  expect_refused(Status::denied, [&] { return open(1, kIn); });
}
TEST_F(SealedPage, AnOlderOneIsNotTakenForTheNewest) {
  ASSERT_EQ(seal(1, kIn, kOut), Status::ok);
  const Words old_text = page(kOut);
  Words old_header;
  for (u64 i = 0; i < 5; ++i) {
    old_header.push_back(mailbox().read(box(1), i));
  }
  fill(kIn, 2);
  ASSERT_EQ(seal(1, kIn, kOut), Status::ok);
  for (u64 i = 0; i < 5; ++i) {
    mailbox().write(box(1), i, old_header[i]);
  }
  set_page_contents(s_.content, kIn, old_text);
  expect_refused(Status::denied, [&] { return open(1, kIn); });
  mailbox().write(box(1), kVersionAt,
                  s_.content.version.read(1 << 8 | 1, kIn));  // the newest version, the old text
  expect_refused(Status::denied, [&] { return open(1, kIn); });
}
TEST_F(SealedPage, PagesCannotBeSwapped) {
  fill(kIn + 1, 2);
  ASSERT_EQ(seal(1, kIn, kIn), Status::ok);
  ASSERT_EQ(seal(1, kIn + 1, kIn + 1), Status::ok);  // the mailbox has the header of the second
  copy(kIn + 1, kIn);
  expect_refused(Status::denied, [&] { return open(1, kIn); });
  s_.content.version.write(1 << 8 | 1, kIn, s_.content.version.read(1 << 8 | 1, kIn + 1));
  expect_refused(Status::denied, [&] { return open(1, kIn); });  // the label has the frame
}
TEST_F(SealedPage, AnotherVmCannotOpenIt) {
  ASSERT_EQ(seal(1, kIn, kIn), Status::ok);
  for (u64 i = 0; i < 5; ++i) {
    mailbox().write(box(2), i, mailbox().read(box(1), i));
  }
  expect_refused(Status::denied, [&] { return open(2, kIn); });
  s_.content.version.write(1 << 8 | 2, kIn, 1);
  expect_refused(Status::denied, [&] { return open(2, kIn); });  // another key
  for (u64 i = 0; i < 4; ++i) {
    s_.content.vm_key.write(2, i, s_.content.vm_key.read(1, i));
  }
  expect_refused(Status::denied, [&] { return open(2, kIn); });  // the label has the VM
}
TEST_F(SealedPage, OnlyVmsHaveKeys) {
  for (const u64 vm : {u64{0}, COREVISOR, COREVISOR + 1, INVALID, INVALID64}) {
    expect_refused(Status::invalid_parameter, [&] { return seal(vm, kIn, kOut); });
    expect_refused(Status::invalid_parameter, [&] { return open(vm, kIn); });
  }
}
TEST_F(SealedPage, VersionsEnd) {
  s_.content.next_version.write(1, 0, (u64{1} << 48) - 1);
  EXPECT_EQ(seal(1, kIn, kOut), Status::ok);
  expect_refused(Status::no_memory, [&] { return seal(1, kIn, kOut); });
  expect_refused(Status::no_memory,
                 [&] { return run([](Code& c) { return c.encrypt_gp_regs(V(1), C(0)); }); });
}

class SealedRegisters : public Rig {
 protected:
  SealedRegisters() { fill_registers(s_, 1 * 8 + 3, 5); }
  template <class Call>
  Status on_vcpu(Call member, u64 vm = 1, u64 vcpu = 3) {
    return run([&](Code& c) { return (c.*member)(V(vm), C(vcpu)); });
  }
};

TEST_F(SealedRegisters, ComeBackAndNothingElse) {
  const Concrete::Cells before = s_.cpu.shadow.cells();
  ASSERT_EQ(on_vcpu(&Code::encrypt_gp_regs), Status::ok);
  ASSERT_EQ(on_vcpu(&Code::encrypt_sys_regs), Status::ok);
  EXPECT_EQ(s_.cpu.shadow.cells(), before);
  fill_registers(s_, 1 * 8 + 3, 6);
  Concrete::Map expected = s_.cpu.shadow;
  for (const u64 kind : {u64{2}, u64{3}}) {
    for (const u64 number : image_registers(kind)) {
      expected.write(1 * 8 + 3, number, before.at({1 * 8 + 3, number}));
    }
  }
  ASSERT_EQ(on_vcpu(&Code::decrypt_gp_regs), Status::ok);
  ASSERT_EQ(on_vcpu(&Code::decrypt_sys_regs), Status::ok);
  EXPECT_EQ(s_.cpu.shadow.cells(), expected.cells());
}
TEST_F(SealedRegisters, NothingOfThemShowsInTheMailbox) {
  ASSERT_EQ(on_vcpu(&Code::encrypt_gp_regs), Status::ok);
  for (const auto& [key, value] : mailbox().cells()) {
    for (const u64 number : image_registers(2)) {
      EXPECT_NE(value, s_.cpu.shadow.read(1 * 8 + 3, number));
    }
  }
}
TEST_F(SealedRegisters, AreRefusedWhenSpoilt) {
  ASSERT_EQ(on_vcpu(&Code::encrypt_gp_regs), Status::ok);
  const auto refused = [&](Status status) {
    expect_refused(status, [&] { return on_vcpu(&Code::decrypt_gp_regs); });
  };
  const auto with_flipped = [&](u64 at, Status status) {
    flip(mailbox(), box(1, 3), at, 17);
    refused(status);
    flip(mailbox(), box(1, 3), at, 17);
  };
  with_flipped(0, Status::invalid_parameter);
  with_flipped(1, Status::invalid_parameter);  // short or long
  with_flipped(kVersionAt, Status::denied);
  with_flipped(3, Status::denied);
  with_flipped(8, Status::denied);       // x0
  with_flipped(8 + 98, Status::denied);  // the last word
  EXPECT_EQ(on_vcpu(&Code::decrypt_gp_regs), Status::ok);
  refused(Status::denied);  // a second time
}
TEST_F(SealedRegisters, OneImageIsNotTheOther) {
  ASSERT_EQ(on_vcpu(&Code::encrypt_gp_regs), Status::ok);
  for (u64 i = 0; i < 128; ++i) {
    mailbox().write(box(1, 3), 256 + i, mailbox().read(box(1, 3), i));
  }
  expect_refused(Status::invalid_parameter, [&] { return on_vcpu(&Code::decrypt_sys_regs); });
}
TEST_F(SealedRegisters, OneVcpuIsNotTheOther) {
  ASSERT_EQ(on_vcpu(&Code::encrypt_gp_regs), Status::ok);
  for (u64 i = 0; i < 128; ++i) {
    mailbox().write(box(1, 4), i, mailbox().read(box(1, 3), i));
  }
  expect_refused(Status::denied, [&] { return on_vcpu(&Code::decrypt_gp_regs, 1, 4); });
  s_.content.version.write(2 << 8 | (1 * 8 + 4), 0, 1);
  expect_refused(Status::denied, [&] { return on_vcpu(&Code::decrypt_gp_regs, 1, 4); });
}
TEST_F(SealedRegisters, AVcpuThatThereIsNot) {
  expect_refused(Status::invalid_parameter, [&] { return on_vcpu(&Code::encrypt_gp_regs, 1, 8); });
  expect_refused(Status::invalid_parameter, [&] { return on_vcpu(&Code::encrypt_sys_regs, 0, 0); });
  EXPECT_THROW(on_vcpu(&Code::decrypt_gp_regs, 1, 8), Refuted);
  EXPECT_THROW(on_vcpu(&Code::decrypt_sys_regs, 17, 0), Refuted);
}

// R25: without keys the answer is not_supported.
TEST(WithoutKeys, NothingIsSealedOrOpened) {
  std::vector<u64> pool(pools_size<P>() / 8);
  auto machine = BenchMachine<P>::make({pool, P::pool_base, {}, 0});
  ASSERT_TRUE(machine);
  AbstractMachine<BenchMachine<P>> code(*machine);
  EXPECT_EQ(code.encrypt_mem_buf(V(1), F(1), F(2)), Status::not_supported);
  EXPECT_EQ(code.decrypt_mem_buf(V(1), F(1)), Status::not_supported);
  EXPECT_EQ(code.encrypt_gp_regs(V(1), C(0)), Status::not_supported);
  EXPECT_EQ(code.encrypt_sys_regs(V(1), C(0)), Status::not_supported);
  EXPECT_EQ(code.decrypt_gp_regs(V(1), C(0)), Status::not_supported);
  EXPECT_EQ(code.decrypt_sys_regs(V(1), C(0)), Status::not_supported);
}

}  // namespace
}  // namespace redoubt::test
