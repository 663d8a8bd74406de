// SPDX-License-Identifier: BSD-3-Clause
// The life of VMs on the model machine, step by step: boot with a real digest, memory in pages and blocks,
// sharing, end, reclaim, and the VMID used again. Every step is audited.
#include "tests/property/registry/vm_life.hpp"

#include <gtest/gtest.h>

namespace redoubt::test {
namespace {

using V = VmId<u64>;
using C = VcpuId<u64>;

class Life : public testing::Test {
 protected:
  static constexpr u64 kBase = 0x4000'0000, kSize = 2 * PMD_SIZE, kHost = kRam0 >> PAGE_SHIFT;
  static constexpr u64 kPages = 3;

  void TearDown() override { EXPECT_EQ(vm.wrong(), ""); }

  static u64 word(u64 page, u64 i) { return 1000 * (page + 1) + i; }
  // What the manifest says of a VM whose one image has kPages pages; `right`: its digest is that of what is
  // given.
  BootRecord record(bool right = true) {
    std::vector<u64> all;
    for (u64 i = 0; i < kPages * 512; ++i) {
      all.push_back(word(i / 512, i % 512));
    }
    BootRecord r;
    r.memory_base = kBase;
    r.memory_size = kSize;
    r.entry = r.dtb = kBase;
    r.vcpus = 2;
    r.image_count = 1;
    r.images[0].address = kBase + 5 * PAGE_SIZE;
    r.images[0].size = kPages * PAGE_SIZE - 100;
    r.images[0].digest = crypto::sha512(std::as_bytes(std::span(all)));
    r.images[0].digest[3] ^= right ? 0 : 1;
    return r;
  }
  u64 create(bool right = true) {
    return vm.run([&](auto& t) { return make_vm(t, record(right)); });
  }
  void give_image(u64 v) {
    for (u64 n = 0; n < kPages; ++n) {
      vm.host_fills(v, word(n, 0));
      ASSERT_EQ(vm.run([&](auto& t) { return t.remap_vm_image(V(v), frame(n), LoadIndex<u64>(0)); }),
                Status::ok);
    }
  }
  Status verify(u64 v) {
    Status status = Status::again;
    for (u64 n = 0; n < 2 * kPages + 1 && status == Status::again; ++n) {
      status = vm.run([&](auto& t) { return t.verify_and_load_images(V(v)); });
    }
    return status;
  }
  u64 booted() {
    const u64 v = create();
    EXPECT_EQ(vm.run([&](auto& t) { return t.register_vcpu(V(v), C(0)); }), Status::ok);
    give_image(v);
    EXPECT_EQ(verify(v), Status::ok);
    return v;
  }
  static Pfn<u64> frame(u64 n) { return Pfn<u64>(kHost + n); }
  static Ipa<u64> address(u64 n) { return Ipa<u64>(kBase + n * PAGE_SIZE); }
  Status fault(u64 n) {
    return vm.run([&](auto& t) { return t.map_page_host(Ipa<u64>((kHost + n) << PAGE_SHIFT)); });
  }
  Status donate(u64 v, u64 at, u64 n) {
    return vm.run([&](auto& t) { return t.donate_vm_page(V(v), address(at), frame(n)); });
  }
  Status enter(u64 v, u64 c) {
    return vm.run([&](auto& t) { return t.set_vcpu_active(V(v), C(c)); });
  }
  Status leave(u64 v, u64 c) {
    return vm.run([&](auto& t) { return t.set_vcpu_inactive(V(v), C(c)); });
  }
  Status stop(u64 v) {
    return vm.run([&](auto& t) { return t.stop_vm(V(v)); });
  }
  Status destroy(u64 v) {
    return vm.run([&](auto& t) { return t.destroy_vm(V(v)); });
  }
  u64 reclaim(u64 v, u64 n, u64 pages) {
    return vm.run([&](auto& t) { return t.reclaim_vm_pages(V(v), frame(n), pages); });
  }
  u64 content(u64 n, u64 i) { return vm.state().content.contents.read(kHost + n, i); }

  VmLife vm;
};

TEST_F(Life, BootsTheSignedImageAndNothingElse) {
  const u64 v = create();
  EXPECT_EQ(v, 1u);
  EXPECT_EQ(verify(v), Status::denied) << "no page was given";
  EXPECT_EQ(enter(v, 0), Status::denied);
  give_image(v);
  EXPECT_EQ(vm.run([&](auto& t) { return t.remap_vm_image(V(v), frame(9), LoadIndex<u64>(0)); }),
            Status::invalid_parameter)
      << "it has all of its pages";
  EXPECT_EQ(vm.run([&](auto& t) { return t.get_verify_left(V(v)); }), kPages * PAGE_SIZE);
  EXPECT_EQ(verify(v), Status::ok);
  EXPECT_EQ(vm.run([&](auto& t) { return t.query_vm_state(V(v)); }), vm_state::VERIFIED);
  EXPECT_EQ(vm.run([&](auto& t) { return t.register_vcpu(V(v), C(0)); }), Status::denied);
  EXPECT_EQ(enter(v, 0), Status::not_found);
}

TEST_F(Life, AnotherImageEndsTheVm) {
  const u64 v = create(false);
  give_image(v);
  EXPECT_EQ(verify(v), Status::denied);
  EXPECT_EQ(vm.run([&](auto& t) { return t.query_vm_state(V(v)); }), vm_state::POWEROFF);
  EXPECT_EQ(verify(v), Status::denied);
  EXPECT_EQ(enter(v, 0), Status::denied);
  EXPECT_EQ(reclaim(v, 0, kPages), kPages);
  EXPECT_EQ(destroy(v), Status::ok);
}

TEST_F(Life, MemoryComesZeroedAndGoesZeroed) {
  const u64 v = booted();
  vm.state().content.contents.write(kHost + 20, 7, 42);
  EXPECT_EQ(fault(20), Status::ok);
  EXPECT_EQ(donate(v, 30, 20), Status::ok);
  EXPECT_EQ(content(20, 7), 0u);
  EXPECT_EQ(fault(20), Status::denied) << "a private page";
  EXPECT_EQ(donate(v, 30, 21), Status::exists);
  EXPECT_EQ(donate(v, 31, 20), Status::denied) << "a page does not move";
  EXPECT_EQ(donate(v, kSize / PAGE_SIZE, 22), Status::invalid_parameter) << "outside its memory";
  vm.state().content.contents.write(kHost + 20, 8, 43);  // the VM's secret
  EXPECT_EQ(reclaim(v, 20, 1), 0u) << "it runs";
  EXPECT_EQ(stop(v), Status::ok);
  EXPECT_EQ(destroy(v), Status::busy) << "it owns pages";
  EXPECT_EQ(reclaim(v, 20, 2), 1u);
  EXPECT_EQ(content(20, 8), 0u);
  EXPECT_EQ(fault(20), Status::ok);
  EXPECT_EQ(donate(v, 32, 23), Status::denied) << "it has ended";
}

TEST_F(Life, ABlockNeedsAllOfItsPages) {
  const u64 v = booted();
  const u64 first = PMD_PAGE_NUM;  // a 2 MiB boundary of the host's memory
  const auto map = [&] {
    return vm.run([&](auto& t) { return t.map_vm_block(V(v), address(512), frame(first)); });
  };
  VmLife& life = vm;
  for (u64 n = 0; n < PMD_PAGE_NUM; ++n) {
    if (n == 511) {
      EXPECT_EQ(map(), Status::denied);
    }
    const auto give = [&](auto& t) {
      return t.donate_vm_block_page(V(v), address(512 + n), frame(first + n));
    };
    if (n % 64 == 0 || n == 511) {
      ASSERT_EQ(life.run(give), Status::ok);
    } else {
      ASSERT_EQ(life.run_unchecked(give), Status::ok);
    }
  }
  EXPECT_EQ(map(), Status::ok);
  EXPECT_EQ(map(), Status::unchanged);
  EXPECT_EQ(vm.run([&](auto& t) { return t.walk_to_pfn(V(v), address(512 + 77)); }), kHost + first + 77);
  const auto share = [&](auto& t) { return t.grant_stage2_sg_gpa(V(v), address(512 + 77), PAGE_SIZE); };
  EXPECT_EQ(vm.run(share), Status::ok);
  EXPECT_EQ(fault(first + 77), Status::ok);
  EXPECT_EQ(fault(first + 76), Status::denied);
  EXPECT_EQ(stop(v), Status::ok);
  EXPECT_EQ(reclaim(v, first, 32), 32u);
  EXPECT_EQ(reclaim(v, first, 33), 0u);
}

TEST_F(Life, SharingIsOnceAndEnds) {
  const u64 v = booted();
  ASSERT_EQ(donate(v, 30, 20), Status::ok);
  const auto share = [&](u64 at) {
    return vm.run([&](auto& t) { return t.grant_stage2_sg_gpa(V(v), address(at), PAGE_SIZE); });
  };
  const auto unshare = [&](u64 at) {
    return vm.run([&](auto& t) { return t.revoke_stage2_sg_gpa(V(v), address(at), PAGE_SIZE); });
  };
  EXPECT_EQ(unshare(30), Status::not_found);
  EXPECT_EQ(share(30), Status::ok);
  EXPECT_EQ(share(30), Status::exists);
  EXPECT_EQ(share(40), Status::not_found);
  EXPECT_EQ(vm.run([&](auto& t) { return t.count_shared_pages(V(v)); }), 1u);
  EXPECT_EQ(fault(20), Status::ok);
  EXPECT_EQ(unshare(30), Status::ok);
  EXPECT_EQ(fault(20), Status::denied);
  EXPECT_EQ(vm.run([&](auto& t) { return t.count_vm_pages(V(v)); }), kPages + 1);
}

TEST_F(Life, NothingIsTakenWhileAVcpuRuns) {
  const u64 v = booted();
  EXPECT_EQ(enter(v, 0), Status::ok);
  EXPECT_EQ(enter(v, 0), Status::busy);
  EXPECT_EQ(stop(v), Status::busy);
  EXPECT_EQ(reclaim(v, 0, kPages), 0u);
  EXPECT_EQ(destroy(v), Status::busy);
  EXPECT_EQ(leave(v, 0), Status::ok);
  EXPECT_EQ(enter(v, 0), Status::denied) << "it has ended";
  EXPECT_EQ(stop(v), Status::ok);
  EXPECT_EQ(reclaim(v, 0, kPages), kPages);
  EXPECT_EQ(destroy(v), Status::ok);
  EXPECT_EQ(destroy(v), Status::not_found);
}

TEST_F(Life, VmidsRunOutAndAreGivenAgain) {
  for (u64 v = 1; v <= MAX_VM_NUM; ++v) {
    EXPECT_EQ(create(), v);
  }
  EXPECT_EQ(create(), INVALID);
  EXPECT_EQ(stop(7), Status::ok);
  EXPECT_EQ(destroy(7), Status::ok);
  EXPECT_EQ(create(), 7u);
  EXPECT_EQ(create(), INVALID);
  give_image(7);
  EXPECT_EQ(verify(7), Status::ok);
}

class Saved : public Life {
 protected:
  static constexpr u64 kPage = 20, kOut = 40, kX5 = 5;

  static u64 secret(u64 i) { return mixed(11, i, 3); }
  void write_secret(u64 n) {
    for (u64 i = 0; i < 512; ++i) {
      vm.state().content.contents.write(kHost + n, i, secret(i));
    }
  }
  bool holds_secret(u64 n) {
    bool all = true;
    for (u64 i = 0; i < 512; ++i) {
      all = all && content(n, i) == secret(i);
    }
    return all;
  }
  void host_copies(u64 from, u64 to) {
    for (u64 i = 0; i < 512; ++i) {
      vm.state().content.contents.write(kHost + to, i, content(from, i));
    }
  }
  Status save(u64 v, u64 from, u64 into) {
    return vm.run([&](auto& t) { return t.save_encrypt_buf(V(v), frame(from), frame(into)); });
  }
  Status load(u64 v, u64 n) {
    return vm.run([&](auto& t) { return t.load_decrypt_buf(V(v), frame(n)); });
  }
  Status save_vcpu(u64 v) {
    return vm.run([&](auto& t) { return t.save_encrypted_vcpu(V(v), C(0)); });
  }
  Status load_vcpu(u64 v) {
    return vm.run([&](auto& t) { return t.load_encrypted_vcpu(V(v), C(0)); });
  }
  auto& shadow() { return vm.state().cpu.shadow; }

  // A VM with a secret in a page and in x5, saved and ended; all of it is the host's again but ciphertext.
  u64 saved() {
    const u64 v = booted();
    EXPECT_EQ(donate(v, 200, kPage), Status::ok);
    write_secret(kPage);
    shadow().write(v * VCPU_PER_VM, kX5, secret(1000));
    EXPECT_EQ(enter(v, 0), Status::ok);
    EXPECT_EQ(save(v, kPage, kOut), Status::busy);
    EXPECT_EQ(save_vcpu(v), Status::busy);
    EXPECT_EQ(leave(v, 0), Status::ok);
    EXPECT_EQ(stop(v), Status::ok);
    EXPECT_EQ(save(v, kPage, kPage), Status::denied) << "into a page of the VM";
    EXPECT_EQ(save(v, kOut, kOut + 1), Status::denied) << "a page that is not the VM's";
    EXPECT_EQ(save(v, kPage, kOut), Status::ok);
    EXPECT_FALSE(holds_secret(kOut));
    EXPECT_TRUE(holds_secret(kPage));
    EXPECT_EQ(save_vcpu(v), Status::ok);
    EXPECT_EQ(reclaim(v, 0, kPages), kPages);
    EXPECT_EQ(reclaim(v, kPage, 1), 1u);
    EXPECT_EQ(destroy(v), Status::ok);
    EXPECT_EQ(content(kPage, 7), 0u);
    shadow().zero_row(v * VCPU_PER_VM);
    vm.state().records.next_vmid = COREVISOR;  // so that its number is given again
    return v;
  }
  u64 made_again() {
    const u64 v = create();
    EXPECT_EQ(vm.run([&](auto& t) { return t.register_vcpu(V(v), C(0)); }), Status::ok);
    return v;
  }
};

TEST_F(Saved, ComesBackToItsFrameOnceAndOnlyToTheVm) {
  const u64 old = saved(), v = made_again();
  ASSERT_EQ(v, old);
  EXPECT_EQ(load(v, kOut), Status::denied) << "another frame";
  host_copies(kOut, kPage);
  EXPECT_EQ(fault(kPage), Status::ok);
  EXPECT_EQ(load(v, kPage), Status::ok);
  EXPECT_TRUE(holds_secret(kPage));
  EXPECT_EQ(fault(kPage), Status::denied) << "the host is out of it";
  EXPECT_EQ(load(v, kPage), Status::denied) << "it is the VM's";
  EXPECT_EQ(donate(v, 200, kPage), Status::ok) << "it sees the page from here on";
  EXPECT_TRUE(holds_secret(kPage));
  EXPECT_EQ(load_vcpu(v), Status::ok);
  EXPECT_EQ(shadow().read(v * VCPU_PER_VM, kX5), secret(1000));
  EXPECT_EQ(load_vcpu(v), Status::denied) << "once";
}

TEST_F(Saved, IsNotTakenSpoiltOrTwice) {
  saved();
  const u64 v = made_again();
  host_copies(kOut, kPage);
  vm.state().content.contents.write(kHost + kPage, 17, content(kPage, 17) ^ 1);
  EXPECT_EQ(load(v, kPage), Status::denied);
  EXPECT_EQ(fault(kPage), Status::ok) << "it stays the host's";
  host_copies(kOut, kPage);
  EXPECT_EQ(load(v, kPage), Status::ok);
  EXPECT_EQ(stop(v), Status::ok);
  EXPECT_EQ(reclaim(v, kPage, 1), 1u);
  EXPECT_EQ(content(kPage, 7), 0u);
  EXPECT_EQ(destroy(v), Status::ok);
  const u64 again = made_again();
  host_copies(kOut, kPage);
  EXPECT_EQ(load(again, kPage), Status::denied) << "it was opened before";
}

TEST_F(Saved, AVmThatResumesDoesNotRunYet) {
  saved();
  const u64 v = made_again();
  host_copies(kOut, kPage);
  EXPECT_EQ(load(v, kPage), Status::ok);
  give_image(v);
  EXPECT_EQ(verify(v), Status::denied);
  EXPECT_EQ(enter(v, 0), Status::denied);
  EXPECT_EQ(vm.run([&](auto& t) { return t.is_inc_exe(V(v)); }), 1u);
}

TEST_F(Saved, HalfAVcpuEndsTheVm) {
  saved();
  const u64 v = made_again(), header = 256, box = v * 9 + 1;
  auto& mailbox = vm.state().content.mailbox;
  mailbox.write(box, header + 8, mailbox.read(box, header + 8) ^ 1);
  EXPECT_EQ(load_vcpu(v), Status::denied);
  EXPECT_EQ(vm.run([&](auto& t) { return t.query_vm_state(V(v)); }), vm_state::POWEROFF);
}

TEST_F(Saved, NothingIsLoadedIntoAVmThatIsVerified) {
  const u64 v = booted();
  EXPECT_EQ(save_vcpu(v), Status::ok);
  EXPECT_EQ(load_vcpu(v), Status::denied);
  EXPECT_EQ(load(v, kOut), Status::denied);
}

}  // namespace
}  // namespace redoubt::test
