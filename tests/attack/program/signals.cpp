// SPDX-License-Identifier: BSD-3-Clause
// The core's own physical SGI, by which its CPUs tell each other of SGIs between vCPUs: a host that forges
// it, withholds it or changes what it is, and a guest that sends the same number.
#include <sys/ioctl.h>

#include <atomic>
#include <chrono>
#include <cinttypes>
#include <functional>
#include <thread>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

constexpr u64 kSignal = 15, kSignalBit = u64{1} << kSignal;
constexpr unsigned kRounds = 12;
constexpr u64 kPatience = 40'000'000;                     // looks of the guest: seconds
constexpr u64 kSgi1r = 0xd518cba0;                        // MSR ICC_SGI1R_EL1, x0
constexpr u64 kAsgi1r = 0xd518cbc0, kSgi0r = 0xd518cbe0;  //
constexpr u64 kStoreWord = 0xb9000001, kGuestSgi = 3;     // STR w1, [x0]
constexpr u64 kBothCpus = 3;                              // target list
constexpr u64 kNothing = 1023;
// The guest's: SGI frame of vCPU 1.
constexpr u64 kSecondFrame = u64{REDOUBT_GUEST_GICR_BASE} + REDOUBT_GUEST_GICR_STRIDE + 0x10000;

// The SGI frame of a CPU's redistributor on this board, which the host may write as it likes.
class SgiFrame {
 public:
  enum : u64 {
    kGroup = 0x80,
    kEnable = 0x100,
    kDisable = 0x180,
    kPend = 0x200,
    kUnpend = 0x280,
    kActivate = 0x300,
    kDeactivate = 0x380,
    kPriority = 0x400
  };
  SgiFrame(const Host& host, unsigned cpu)
      : mapping_(host, 0x080b0000 + cpu * u64{0x20000}, REDOUBT_TEST_DEVICE) {}
  [[nodiscard]] std::uint32_t read(u64 offset) const {
    return *static_cast<volatile std::uint32_t*>(mapping_.at(offset));
  }
  void write(u64 offset, u64 value) const {
    *static_cast<volatile std::uint32_t*>(mapping_.at(offset)) = static_cast<std::uint32_t>(value);
  }
  void set_priority(unsigned char value) const {
    *static_cast<volatile unsigned char*>(mapping_.at(kPriority + kSignal)) = value;
  }
  [[nodiscard]] unsigned char priority() const {
    return *static_cast<volatile unsigned char*>(mapping_.at(kPriority + kSignal));
  }
  [[nodiscard]] bool pending() const { return (read(kPend) & kSignalBit) != 0; }

 private:
  checks::UserMapping mapping_;
};

// Both CPUs' frames, put back in the end as the kernel had them.
class Frames {
 public:
  explicit Frames(const Host& host) : cpu{SgiFrame(host, 0), SgiFrame(host, 1)} {
    for (unsigned i = 0; i < 2; ++i) {
      group_[i] = cpu[i].read(SgiFrame::kGroup);
      priority_[i] = cpu[i].priority();
    }
  }
  ~Frames() {
    for (unsigned i = 0; i < 2; ++i) {
      cpu[i].write(SgiFrame::kDisable, kSignalBit);
      cpu[i].write(SgiFrame::kUnpend, kSignalBit);
      cpu[i].write(SgiFrame::kDeactivate, kSignalBit);
      cpu[i].write(SgiFrame::kGroup, group_[i]);
      cpu[i].set_priority(priority_[i]);
    }
  }
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;

  std::array<SgiFrame, 2> cpu;

 private:
  std::array<std::uint32_t, 2> group_{};
  std::array<unsigned char, 2> priority_{};
};

void send(const Host& host, redoubt_test_sgi_register which, u64 targets) {
  redoubt_test_sgi request{};
  request.which = which;
  request.value = kSignal << 24 | targets;
  ::ioctl(host.device(), REDOUBT_TEST_SGI, &request);
}

// A VM whose vCPU 1 takes SGI 3 and SGI 15.
bool is_ready(Victim& victim) {
  if (!victim.ready() || !victim.vm.start_second()) return false;
  const u64 enable = kSecondFrame + SgiFrame::kEnable;
  const Answer enabled =
      victim.vm.command(Command::kExecute, {kStoreWord, enable, u64{1} << kGuestSgi | kSignalBit}, 1);
  victim.note();
  return enabled.done && enabled.syndrome == 0;
}

struct Exchange {
  unsigned arrived = 0, wrong = 0;
  long longest = 0;  // microseconds, from the guest's write to the end of the wait
};

// vCPU 0 sends it, or makes it pending in the redistributor of vCPU 1.
Answer send_to_second(Victim& victim, u64 sgi, bool by_redistributor) {
  if (by_redistributor)
    return victim.vm.command(Command::kExecute, {kStoreWord, kSecondFrame + SgiFrame::kPend, u64{1} << sgi});
  return victim.vm.command(Command::kExecute, {kSgi1r, sgi << 24 | u64{1} << 1});
}

using Meddling = std::function<void(unsigned round)>;

// vCPU 1 waits inside on CPU 1; vCPU 0 on CPU 0 sends it an SGI. The host does something just before, when
// CPU 1 is inside, and just after.
Exchange exchange(Victim& victim, u64 sgi, const Meddling& before, const Meddling& after) {
  using Clock = std::chrono::steady_clock;
  Exchange seen;
  for (unsigned round = 0; round < kRounds; ++round) {
    std::atomic<bool> asked{false};
    Answer waited;
    Clock::time_point arrival;
    std::thread other([&] {
      move_to_cpu(1);
      asked = true;
      waited = victim.vm.command(Command::kAwait, {kPatience}, 1);
      arrival = Clock::now();
    });
    while (!asked) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + round % 5));
    before(round);
    const Clock::time_point start = Clock::now();
    const Answer sent = send_to_second(victim, sgi, round % 4 == 3);
    after(round);
    other.join();
    const bool good = sent.done && sent.syndrome == 0 && waited.done && waited.syndrome == 0;
    seen.arrived += good && waited.x[0] == sgi ? 1 : 0;
    seen.wrong += good && (waited.x[0] == sgi || waited.x[0] == kNothing) ? 0 : 1;
    const long took = std::chrono::duration_cast<std::chrono::microseconds>(arrival - start).count();
    seen.longest = took > seen.longest ? took : seen.longest;
  }
  return seen;
}

void nothing(unsigned) {}

Verdict judge(Victim& victim, const Exchange& seen, const char* what) {
  const bool sound = victim.sound() && victim.vm.answers(1);
  return {seen.arrived == kRounds && seen.wrong == 0 && sound,
          text("%s: %u of %u SGIs arrived, %u wrong, the longest took %ld us; the VM is %s", what,
               seen.arrived, kRounds, seen.wrong, seen.longest, sound ? "sound" : "NOT sound")};
}

// Nobody meddles: all arrive, and nothing of the core's is left in either redistributor (INV-SIGNAL-1).
Verdict undisturbed(const Lab& lab) {
  Victim victim(lab);
  if (!is_ready(victim)) return {false, "no victim with two vCPUs"};
  const Frames frames(lab.host);
  const Exchange seen = exchange(victim, kGuestSgi, nothing, nothing);
  const bool left = frames.cpu[0].pending() || frames.cpu[1].pending();
  Verdict verdict = judge(victim, seen, left ? "a signal is left with the host" : "nobody meddles");
  verdict.good = verdict.good && !left;
  return verdict;
}

Verdict meddled(const Lab& lab, const char* what, const std::function<void(const Frames&, unsigned)>& before,
                const std::function<void(const Frames&, unsigned)>& after) {
  Victim victim(lab);
  if (!is_ready(victim)) return {false, "no victim with two vCPUs"};
  const Frames frames(lab.host);
  const Exchange seen = exchange(
      victim, kGuestSgi, [&](unsigned round) { before(frames, round); },
      [&](unsigned round) { after(frames, round); });
  return judge(victim, seen, what);
}

// --- the host ---

Verdict forged(const Lab& lab) {
  const auto forge = [&](const Frames&, unsigned round) {
    for (unsigned i = 0; i < 8; ++i) {
      for (const auto which : {REDOUBT_TEST_SGI1R, REDOUBT_TEST_ASGI1R, REDOUBT_TEST_SGI0R})
        send(lab.host, which, round % 2 == 0 ? 2 : kBothCpus);
    }
  };
  return meddled(lab, "SGI 15 by SGI1R, ASGI1R and SGI0R", forge, forge);
}

// Without end, while the guest computes: it comes to its end, and the host keeps its CPU.
Verdict flooded(const Lab& lab) {
  Victim victim(lab);
  if (!is_ready(victim)) return {false, "no victim with two vCPUs"};
  const Frames frames(lab.host);
  std::atomic<bool> over{false};
  Answer spun;
  std::thread other([&] {
    move_to_cpu(1);
    spun = victim.vm.command(Command::kSpin, {20'000'000}, 1);
    over = true;
  });
  u64 sent = 0;
  for (; !over; ++sent) send(lab.host, REDOUBT_TEST_SGI1R, 2);
  other.join();
  const bool sound = victim.sound() && victim.vm.answers(1);
  return {spun.done && spun.syndrome == 0 && sent > 100 && sound,
          text("%" PRIu64 " forged while the guest computed, which left %u times; the VM is %s", sent,
               spun.exits, sound ? "sound" : "NOT sound")};
}

Verdict masked(const Lab& lab) {
  return meddled(
      lab, "disabled while the vCPU is inside",
      [](const Frames& frames, unsigned) { frames.cpu[1].write(SgiFrame::kDisable, kSignalBit); },
      [](const Frames& frames, unsigned) { frames.cpu[1].write(SgiFrame::kDisable, kSignalBit); });
}

Verdict pended_and_cleared(const Lab& lab) {
  const auto both = [](const Frames& frames, unsigned) {
    for (unsigned i = 0; i < 200; ++i)
      frames.cpu[1].write(i % 2 == 0 ? SgiFrame::kPend : SgiFrame::kUnpend, kSignalBit);
  };
  return meddled(lab, "made pending and cleared", both, both);
}

// An interrupt that is active is not taken: as if the host had acknowledged it and never ended it.
Verdict never_ended(const Lab& lab) {
  return meddled(
      lab, "left active",
      [](const Frames& frames, unsigned round) {
        frames.cpu[1].write(SgiFrame::kActivate, kSignalBit);
        if (round % 2 == 0) frames.cpu[1].write(SgiFrame::kPend, kSignalBit);
      },
      [](const Frames&, unsigned) {});
}

Verdict other_priority(const Lab& lab) {
  return meddled(
      lab, "of the lowest and of the highest priority",
      [&](const Frames& frames, unsigned round) {
        frames.cpu[1].set_priority(round % 2 == 0 ? 0xff : 0);
        send(lab.host, REDOUBT_TEST_SGI1R, 2);
      },
      [](const Frames&, unsigned) {});
}

// In group 0 the core's writes of ICC_SGI1R_EL1 do not reach it: the signal cannot come at all.
Verdict other_group(const Lab& lab) {
  return meddled(
      lab, "in group 0",
      [](const Frames& frames, unsigned) {
        frames.cpu[1].write(SgiFrame::kGroup, frames.cpu[1].read(SgiFrame::kGroup) & ~kSignalBit);
      },
      [](const Frames&, unsigned) {});
}

// Pending in a group that the host has disabled, it also hides the host's own clock (of the same priority)
// from CPU 1: the guest stays inside without an exit. Once the host has its clock back, the guest has its
// SGI.
Verdict other_group_pending(const Lab& lab) {
  return meddled(
      lab, "pending in group 0 for a while",
      [&](const Frames& frames, unsigned) {
        frames.cpu[1].write(SgiFrame::kGroup, frames.cpu[1].read(SgiFrame::kGroup) & ~kSignalBit);
        send(lab.host, REDOUBT_TEST_SGI0R, 2);
      },
      [](const Frames& frames, unsigned) { frames.cpu[1].write(SgiFrame::kUnpend, kSignalBit); });
}

// As an FIQ: it comes to EL2, the guest leaves, nothing else happens.
Verdict as_fiq(const Lab& lab) {
  Victim victim(lab);
  if (!is_ready(victim)) return {false, "no victim with two vCPUs"};
  const Frames frames(lab.host);
  frames.cpu[0].write(SgiFrame::kGroup, frames.cpu[0].read(SgiFrame::kGroup) & ~kSignalBit);
  frames.cpu[0].write(SgiFrame::kEnable, kSignalBit);
  unsigned left = 0, there = 0;
  victim.vm.pause_at = kArguments + u64{8} * (kArgumentCount - 1);
  victim.vm.command(Command::kSpin, {1000});
  victim.vm.pause_at = 0;
  for (unsigned i = 0; i < kRounds; ++i) {
    redoubt_test_call request{};
    request.conduit = REDOUBT_TEST_HVC_FIQ;
    request.reserved = kSignal;
    request.x[0] = REDOUBT_HOST_VCPU_RUN;
    request.x[1] = victim.vm.id;
    ::ioctl(lab.host.device(), REDOUBT_TEST_CALL, &request);
    left += request.x[0] == 0 && victim.vm.mailbox(0)->exit == REDOUBT_EXIT_INTERRUPT ? 1 : 0;
    there += (request.reserved & 0x100) != 0 ? 1 : 0;
  }
  const bool done = victim.vm.finish(0).done;
  const bool sound = victim.sound() && victim.vm.answers(1);
  return {left == kRounds && there == kRounds && done && sound,
          text("%u of %u entries left for the FIQ, %u times the host had it then; the VM is %s", left,
               kRounds, there, sound ? "sound" : "NOT sound")};
}

// --- the guest ---

// A guest's SGI 15 is its own: its other vCPU gets it, and no CPU has it as a physical one.
Verdict of_guest(const Lab& lab) {
  Victim victim(lab);
  if (!is_ready(victim)) return {false, "no victim with two vCPUs"};
  const Frames frames(lab.host);
  const Exchange seen = exchange(victim, kSignal, nothing, nothing);
  bool left = frames.cpu[0].pending() || frames.cpu[1].pending();
  unsigned ignored = 0;
  for (const u64 instruction : {kAsgi1r, kSgi0r}) {
    const Answer other = victim.vm.command(Command::kExecute, {instruction, kSignal << 24 | kBothCpus});
    ignored += other.done && other.syndrome == 0 ? 1 : 0;
    left = left || frames.cpu[0].pending() || frames.cpu[1].pending();
  }
  Verdict verdict = judge(victim, seen,
                          text("2 other registers, %u ignored, %s", ignored,
                               left ? "a physical SGI 15 is PENDING" : "no physical SGI")
                              .c_str());
  verdict.good = verdict.good && ignored == 2 && !left;
  return verdict;
}

constexpr Attack kAttacks[] = {
    {"signal-forged-by-host", undisturbed, forged},
    {"signal-flooded-by-host", undisturbed, flooded},
    {"signal-disabled-by-host", undisturbed, masked},
    {"signal-pended-and-cleared-by-host", undisturbed, pended_and_cleared},
    {"signal-never-ended-by-host", undisturbed, never_ended},
    {"signal-of-another-priority", undisturbed, other_priority},
    {"signal-in-another-group", undisturbed, other_group},
    {"signal-pending-in-disabled-group", undisturbed, other_group_pending},
    {"signal-as-fiq", undisturbed, as_fiq},
    {"signal-number-sent-by-guest", undisturbed, of_guest},
};

}  // namespace

std::span<const Attack> signal_attacks() { return kAttacks; }

}  // namespace redoubt::attack
