// SPDX-License-Identifier: BSD-3-Clause
// SGIs between vCPUs that run on two CPUs: the core's own signal, and when the host must be asked instead.
#include "tests/unit/vcpu/fake_cpu.hpp"

namespace redoubt::test {
namespace {

// vCPU 0 on CPU 0, vCPU 1 on CPU 1, everything enabled.
struct Pair {
  FakeCpu cpu[2];
  FakeCpu* cpus[2] = {&cpu[0], &cpu[1]};
  std::array<GuestInterrupts, VCPU_PER_VM> vcpus{};
  TimerState host[2]{};

  Pair() {
    for (unsigned n = 0; n < 2; ++n) {
      cpu[n].cpus = cpus;
      cpu[n].self = n;
      vcpus[n].reset();
      for (auto& priority : vcpus[n].vgic().interrupts().priority) priority = 0xa0;
      vcpus[n].vgic().interrupts().enabled = ~0u;
      enter(n);
      cpu[n].guest_interface(true, 0xf8);
    }
  }
  void enter(unsigned n) { vcpus[n].enter(cpu[n], host[n], 0); }
  bool leave(unsigned n) { return vcpus[n].leave(cpu[n], host[n]); }
  // SGI `id` from vCPU `from` to the other one: who must be woken by the host.
  std::uint32_t send(unsigned from, u64 id) {
    return GuestInterrupts::on_sgi(cpu[from], vcpus, from, 3, Rig::sgi_value(id, from == 0 ? 2 : 1));
  }
  IrqOutcome interrupt(unsigned n) { return vcpus[n].on_irq(cpu[n]); }
};

TEST(Signal, ReachesAVcpuThatRuns) {
  Pair pair;
  EXPECT_EQ(pair.send(0, 5), 0u);
  EXPECT_EQ(pair.cpu[1].physical(), gic::kSignal);
  EXPECT_EQ(pair.interrupt(1), IrqOutcome::resume);
  EXPECT_EQ(pair.cpu[1].guest_acknowledge(), 5u);
  EXPECT_EQ(pair.cpu[1].physical(), 1023u);
  EXPECT_EQ(pair.send(1, 6), 0u);
  EXPECT_EQ(pair.interrupt(0), IrqOutcome::resume);
  EXPECT_EQ(pair.cpu[0].guest_acknowledge(), 6u);
}

TEST(Signal, IsSentOnceUntilItIsHeard) {
  Pair pair;
  for (u64 id = 0; id < 16; ++id) EXPECT_EQ(pair.send(0, id), 0u);
  EXPECT_EQ(pair.cpu[0].signals_sent, 1u);
  EXPECT_EQ(pair.interrupt(1), IrqOutcome::resume);
  EXPECT_EQ(pair.vcpus[1].vgic().interrupts().latched, 0xffffu);
  EXPECT_EQ(pair.send(0, 1), 0u);
  EXPECT_EQ(pair.cpu[0].signals_sent, 2u);
}

TEST(Signal, ByTheRedistributorToo) {
  Pair pair;
  std::uint32_t wake = 0;
  u64 const other = 2 * gic::kFrame + gic::kFrame + gic::SgiFrame::ispendr0;
  (void)GuestInterrupts::on_redistributor(pair.cpu[0], pair.vcpus, 0, 2, {other, 4, true, 1u << 4}, wake);
  EXPECT_EQ(wake, 0u);
  EXPECT_EQ(pair.interrupt(1), IrqOutcome::resume);
  EXPECT_EQ(pair.cpu[1].guest_acknowledge(), 4u);
}

TEST(Signal, NoneForAVcpuThatDoesNotRun) {
  Pair pair;
  EXPECT_FALSE(pair.leave(1));
  EXPECT_EQ(pair.send(0, 5), 2u);
  EXPECT_EQ(pair.cpu[0].signals_sent, 0u);
  EXPECT_EQ(pair.cpu[1].catches, 0u);
  pair.enter(1);
  EXPECT_EQ(pair.cpu[1].guest_acknowledge(), 5u);
}

TEST(Signal, NoneWhereFirmwareKeepsIt) {
  Pair pair;
  (void)pair.leave(1);
  pair.cpu[1].cpus = nullptr;
  pair.enter(1);
  EXPECT_EQ(pair.send(0, 5), 2u);
  EXPECT_EQ(pair.cpu[0].signals_sent, 0u);
}

// INV-SIGNAL-1, and INV-SIGNAL-2: the host is told to come back at once.
TEST(Signal, IsCaughtByACpuThatLeaves) {
  for (bool const at_once : {true, false}) {
    Pair pair;
    pair.cpu[0].delivers_at_once = at_once;
    EXPECT_EQ(pair.send(0, 5), 0u);
    EXPECT_TRUE(pair.leave(1));
    EXPECT_FALSE(pair.cpu[1].signal_pending || pair.cpu[1].signal_on_its_way);
    EXPECT_EQ(pair.cpu[1].catches, 1u);
    EXPECT_EQ(pair.cpu[1].physical(), 1023u);
    pair.enter(1);
    EXPECT_EQ(pair.cpu[1].guest_acknowledge(), 5u);
    EXPECT_FALSE(pair.leave(1));
    EXPECT_EQ(pair.cpu[1].catches, 1u);  // nothing to wait for
  }
}

TEST(Signal, FollowsTheVcpuToAnotherCpu) {
  Pair pair;
  (void)pair.leave(0);
  (void)pair.leave(1);
  pair.vcpus[0].enter(pair.cpu[1], pair.host[1], 0);
  pair.vcpus[1].enter(pair.cpu[0], pair.host[0], 0);
  EXPECT_EQ(GuestInterrupts::on_sgi(pair.cpu[1], pair.vcpus, 0, 3, Rig::sgi_value(3, 2)), 0u);
  EXPECT_TRUE(pair.cpu[0].signal_pending);
  EXPECT_FALSE(pair.cpu[1].signal_pending);
}

// No vCPU keeps the host from its CPU by signals.
TEST(Signal, TheHostsInterruptComesNext) {
  Pair pair;
  pair.cpu[1].host_interrupt = 30;
  EXPECT_EQ(pair.send(0, 5), 0u);
  EXPECT_EQ(pair.cpu[1].physical(), gic::kSignal);
  EXPECT_EQ(pair.interrupt(1), IrqOutcome::exit);
  EXPECT_EQ(pair.send(0, 6), 0u);  // another one, before it has left
  EXPECT_TRUE(pair.leave(1));
  EXPECT_FALSE(pair.cpu[1].signal_pending);
  EXPECT_EQ(pair.cpu[1].physical(), 30u);
}

// The host can make the same SGI pending: nothing comes of it.
TEST(Signal, AForgedOneIsHarmless) {
  Pair pair;
  pair.cpu[1].signal_pending = true;
  EXPECT_EQ(pair.interrupt(1), IrqOutcome::resume);
  EXPECT_EQ(pair.cpu[1].guest_peek(), 1023u);
  EXPECT_EQ(pair.cpu[1].physical(), 1023u);
  EXPECT_FALSE(pair.leave(1));
  EXPECT_EQ(pair.cpu[1].catches, 0u);
}

}  // namespace
}  // namespace redoubt::test
