// SPDX-License-Identifier: BSD-3-Clause
// Random histories of host and guests over the life of three VMs: after every operation the invariants hold,
// the audit finds nothing, and no guard of a machine was broken.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>

#include "tests/property/registry/vm_life.hpp"

namespace redoubt::test {
namespace {

using V = VmId<u64>;

class History {
 public:
  explicit History(Choice& c) : c_(c) {}

  VmLife& life() { return life_; }
  [[nodiscard]] unsigned succeeded_times(unsigned what) const { return done_[what]; }

  // long: one operation a case
  void step() {
    const V v(c_.of({1, 1, 2, 3}));
    const VcpuId<u64> vcpu(c_.below(2));
    const Pfn<u64> pfn(kFirst + c_.below(24));
    const Ipa<u64> at(kBase + (c_.below(8) << PAGE_SHIFT));
    const unsigned what = static_cast<unsigned>(c_.below(16));
    const auto ok = [&](auto act) { done_[what] += life_.run(act) == Status::ok ? 1 : 0; };
    switch (what) {
      case 0:
        done_[what] += life_.run([&](auto& t) { return make_vm(t, record()); }) != INVALID ? 1 : 0;
        break;
      case 1:
        ok([&](auto& t) { return t.register_vcpu(v, vcpu); });
        break;
      case 2:
      case 3:
        life_.host_fills(v.raw, 77);
        ok([&](auto& t) { return t.remap_vm_image(v, pfn, LoadIndex<u64>(0)); });
        break;
      case 4:
      case 5:
        ok([&](auto& t) { return t.verify_and_load_images(v); });
        break;
      case 6:
      case 7:
        ok([&](auto& t) { return t.donate_vm_page(v, at, pfn); });
        break;
      case 8:
        ok([&](auto& t) { return t.donate_vm_block_page(v, at, pfn); });
        break;
      case 9:
        ok([&](auto& t) { return t.map_page_host(Ipa<u64>(pfn.raw << PAGE_SHIFT)); });
        break;
      case 10:
        ok([&](auto& t) { return t.grant_stage2_sg_gpa(v, at, PAGE_SIZE); });
        break;
      case 11:
        ok([&](auto& t) { return t.revoke_stage2_sg_gpa(v, at, PAGE_SIZE); });
        break;
      case 12:
        ok([&](auto& t) { return t.set_vcpu_active(v, vcpu); });
        break;
      case 13:
        ok([&](auto& t) { return t.set_vcpu_inactive(v, vcpu); });
        break;
      case 14:
        c_.one_in(3) ? ok([&](auto& t) { return t.stop_vm(v); })
                     : ok([&](auto& t) { return t.destroy_vm(v); });
        break;
      default:
        done_[what] +=
            life_.run([&](auto& t) { return t.reclaim_vm_pages(v, pfn, c_.of({1, 8, 24})); }) != 0 ? 1 : 0;
        break;
    }
  }

 private:
  static constexpr u64 kBase = 0x4000'0000, kFirst = kRam0 >> PAGE_SHIFT;

  // One image of one page, whose digest fits what the host gives.
  static BootRecord record() {
    std::vector<u64> words;
    for (u64 i = 0; i < 512; ++i) {
      words.push_back(77 + i);
    }
    BootRecord r;
    r.memory_base = kBase;
    r.memory_size = PMD_SIZE;
    r.vcpus = 2;
    r.image_count = 1;
    r.images[0].address = kBase;
    r.images[0].size = PAGE_SIZE;
    r.images[0].digest = crypto::sha512(std::as_bytes(std::span(words)));
    return r;
  }

  Choice& c_;
  VmLife life_;
  unsigned done_[16] = {};
};

TEST(VmHistories, KeepEveryInvariant) {
  unsigned done[16] = {}, histories = 0;
  const bool good = rc::check("histories of VMs", [&] {
    std::mt19937_64 draw(*rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<u64>()));
    std::vector<std::uint32_t> words(600);
    for (std::uint32_t& word : words) {
      word = static_cast<std::uint32_t>(draw());
    }
    Choice choice(std::move(words));
    History history(choice);
    ++histories;
    for (unsigned n = 0; n < 80; ++n) {
      history.step();
      if (!history.life().wrong().empty()) {
        RC_FAIL("operation " + std::to_string(n) + ": " + history.life().wrong());
      }
    }
    for (unsigned what = 0; what < 16; ++what) {
      done[what] += history.succeeded_times(what);
    }
  });
  EXPECT_TRUE(good);
  for (unsigned what = 0; what < 16 && histories >= 50; ++what) {
    EXPECT_GT(done[what], 0u) << "operation " << what << " never succeeded";
  }
}

}  // namespace
}  // namespace redoubt::test
