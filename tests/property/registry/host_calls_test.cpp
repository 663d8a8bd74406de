// SPDX-License-Identifier: BSD-3-Clause
// Hostile arguments: every call of the host about VMs, each argument in turn at every boundary. The call is
// refused, and nothing changes but the registers that say so.
#include "tests/property/registry/handlers.hpp"

namespace redoubt::test {
namespace {

constexpr u64 kIpaEnd = u64{1} << TinyParams::ipa_bits, kPaEnd = u64{1} << 40;

enum class Argument : std::uint8_t {
  none,
  vmid,
  vcpu,
  image,
  frame,
  block,
  guest,
  guest_block,
  pages,
  flags,
  bytes
};

struct Call {
  u64 number;
  std::string_view name;
  std::array<Argument, 5> arguments;  // x1 to x5
};
using A = Argument;
constexpr auto kCalls = std::to_array<Call>({
    {REDOUBT_HOST_VM_CREATE, "VM_CREATE", {A::frame, A::bytes}},
    {REDOUBT_HOST_VCPU_CREATE, "VCPU_CREATE", {A::vmid, A::vcpu}},
    {REDOUBT_HOST_VM_DONATE_IMAGE, "VM_DONATE_IMAGE", {A::vmid, A::image, A::frame, A::pages}},
    {REDOUBT_HOST_VM_VERIFY, "VM_VERIFY", {A::vmid}},
    {REDOUBT_HOST_VM_DONATE, "VM_DONATE", {A::vmid, A::guest, A::frame, A::pages, A::flags}},
    {REDOUBT_HOST_VM_MAP_BLOCK, "VM_MAP_BLOCK", {A::vmid, A::guest_block, A::block}},
    {REDOUBT_HOST_VCPU_RUN, "VCPU_RUN", {A::vmid, A::vcpu}},
    {REDOUBT_HOST_VM_STOP, "VM_STOP", {A::vmid}},
    {REDOUBT_HOST_VM_RECLAIM, "VM_RECLAIM", {A::vmid, A::frame, A::pages}},
    {REDOUBT_HOST_VM_DESTROY, "VM_DESTROY", {A::vmid}},
    {REDOUBT_HOST_VM_INFO, "VM_INFO", {A::vmid}},
});

// A value in range, whatever the call then makes of it.
u64 good(Argument a, u64 vmid) {
  switch (a) {
    case A::vmid:
      return vmid;
    case A::frame:
      return kFree << PAGE_SHIFT;
    case A::block:
      return kVmBlock << PAGE_SHIFT;
    case A::guest:
      return kGuestRam + 0x10'0000;
    case A::guest_block:
      return kVmBlockGfn << PAGE_SHIFT;
    case A::pages:
      return 2;
    case A::bytes:
      return 672;
    default:
      return a == A::flags ? REDOUBT_DONATE_MAP : 0;
  }
}

// Values that are out of range wherever they stand.
std::vector<u64> hostile(Argument a) {
  const u64 high = u64{1} << 32;
  switch (a) {
    case A::vmid:
      return {0, 16, 17, 18, 0xffff'ffff, high | 1, INVALID64, u64{1} << 63 | 1};
    case A::vcpu:
      return {8, 9, 0xffff'ffff, high, INVALID64, u64{1} << 63};
    case A::image:
      return {5, 6, 0xffff'ffff, high, INVALID64};
    case A::frame:
      return {1,
              8,
              (kFree << PAGE_SHIFT) + 1,
              (kFree << PAGE_SHIFT) | 0x800,
              kPaEnd,
              kPaEnd + PAGE_SIZE,
              INVALID64 - 0xfff,
              INVALID64,
              u64{1} << 63};
    case A::block:
      return {PAGE_SIZE, (kVmBlock << PAGE_SHIFT) + PAGE_SIZE, kPaEnd, kPaEnd - PAGE_SIZE,
              INVALID64 & ~(PMD_SIZE - 1)};
    case A::guest:
      return {1, kGuestRam + 8, kIpaEnd, kIpaEnd - PAGE_SIZE + 1, INVALID64 - 0xfff, INVALID64};
    case A::guest_block:
      return {PAGE_SIZE, kIpaEnd, kIpaEnd - PAGE_SIZE, INVALID64 & ~(PMD_SIZE - 1)};
    case A::pages:
      return {0, 33, 34, 512, 0xffff'ffff, high | 1, INVALID64, u64{1} << 52};
    case A::flags:
      return {2, 3, high | 1, INVALID64};
    case A::bytes:
      return {0, 4097, high | 672, INVALID64};
    case A::none:
      break;
  }
  return {};
}

HandlerState with_call(const HandlerState& from, const Call& call, const std::array<u64, 5>& x) {
  HandlerState s = from;
  s.cpu.hw.write(0, 0, call.number);
  for (u64 n = 0; n < x.size(); ++n) {
    s.cpu.hw.write(0, n + 1, x[n]);
  }
  return s;
}

TrapOutcome make_call(Concrete& domain, const HandlerState& s, const Call& call) {
  return *take(call.number == REDOUBT_HOST_VCPU_RUN ? Trap::run : Trap::call, domain, s);
}
// What may change in a refusal: the host's registers and their saved copies; locks are taken and given back.
constexpr Fields kOfRefusal = field::shadow | field::hw | registry::kSection;

std::string refused(const HandlerState& s, const TrapOutcome& outcome,
                    std::initializer_list<std::int64_t> why) {
  const auto status = static_cast<std::int64_t>(reg_of(outcome.after, 0));
  if (std::find(why.begin(), why.end(), status) == why.end()) {
    return "answers " + std::to_string(status);
  }
  const Fields extra = difference(s, outcome.after) & ~kOfRefusal;
  return extra == field::none ? "" : "changes " + names_of(extra);
}

class HostCalls : public testing::Test {
 protected:
  // States with VMs in many states of their life, the host loaded.
  template <class F>
  void for_states(F f) {
    std::mt19937 engine(11);
    for (unsigned n = 0; n < 12; ++n) {
      Choice choice({static_cast<std::uint32_t>(engine()), static_cast<std::uint32_t>(engine())});
      Choice own = choice.branch();
      Concrete domain;
      f(domain, random_vcpu_state<TinyParams>(own, domain, true), 1 + n % 3);
    }
  }
};

TEST_F(HostCalls, EveryArgumentIsChecked) {
  unsigned cases = 0;
  for_states([&](Concrete& domain, const HandlerState& from, u64 vmid) {
    for (const Call& call : kCalls) {
      std::array<u64, 5> x{};
      for (std::size_t n = 0; n < x.size(); ++n) {
        x[n] = good(call.arguments[n], vmid);
      }
      for (std::size_t n = 0; n < x.size(); ++n) {
        for (const u64 value : hostile(call.arguments[n])) {
          auto bad = x;
          bad[n] = value;
          const HandlerState s = with_call(from, call, bad);
          const std::string wrong = refused(s, make_call(domain, s, call), {REDOUBT_INVALID_PARAMETER});
          ASSERT_EQ(wrong, "") << call.name << " x" << n + 1 << " = " << std::hex << value;
          ++cases;
        }
      }
    }
  });
  EXPECT_GT(cases, 1000u);
}

// A range whose end lies beyond the last frame, or beyond guest addresses: its start is good.
TEST_F(HostCalls, RangesDoNotWrap) {
  for_states([&](Concrete& domain, const HandlerState& from, u64 vmid) {
    const u64 last = kPaEnd - PAGE_SIZE;
    const std::pair<Call, std::array<u64, 5>> cases[] = {
        {kCalls[2], {vmid, 0, last, 2}},
        {kCalls[4], {vmid, kGuestRam, last, 2, 1}},
        {kCalls[4], {vmid, kIpaEnd - PAGE_SIZE, kFree << PAGE_SHIFT, 2, 1}},
        {kCalls[8], {vmid, last, 2}},
    };
    for (const auto& [call, x] : cases) {
      const HandlerState s = with_call(from, call, x);
      ASSERT_EQ(refused(s, make_call(domain, s, call), {REDOUBT_INVALID_PARAMETER}), "") << call.name;
    }
  });
}

// Frames of the core, of another VM, of devices, of nobody: no call takes them, whatever the VM's state.
TEST_F(HostCalls, OnlyPagesOfTheHostAreTaken) {
  for_states([&](Concrete& domain, const HandlerState& from, u64 vmid) {
    std::vector<u64> frames{kDevicePages >> PAGE_SHIFT, kDeviceBlock >> PAGE_SHIFT, kReserved >> PAGE_SHIFT,
                            0};
    for (u64 index = 0; index < kPageCount; ++index) {
      const u64 owner = from.s2_owner.read(index, 0);
      if (owner != HOSTVISOR && owner != vmid) {
        frames.push_back(index < kRam1Index ? (kRam0 >> PAGE_SHIFT) + index
                                            : (kRam1 >> PAGE_SHIFT) + index - kRam1Index);
      }
    }
    for (std::size_t n = 0; n < frames.size() && n < 60; ++n) {
      const u64 pa = frames[n] << PAGE_SHIFT;
      const std::pair<Call, std::array<u64, 5>> cases[] = {
          {kCalls[0], {pa, 672}},
          {kCalls[2], {vmid, 0, pa, 1}},
          {kCalls[4], {vmid, kGuestRam + 0x10'0000, pa, 1, 1}},
          {kCalls[4], {vmid, kGuestRam + 0x10'0000, pa, 1, 0}},
          {kCalls[8], {vmid, pa, 1}}};
      for (const auto& [call, x] : cases) {
        const HandlerState s = with_call(from, call, x);
        // INVALID_PARAMETER: no such image, or the address is outside the VM's memory.
        const std::string wrong = refused(s, make_call(domain, s, call),
                                          {REDOUBT_DENIED, REDOUBT_INVALID_PARAMETER, REDOUBT_EXISTS});
        ASSERT_EQ(wrong, "") << call.name << " of " << std::hex << pa;
      }
    }
  });
}

TEST_F(HostCalls, UnknownCallsAreNotSupported) {
  for_states([&](Concrete& domain, const HandlerState& from, u64 vmid) {
    for (const u64 number : {u64{0}, u64{REDOUBT_HOST_CALL(0x1d)}, u64{REDOUBT_HOST_CALL(0xff)},
                             u64{0xc600'0003}, u64{13}, INVALID64}) {
      const Call call{number, "unknown", {}};
      const HandlerState s = with_call(from, call, {vmid, 1, 2, 3, 4});
      ASSERT_EQ(refused(s, make_call(domain, s, call), {REDOUBT_NOT_SUPPORTED}), "") << number;
    }
  });
}

// The upper half of w0 and the hint about SVE mean nothing.
TEST_F(HostCalls, FunctionIdentifierHas32Bits) {
  for_states([&](Concrete& domain, const HandlerState& from, u64 vmid) {
    const Call plain = kCalls[10], dressed{0xdead'beef'0000'0000 | plain.number | 1 << 16, "VM_INFO", {}};
    const HandlerState a = with_call(from, plain, {vmid}), b = with_call(from, dressed, {vmid});
    const TrapOutcome first = make_call(domain, a, plain), second = make_call(domain, b, dressed);
    for (u64 n = 0; n < 4; ++n) {
      EXPECT_EQ(reg_of(first.after, n), reg_of(second.after, n));
    }
    EXPECT_EQ(reg_of(first.after, 1), from.records.vm_state.read(vmid, 0));
  });
}

}  // namespace
}  // namespace redoubt::test
