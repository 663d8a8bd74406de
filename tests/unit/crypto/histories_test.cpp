// SPDX-License-Identifier: BSD-3-Clause
// Random histories of sealing, opening and a host that brings back, moves and spoils what it was given: code
// and specification agree at every step, on contents, registers, versions, mailboxes and statuses.
#include <map>

#include "tests/unit/crypto/rig.hpp"

namespace redoubt::test {
namespace {

class History : public Rig {
 protected:
  explicit History() {
    for (u64 frame = 0x100; frame < 0x104; ++frame) {
      fill(frame, 1);
    }
    for (u64 id = 8; id < 24; ++id) {
      fill_registers(s_, id, id);
    }
  }

  // The same call on both; ghosts of the specification go along.
  template <class Call>
  Status both(Call call) {
    State<P> state = s_;
    Spec spec(state);
    const Status meant = call(spec);
    Machine machine(domain_, s_);
    Code code(machine);
    const Status status = call(code);
    State<P> left = observe(machine, s_);
    EXPECT_EQ(meant, status);
    EXPECT_EQ(difference(state, left), registry::field::none);
    EXPECT_TRUE(registry::inv::Seal1::holds(left));
    s_ = std::move(state);
    return status;
  }
  Status page_step(Draw& draw, u64 vm, bool sealing) {
    const F in(0x100 + draw() % 4), out(0x100 + draw() % 4);
    if (sealing) {
      expect_cipher(s_, 1, vm, in.raw);
      return both([&](auto& l) { return l.encrypt_mem_buf(V(vm), in, out); });
    }
    return both([&](auto& l) { return l.decrypt_mem_buf(V(vm), in); });
  }
  Status register_step(Draw& draw, u64 vm, bool sealing) {
    const C vcpu(draw() % 2);
    const bool general = draw() % 2 == 0;
    if (sealing) {
      expect_cipher(s_, general ? 2 : 3, vm, vcpu.raw);
      return both([&](auto& l) {
        return general ? l.encrypt_gp_regs(V(vm), vcpu) : l.encrypt_sys_regs(V(vm), vcpu);
      });
    }
    return both(
        [&](auto& l) { return general ? l.decrypt_gp_regs(V(vm), vcpu) : l.decrypt_sys_regs(V(vm), vcpu); });
  }
  // The host copies frames and mailboxes, keeps old ones, brings them back, and flips bits.
  void host_step(Draw& draw) {
    const u64 frame = 0x100 + draw() % 4, box = 9 * (1 + draw() % 2) + draw() % 3;
    switch (draw() % 6) {
      case 0:
        kept_pages_[draw() % 3] = page(frame);
        break;
      case 1:
        set_page_contents(s_.content, frame, kept_pages_[draw() % 3]);
        break;
      case 2:
      case 3: {
        Words& words = kept_boxes_[draw() % 3];
        const bool keep = words.empty() || draw() % 2 == 0;
        words.resize(512);
        for (u64 i = 0; i < 512; ++i) {
          keep ? void(words[i] = mailbox().read(box, i)) : mailbox().write(box, i, words[i]);
        }
        break;
      }
      case 4:
        set_page_contents(s_.content, frame, page(0x100 + draw() % 4));
        break;
      default:
        flip(mailbox(), box, draw() % 16, static_cast<unsigned>(draw() % 64));
    }
  }

  std::array<Words, 3> kept_pages_{Words(512, 1), Words(512, 2), Words(512, 3)};
  std::array<Words, 3> kept_boxes_;
};

TEST_F(History, CodeAndSpecificationAgree) {
  std::map<Status, unsigned> sealed, opened;
  for (u64 seed = 1; seed <= 20; ++seed) {
    Draw draw(seed);
    for (unsigned n = 0; n < 60 && !HasFailure(); ++n) {
      const u64 vm = 1 + draw() % 2;
      const bool pages = draw() % 2 == 0, sealing = draw() % 2 == 0;
      if (draw() % 4 == 0) {
        host_step(draw);
        continue;
      }
      const Status status = pages ? page_step(draw, vm, sealing) : register_step(draw, vm, sealing);
      ++(sealing ? sealed : opened)[status];
      if (sealing && draw() % 2 == 0) {  // an honest restore
        ++opened[pages ? page_step(draw, vm, false) : register_step(draw, vm, false)];
      }
    }
  }
  EXPECT_GT(sealed[Status::ok], 100u);
  EXPECT_GT(opened[Status::ok], 50u);
  EXPECT_GT(opened[Status::denied], 50u);
  EXPECT_GT(opened[Status::invalid_parameter], 10u);
  std::printf("%u seals, %u opened, %u denied, %u malformed\n", sealed[Status::ok], opened[Status::ok],
              opened[Status::denied], opened[Status::invalid_parameter]);
}

}  // namespace
}  // namespace redoubt::test
