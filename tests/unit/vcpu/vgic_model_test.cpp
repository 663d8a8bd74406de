// SPDX-License-Identifier: BSD-3-Clause
// Any guest and any host against a controller without list registers: after every step the guest would
// acknowledge what that one says.
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <optional>
#include <vector>

#include "tests/unit/vcpu/fake_cpu.hpp"

namespace redoubt::test {
namespace {

constexpr u64 kIpriorityr = 0x1'0400;

// The interrupt controller as the manual describes it, one record an interrupt.
struct Interrupt {
  bool enabled = false, latched = false, active = false;
  u64 priority = 0xa0;
};

class Model {
 public:
  std::map<u64, Interrupt> interrupts;
  std::vector<u64> running;  // priorities, the last one counts
  bool split = false;
  std::uint32_t taken = 0;
  std::array<u64, 4> offered{};

  Model() {
    for (u64 i = 0; i < 32; ++i) interrupts[i].enabled = true;
  }
  [[nodiscard]] bool deliverable(u64 intid, bool line) const {
    auto const found = interrupts.find(intid);
    if (found == interrupts.end()) return false;
    Interrupt const& i = found->second;
    return i.enabled && !i.active && (i.latched || (intid == 27 && line)) && i.priority < 0xf8;
  }
  // Priority of the best one that would interrupt; 0x100: none.
  [[nodiscard]] u64 best(bool line, bool also_below_running) const {
    u64 best = also_below_running || running.empty() ? 0x100 : running.back();
    u64 const limit = best;
    for (auto const& [intid, i] : interrupts)
      if (deliverable(intid, line)) best = std::min(best, i.priority);
    return best < limit ? best : 0x100;
  }
  void acknowledge(u64 intid) {
    Interrupt& i = interrupts.at(intid);
    for (unsigned p = 0; p < 4; ++p)
      if (i.latched && intid >= 32 && offered[p] == intid) taken |= 1u << p;
    i.latched = false;
    i.active = true;
    running.push_back(i.priority);
    order.push_back(intid);
  }
  u64 end() {
    u64 const intid = order.back();
    order.pop_back();
    running.pop_back();
    if (!split) interrupts.at(intid).active = false;
    return intid;
  }
  void offer(std::array<OfferedSpi, 4> const& spis, unsigned count) {
    taken = 0;
    offered = {};
    for (auto& [intid, i] : interrupts)
      if (intid >= 32) i.latched = false;
    for (unsigned p = 0; p < count; ++p) {
      u64 const intid = spis[p].intid;
      if (intid < 32 || intid > 255 || interrupts[intid].latched) continue;
      Interrupt& i = interrupts[intid];
      if (!i.active && in_use() == Vgic::kSpiSlots) continue;
      if (!i.active) i.priority = spis[p].priority & 0xf8u;
      i.enabled = i.latched = true;
      offered[p] = intid;
    }
  }
  std::vector<u64> order;

 private:
  [[nodiscard]] unsigned in_use() const {
    unsigned n = 0;
    for (auto const& [intid, i] : interrupts) n += intid >= 32 && (i.latched || i.active);
    return n;
  }
};

class Run {
 public:
  Run(unsigned lists, bool split) : rig_(lists) {
    model_.split = split;
    rig_.leave();
    rig_.cpu.guest_timer(0, 0);  // the host's timer is off
    rig_.enter();
    rig_.cpu.guest_interface(true, 0xf8, split);
  }

  void step() {
    switch (*rc::gen::inRange(0, 12)) {
      case 0:
        return bits(0x1'0100, &Interrupt::enabled);
      case 1:
      case 2:
        return bits(0x1'0200, &Interrupt::latched);
      case 3:
        return priority();
      case 4:
        return sgi();
      case 5:
        return timer();
      case 6:
        rig_.cpu.now += *rc::gen::inRange<u64>(0, 500);
        return;
      case 7:
      case 8:
        return acknowledge();
      case 9:
        return end();
      case 10:
        return deactivate();
      default:
        return host_turn();
    }
  }

  void check() {
    settle();
    u64 const seen = rig_.cpu.guest_peek(), best = model_.best(line(), false);
    RC_ASSERT((seen == 1023) == (best == 0x100));
    if (seen != 1023) {
      RC_ASSERT(model_.deliverable(seen, line()));
      RC_ASSERT(model_.interrupts.at(seen).priority == best);
    }
    RC_ASSERT(rig_.vcpu.on_wfi(rig_.cpu, 0).resume == (model_.best(line(), true) != 0x100));
    Interrupt const& timer = model_.interrupts.at(27);
    RC_ASSERT(rig_.cpu.held == (timer.latched || timer.active || line()));  // INV-VGIC-3
  }

 private:
  bool line() { return timer::is_high(rig_.cpu.read<reg::cntv_ctl_el0>()); }

  // The core's own physical interrupts end.
  void settle() {
    for (unsigned i = 0; i < 80; ++i) {
      u64 const intid = rig_.cpu.physical();
      if (intid == 1023) return;
      RC_ASSERT((intid == 25 || intid == 27));
      RC_ASSERT(rig_.vcpu.on_irq(rig_.cpu) == IrqOutcome::resume);
    }
    RC_FAIL("interrupts without end");
  }
  void bits(u64 offset, bool Interrupt::* member) {
    bool const set = *rc::gen::weightedElement<bool>({{3, true}, {1, false}});
    u64 const mask = *rc::gen::inRange<u64>(0, u64{1} << 32) & *rc::gen::inRange<u64>(0, u64{1} << 32);
    rig_.write(set ? offset : offset + 0x80, mask);
    for (u64 i = 0; i < 32; ++i)
      if ((mask >> i & 1) != 0) model_.interrupts[i].*member = set;
  }
  void priority() {
    u64 const intid = *rc::gen::inRange<u64>(0, 32), value = *rc::gen::inRange<u64>(0, 256);
    if (model_.interrupts[intid].active) return;
    rig_.write(kIpriorityr + intid, value, 1);
    model_.interrupts[intid].priority = value & 0xf8;
  }
  void sgi() {
    u64 const id = *rc::gen::inRange<u64>(0, 16);
    model_.interrupts[id].latched = true;
    if (*rc::gen::arbitrary<bool>()) {
      RC_ASSERT(rig_.sgi(Rig::sgi_value(id, 1)) == 0u);
    } else {  // from elsewhere, then any trap
      RC_ASSERT(rig_.vcpu.vgic().post(1u << id));
      rig_.trap();
    }
  }
  void timer() {
    rig_.cpu.guest_timer(*rc::gen::inRange<u64>(0, 4), rig_.cpu.now + *rc::gen::inRange<u64>(0, 300) - 100);
    rig_.trap();  // a request that is taken back is seen at the next trap
  }
  void acknowledge() {
    u64 const intid = rig_.cpu.guest_acknowledge();
    if (intid != 1023) model_.acknowledge(intid);
  }
  void end() {
    if (!model_.order.empty()) rig_.cpu.guest_end(model_.end());
  }
  void deactivate() {
    std::vector<u64> active;
    for (auto const& [intid, i] : model_.interrupts) {
      if (i.active && std::find(model_.order.begin(), model_.order.end(), intid) == model_.order.end())
        active.push_back(intid);
    }
    if (!model_.split || active.empty()) return;
    u64 const intid = *rc::gen::elementOf(active);
    if (rig_.cpu.guest_deactivate(intid)) rig_.vcpu.on_deactivate(rig_.cpu, intid);
    model_.interrupts[intid].active = false;
  }
  void host_turn() {
    rig_.leave();
    RC_ASSERT(rig_.vcpu.taken() == model_.taken);
    for (u64 intid = 32; intid < 256; ++intid) {
      bool const active = model_.interrupts.contains(intid) && model_.interrupts[intid].active;
      RC_ASSERT((rig_.vcpu.active_spis(static_cast<unsigned>(intid / 64)) >> intid % 64 & 1) == active);
    }
    RC_ASSERT(rig_.cpu.used_lists() == 0u);
    RC_ASSERT(!rig_.cpu.held);
    std::array<OfferedSpi, 4> spis{};
    unsigned const count = *rc::gen::inRange(0u, 5u);
    for (OfferedSpi& spi : spis)
      spi = {*rc::gen::inRange<std::uint16_t>(30, 40), *rc::gen::arbitrary<std::uint8_t>()};
    rig_.vcpu.begin(spis, count);
    model_.offer(spis, count);
    rig_.cpu.now += *rc::gen::inRange<u64>(0, 300);
    rig_.enter();
  }

  Rig rig_;
  Model model_;
};

RC_GTEST_PROP(VgicModel, TheGuestSeesAPlainController, ()) {
  Run run(*rc::gen::element(1u, 2u, 3u, 4u, 16u), *rc::gen::arbitrary<bool>());
  int const steps = *rc::gen::inRange(1, 400);
  for (int i = 0; i < steps; ++i) {
    run.step();
    run.check();
  }
}

}  // namespace
}  // namespace redoubt::test
