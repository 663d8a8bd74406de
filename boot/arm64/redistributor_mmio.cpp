// SPDX-License-Identifier: BSD-3-Clause
// Carries out what redistributor.hpp decides for the host's accesses to a redistributor's first page.
#include "boot/arm64/per_cpu.hpp"
#include "boot/arm64/services.hpp"
#include "boot/redistributor.hpp"
#include "boot/syndrome.hpp"
#include "machine/el2/memory.hpp"

namespace redoubt {
namespace {

using namespace syndrome;

void write_frame(std::uint64_t address, unsigned bytes, std::uint64_t value, FrameDecision decision) {
  std::uint64_t const width = bytes == 8 ? ~std::uint64_t{0} : 0xffff'ffff;
  bool const filtered = decision.action == FrameAction::ignore || (value & width & ~decision.mask) != 0;
  if (filtered) log_event(REDOUBT_EVENT_MMIO_REFUSED, address);
  if (decision.action == FrameAction::ignore) return;
  if (bytes == 8) {
    el2::store<std::uint64_t>(address, value & decision.mask);
  } else {
    el2::store<std::uint32_t>(address, static_cast<std::uint32_t>(value & decision.mask));
  }
}

std::uint64_t read_frame(std::uint64_t address, unsigned bytes, FrameDecision decision) {
  if (decision.action == FrameAction::ignore) return 0;
  std::uint64_t const value =
      bytes == 8 ? el2::load<std::uint64_t>(address) : el2::load<std::uint32_t>(address);
  return value & decision.mask;
}

// What the load instruction puts into its register.
std::uint64_t loaded(std::uint64_t value, unsigned bytes, std::uint64_t esr) {
  if (bytes == 4 && SignExtend::get(esr) != 0)
    value = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(value)});
  return SixtyFourBit::get(esr) != 0 ? value : value & 0xffff'ffff;
}

}  // namespace

bool emulate_redistributor(TrapFrame& frame, std::uint64_t esr, std::uint64_t ipa) {
  std::uint64_t const position = ipa - board->redistributors.base;
  if (position >= boot_info.cpus.size() * board->redistributor_stride || AccessValid::get(esr) == 0)
    return false;
  unsigned const bytes = 1u << AccessSize::get(esr);
  bool const is_write = WriteNotRead::get(esr) != 0;
  FrameDecision const decision =
      redistributor_access(position % board->redistributor_stride, bytes, is_write);
  if (decision.action == FrameAction::refuse) return false;
  count(REDOUBT_COUNTER_MMIO);
  std::uint64_t const target = AccessRegister::get(esr);
  if (is_write) {
    write_frame(ipa, bytes, frame.get(target), decision);
  } else {
    frame.set(target, loaded(read_frame(ipa, bytes, decision), bytes, esr));
  }
  return true;
}

}  // namespace redoubt
