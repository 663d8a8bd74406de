// SPDX-License-Identifier: BSD-3-Clause
// R11: what the host may do in the first page of a GICv3 redistributor, where LPIs and their tables in memory
// are configured.
#pragma once
#include <cstdint>

namespace redoubt {

// What the core does with one access.
enum class FrameAction : std::uint8_t {
  refuse,  // an abort: no such access exists
  ignore,  // read as zero, write ignored
  pass,    // done on the device, masked
};

struct FrameDecision {
  FrameAction action = FrameAction::refuse;
  std::uint64_t mask = 0;  // bits of the value that pass
};

// `offset` from RD_base, 0..0xfff; `bytes` 1, 2, 4 or 8 (GIC architecture, IHI 0069, 12.11).
[[nodiscard]] constexpr FrameDecision redistributor_access(std::uint64_t offset, unsigned bytes,
                                                           bool is_write) {
  constexpr std::uint64_t disable_processor_group = 7u << 24;  // DPG0, DPG1NS, DPG1S
  constexpr std::uint64_t all = ~std::uint64_t{0};
  // GICR_TYPER: affinity, PPInum, Processor_Number, DPGS and Last; nothing about LPIs, partitioning or
  // virtual SGIs.
  constexpr std::uint64_t typer = 0xffff'ffffull << 32 | 0xf8ff'ff30u;
  constexpr FrameDecision ignored{FrameAction::ignore, 0};

  if ((bytes != 4 && bytes != 8) || offset % bytes != 0 || offset >= 0x1000) return {};
  if (bytes == 8) {
    bool const is_typer = offset == 0x08;
    bool const is_lpi_register = offset == 0x40 || offset == 0x48 || offset == 0x70 || offset == 0x78 ||
                                 offset == 0xa0 || offset == 0xb0;
    if (is_typer) return is_write ? ignored : FrameDecision{FrameAction::pass, typer};
    return is_lpi_register ? ignored : FrameDecision{};
  }
  switch (offset) {
    case 0x00:  // CTLR: EnableLPIs is never written and reads as zero
      return {FrameAction::pass, is_write ? disable_processor_group : all & ~std::uint64_t{1}};
    case 0x04:
      return is_write ? ignored : FrameDecision{FrameAction::pass, all};  // IIDR
    case 0x08:
      return is_write ? ignored : FrameDecision{FrameAction::pass, typer & 0xffff'ffff};  // TYPER
    case 0x0c:
      return is_write ? ignored : FrameDecision{FrameAction::pass, all};
    case 0x10:  // STATUSR
    case 0x14:
      return {FrameAction::pass, all};  // WAKER
    default:
      return ignored;  // LPIs, partitioning, reserved
  }
}

// MPIDR affinity in GICR_TYPER.Affinity_Value, in MPIDR_EL1's layout.
[[nodiscard]] constexpr std::uint64_t redistributor_affinity(std::uint64_t typer) {
  return (typer >> 56) << 32 | (typer >> 32 & 0xff'ffff);
}

}  // namespace redoubt
