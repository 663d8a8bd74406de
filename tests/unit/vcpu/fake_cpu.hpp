// SPDX-License-Identifier: BSD-3-Clause
// A CPU with a GICv3 virtual interface and a generic timer, as far as core/vcpu uses them: registers for EL2,
// instructions for a guest (Arm IHI 0069, chapters 5 and 12).
#pragma once
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "core/vcpu/guest_interrupts.hpp"

namespace redoubt::test {

namespace reg = el2::reg;

class FakeCpu {
 public:
  explicit FakeCpu(unsigned lists = 4, bool can_trap_deactivate = true)
      : lists_(lists), tds_(can_trap_deactivate) {
    registers_[key(reg::cntv_ctl_el0)] = 1;  // the host's timer
    registers_[key(reg::cntv_cval_el0)] = 1'000'000;
  }

  // --- EL2 ---
  template <el2::SysReg R>
  u64 read() {
    if constexpr (R == reg::ich_vtr_el2) {
      return 4ull << 29 | 4ull << 26 | u64{tds_} << 19 | (lists_ - 1);
    } else if constexpr (R == reg::ich_misr_el2) {
      return misr();
    } else if constexpr (R == reg::cntv_ctl_el0) {
      return cntv_control();
    } else if constexpr (R == reg::cntpct_el0) {
      return now;
    } else if constexpr (R == reg::icc_hppir1_el1) {
      return physical();
    } else {
      return registers_[key(R)];
    }
  }
  template <el2::SysReg R>
  void write(u64 value) {
    if constexpr (R.crn == 12 && (R.crm == 12 || R.crm == 13)) {
      EXPECT_LT((R.crm - 12) * 8 + R.op2, lists_) << "a list register that does not exist";
      if (gic::List::Hardware::get(value) != 0) {
        EXPECT_EQ(gic::List::PhysicalId::get(value), 27u) << "INV-VGIC-2";
        EXPECT_EQ(gic::List::VirtualId::get(value), 27u) << "INV-VGIC-2";
        EXPECT_NE(value >> 62, 3u) << "pending and active with HW is not allowed";
      }
      if (value != 0) {
        EXPECT_EQ(gic::List::Group1::get(value), 1u);
      }
    }
    registers_[key(R)] = value;
  }
  void hold_timer(bool on) {
    EXPECT_NE(held, on) << "stored for nothing";
    held = on;
  }
  void enable_interrupts() { ++enables; }
  // The core's signal: from this CPU to `cpus[n]`, at once or when it is delivered there.
  bool has_signals() { return cpus != nullptr; }
  u64 number() { return self; }
  void signal(u64 cpu) {
    ++signals_sent;
    cpus[cpu]->signal_on_its_way = true;
    if (delivers_at_once) cpus[cpu]->deliver();
  }
  void deliver() { signal_pending |= std::exchange(signal_on_its_way, false); }
  void clear_signal() { signal_pending = false; }
  void catch_signal() {
    ++catches;
    deliver();
    EXPECT_TRUE(signal_pending) << "waits for what nobody has sent";
    clear_signal();
  }

  // --- physical interrupts ---
  // What would be signalled, as ICC_HPPIR1_EL1 names it: 1023 for none.
  [[nodiscard]] u64 physical() {
    if (signal_pending && (host_interrupt == 0 || host_interrupt > gic::kSignal)) return gic::kSignal;
    if (host_interrupt != 0 && host_interrupt < 25) return host_interrupt;
    if (misr() != 0) return 25;
    u64 const cnthp = registers_[key(reg::cnthp_ctl_el2)];
    if (cnthp == 1 && now >= registers_[key(reg::cnthp_cval_el2)]) return 26;
    if (timer::is_high(cntv_control()) && !held) return 27;
    return host_interrupt != 0 ? host_interrupt : 1023;
  }
  [[nodiscard]] u64 misr() {
    u64 const hcr = read<reg::ich_hcr_el2>();
    bool only_pending = false, told = false;
    for (unsigned n = 0; n < lists_; ++n) {
      only_pending = only_pending || list(n) >> 62 == 1;
      told = told || ((list(n) >> 61) == 0 && gic::List::TellEnd::get(list(n)) != 0);
    }
    u64 const ended = gic::Control::EntryNotPresent::get(hcr) != 0 && gic::Control::EoiCount::get(hcr) != 0;
    u64 const none = gic::Control::NoPending::get(hcr) != 0 && !only_pending;
    return (hcr & 1) == 0 ? 0 : u64{told} | ended << 2 | none << 3;
  }

  // --- the guest ---
  void guest_interface(bool group1, u64 limit, bool split_end = false) {
    write<reg::ich_vmcr_el2>(u64{group1} << 1 | u64{split_end} << 9 | limit << 24);
  }
  // ICC_HPPIR1_EL1 and ICC_IAR1_EL1.
  [[nodiscard]] u64 guest_peek() {
    int const best = best_list();
    return best < 0 ? 1023 : gic::List::VirtualId::get(list(static_cast<unsigned>(best)));
  }
  u64 guest_acknowledge() {
    int const best = best_list();
    if (best < 0) return 1023;
    u64& value = list(static_cast<unsigned>(best));
    value = gic::List::Active::set(gic::List::Pending::set(value, 0), 1);
    registers_[key(reg::ich_ap1r_el2(0))] |= u64{1} << gic::List::Priority::get(value) / 8;
    return gic::List::VirtualId::get(value);
  }
  // ICC_EOIR1_EL1: drops the running priority; deactivates if the two are not split.
  void guest_end(u64 intid) {
    u64& active = registers_[key(reg::ich_ap1r_el2(0))];
    u64 const dropped = running_priority();
    active &= active - 1;
    if (dropped == 0x100 || split_end()) return;
    u64* const found = active_list(intid);
    if (found == nullptr) return count_end();
    if (gic::List::Priority::get(*found) == dropped) deactivate(*found);
  }
  // ICC_DIR_EL1. True: trapped to EL2.
  bool guest_deactivate(u64 intid) {
    if (gic::Control::TrapDeactivate::get(read<reg::ich_hcr_el2>()) != 0) return true;
    if (!split_end()) return false;
    u64* const found = active_list(intid);
    if (found == nullptr) {
      count_end();
    } else {
      deactivate(*found);
    }
    return false;
  }
  void guest_timer(u64 ctl, u64 cval) {
    write<reg::cntv_cval_el0>(cval);
    write<reg::cntv_ctl_el0>(ctl);
  }

  [[nodiscard]] u64& list(unsigned n) { return registers_[key(el2::SysReg{3, 4, 12, 12 + n / 8, n % 8})]; }
  [[nodiscard]] unsigned lists() const { return lists_; }
  [[nodiscard]] unsigned used_lists() {
    unsigned used = 0;
    for (unsigned n = 0; n < lists_; ++n) used += list(n) != 0;
    return used;
  }
  [[nodiscard]] u64 get(el2::SysReg which) { return registers_[key(which)]; }

  u64 now = 1000;
  u64 host_interrupt = 0;  // one that is pending for the host
  bool held = false;       // the physical PPI 27 is active
  unsigned enables = 0;
  FakeCpu** cpus = nullptr;  // all, by number; null: this one gets no signals
  u64 self = 0;
  bool signal_pending = false, signal_on_its_way = false, delivers_at_once = true;
  unsigned signals_sent = 0, catches = 0;

 private:
  using Key = std::tuple<unsigned, unsigned, unsigned, unsigned, unsigned>;
  static Key key(el2::SysReg r) { return {r.op0, r.op1, r.crn, r.crm, r.op2}; }

  u64 cntv_control() {
    u64 const ctl = registers_[key(reg::cntv_ctl_el0)] & 3;
    bool const met = now - registers_[key(reg::cntvoff_el2)] >= registers_[key(reg::cntv_cval_el0)];
    return (ctl & 1) != 0 && met ? ctl | 4 : ctl;
  }
  bool split_end() { return (read<reg::ich_vmcr_el2>() >> 9 & 1) != 0; }
  u64 running_priority() {
    u64 const active = registers_[key(reg::ich_ap1r_el2(0))];
    return active == 0 ? 0x100 : static_cast<u64>(std::countr_zero(active)) * 8;
  }
  int best_list() {
    u64 const vmcr = read<reg::ich_vmcr_el2>();
    if ((vmcr >> 1 & 1) == 0 || (read<reg::ich_hcr_el2>() & 1) == 0) return -1;
    u64 best_priority = std::min(vmcr >> 24 & 0xff, running_priority());
    int best = -1;
    for (unsigned n = 0; n < lists_; ++n) {
      if (list(n) >> 62 != 1 || gic::List::Priority::get(list(n)) >= best_priority) continue;
      best_priority = gic::List::Priority::get(list(n));
      best = static_cast<int>(n);
    }
    return best;
  }
  u64* active_list(u64 intid) {
    for (unsigned n = 0; n < lists_; ++n) {
      if (gic::List::Active::get(list(n)) != 0 && gic::List::VirtualId::get(list(n)) == intid)
        return &list(n);
    }
    return nullptr;
  }
  void deactivate(u64& value) {
    value = gic::List::Active::set(value, 0);
    if (gic::List::Hardware::get(value) != 0) held = false;
  }
  void count_end() {
    u64& hcr = registers_[key(reg::ich_hcr_el2)];
    hcr = gic::Control::EoiCount::set(hcr, gic::Control::EoiCount::get(hcr) + 1);
  }

  std::map<Key, u64> registers_;
  unsigned lists_;
  bool tds_;
};
static_assert(VcpuHardware<FakeCpu>);

// One vCPU on such a CPU, in the guest with everything enabled at priority 0xa0 unless said otherwise.
struct Rig {
  FakeCpu cpu;
  std::array<GuestInterrupts, VCPU_PER_VM> vcpus{};
  GuestInterrupts& vcpu = vcpus[0];
  TimerState host{};
  u64 offset = 0;
  u64 count = 2;

  explicit Rig(unsigned lists = 4, bool can_trap_deactivate = true) : cpu(lists, can_trap_deactivate) {
    vcpu.reset();
    for (auto& priority : vcpu.vgic().interrupts().priority) priority = 0xa0;
    vcpu.vgic().interrupts().enabled = ~0u;
    enter();
    cpu.guest_interface(true, 0xf8);
  }
  void enter() { vcpu.enter(cpu, host, offset); }
  bool leave() { return vcpu.leave(cpu, host); }
  // What a trap does: state is taken back and presented again.
  void trap() { (void)read(0x1'0100); }
  u64 access(u64 frame_offset, unsigned bytes, bool is_write, u64 value, std::uint32_t* wake = nullptr) {
    std::uint32_t woken = 0;
    u64 const result = GuestInterrupts::on_redistributor(cpu, vcpus, 0, count,
                                                         {frame_offset, bytes, is_write, value}, woken);
    if (wake != nullptr) *wake = woken;
    return result;
  }
  u64 read(u64 frame_offset, unsigned bytes = 4) { return access(frame_offset, bytes, false, 0); }
  void write(u64 frame_offset, u64 value, unsigned bytes = 4) {
    (void)access(frame_offset, bytes, true, value);
  }
  std::uint32_t sgi(u64 value, std::uint32_t on = 3) {
    return GuestInterrupts::on_sgi(cpu, vcpus, 0, on, value);
  }
  static constexpr u64 sgi_value(u64 id, u64 targets) { return id << 24 | targets; }
};

}  // namespace redoubt::test
