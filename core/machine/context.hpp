// SPDX-License-Identifier: BSD-3-Clause
// Every register of a vCPU's context, declared once: its number, and which movers carry it (digest 2.9, 3.4).
#pragma once
#include <array>
#include <string_view>
#include <utility>

#include "core/machine/types.hpp"

namespace redoubt {

using u64 = std::uint64_t;

// Saved contexts: one for each vCPU of each principal.
inline constexpr u64 CTXT_POOL_SIZE = 136;
template <class W>
constexpr ContextId<W> ctxt_id(VmId<W> vmid, VcpuId<W> vcpuid) {
  return ContextId<W>((vmid.raw << 3) + vcpuid.raw);
}

// Numbers below 73 are the indices of get_shadow_ctxt; registers that it does not reach have numbers behind.
namespace ctxt {
inline constexpr u64 X0 = 0, PC = 32, PSTATE = 33, FAR_EL2 = 41, HPFAR_EL2 = 42, HCR_EL2 = 43, EC = 44,
                     DIRTY = 45, MPIDR_EL1 = 47, ESR_EL1 = 55, TPIDR_EL1 = 64, ELR_EL2 = 70, ESR_EL2 = 72;
inline constexpr u64 INDEX_END = 73;
inline constexpr u64 SPSR_EL2 = 73, VMPIDR_EL2 = 74, VTTBR_EL2 = 75, TPIDR_EL2 = 76, CNTVOFF_EL2 = 79,
                     PMSELR_EL0 = 80, PMUSERENR_EL0 = 81, MDCR_EL2 = 82, CPTR_EL2 = 83, CNTHCTL_EL2 = 84,
                     FPSR = 85, FPCR = 86, Q0 = 96;
inline constexpr u64 WORDS = 160;
}  // namespace ctxt

// Movers, as bits.
namespace moved {
inline constexpr unsigned general = 1;  // host_to_core, vm_to_core; core_to_host, core_to_vm
inline constexpr unsigned fault = 2;    // exit_populate_fault
inline constexpr unsigned saved = 4;    // save_sysregs
inline constexpr unsigned loaded = 8;   // restore_sysregs
inline constexpr unsigned system = saved | loaded;
inline constexpr unsigned fp = 16;      // fpsimd_save_state, fpsimd_restore_state; reset_fp_regs
inline constexpr unsigned offset = 32;  // timer_set_cntvoff
}  // namespace moved

struct ContextRegister {
  u64 number;
  u64 count;  // consecutive numbers
  std::string_view name;
  unsigned movers;
  u64 live;  // the register of the CPU that goes with it, where that is another one
};
inline constexpr u64 kSame = ~u64{0};

// What is not in this table is not part of a vCPU, and no mover carries it.
// clang-format off: one table, a register a row
inline constexpr auto kContext = std::to_array<ContextRegister>({
    {ctxt::X0,              31, "x",              moved::general, kSame},  // x0 to x30
    {ctxt::PC,               1, "pc",             moved::system,  ctxt::ELR_EL2},
    {ctxt::PSTATE,           1, "pstate",         moved::system,  ctxt::SPSR_EL2},
    {35,                     1, "elr_el1",        moved::system,  kSame},
    {36,                     1, "spsr_el1",       moved::system,  kSame},
    {ctxt::FAR_EL2,          1, "far_el2",        moved::fault | moved::loaded, kSame},
    {ctxt::HPFAR_EL2,        1, "hpfar_el2",      moved::fault | moved::loaded, kSame},
    {ctxt::HCR_EL2,          1, "hcr_el2",        0, kSame},
    {ctxt::EC,               1, "ec",             moved::fault | moved::loaded, kSame},  // class of the exit
    {ctxt::DIRTY,            1, "dirty",          0, kSame},
    {46,                     1, "flags",          0, kSame},
    {ctxt::MPIDR_EL1,        1, "mpidr_el1",      moved::system,  ctxt::VMPIDR_EL2},
    {48,                     1, "csselr_el1",     moved::system,  kSame},
    {49,                     1, "sctlr_el1",      moved::system,  kSame},
    {50,                     1, "actlr_el1",      moved::system,  kSame},
    {51,                     1, "cpacr_el1",      moved::system,  kSame},
    {52,                     1, "ttbr0_el1",      moved::system,  kSame},
    {53,                     1, "ttbr1_el1",      moved::system,  kSame},
    {54,                     1, "tcr_el1",        moved::system,  kSame},
    {ctxt::ESR_EL1,          1, "esr_el1",        moved::system,  kSame},
    {56,                     1, "afsr0_el1",      moved::system,  kSame},
    {57,                     1, "afsr1_el1",      moved::system,  kSame},
    {58,                     1, "far_el1",        moved::system,  kSame},
    {59,                     1, "mair_el1",       moved::system,  kSame},
    {60,                     1, "vbar_el1",       moved::system,  kSame},
    {61,                     1, "contextidr_el1", moved::system,  kSame},
    {62,                     1, "tpidr_el0",      moved::system,  kSame},
    {63,                     1, "tpidrro_el0",    moved::system,  kSame},
    {ctxt::TPIDR_EL1,        1, "tpidr_el1",      moved::system,  kSame},
    {65,                     1, "amair_el1",      moved::system,  kSame},
    {66,                     1, "cntkctl_el1",    moved::system,  kSame},
    {67,                     1, "par_el1",        moved::system,  kSame},
    {68,                     1, "mdscr_el1",      moved::system,  kSame},
    {ctxt::ELR_EL2,          1, "elr_el2",        0, kSame},
    {71,                     1, "spsr_0",         0, kSame},
    {ctxt::ESR_EL2,          1, "esr_el2",        moved::fault | moved::loaded, kSame},
    // No index.
    {ctxt::SPSR_EL2,         1, "spsr_el2",       0, kSame},
    {ctxt::VMPIDR_EL2,       1, "vmpidr_el2",     0, kSame},
    {ctxt::VTTBR_EL2,        1, "vttbr_el2",      0, kSame},
    {ctxt::TPIDR_EL2,        1, "tpidr_el2",      0, kSame},
    {77,                     1, "sp_el0",         moved::system,  kSame},
    {78,                     1, "sp_el1",         moved::system,  kSame},
    {ctxt::CNTVOFF_EL2,      1, "cntvoff_el2",    moved::offset,  kSame},
    {ctxt::PMSELR_EL0,       1, "pmselr_el0",     0, kSame},
    {ctxt::PMUSERENR_EL0,    1, "pmuserenr_el0",  0, kSame},
    {ctxt::MDCR_EL2,         1, "mdcr_el2",       0, kSame},
    {ctxt::CPTR_EL2,         1, "cptr_el2",       0, kSame},
    {ctxt::CNTHCTL_EL2,      1, "cnthctl_el2",    0, kSame},
    {ctxt::FPSR,             1, "fpsr",           moved::fp,      kSame},
    {ctxt::FPCR,             1, "fpcr",           moved::fp,      kSame},
    {ctxt::Q0,              64, "q",              moved::fp,      kSame},  // q0 to q31, low half then high half
});
// clang-format on

// One word between a saved context and the CPU.
struct Move {
  u64 shadow, live;
};

template <unsigned Movers>
constexpr std::size_t move_count() {
  std::size_t n = 0;
  for (const ContextRegister& r : kContext) {
    n += (r.movers & Movers) != 0 ? r.count : 0;
  }
  return n;
}
template <unsigned Movers>
inline constexpr auto kMoves = [] {
  std::array<Move, move_count<Movers>()> moves{};
  std::size_t n = 0;
  for (const ContextRegister& r : kContext) {
    for (u64 i = 0; (r.movers & Movers) != 0 && i < r.count; ++i) {
      moves[n++] = {r.number + i, (r.live == kSame ? r.number : r.live) + i};
    }
  }
  return moves;
}();

// Calls f.template operator()<Move>() for each word that the movers carry.
template <unsigned Movers, class F>
[[gnu::always_inline]] constexpr void for_each_move(F f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
    (f.template operator()<kMoves<Movers>[I]>(), ...);
  }(std::make_index_sequence<kMoves<Movers>.size()>{});
}

// Calls f.template operator()<Move, Move>() for each two words in the table's order, and with one Move for
// the last of an odd number.
template <unsigned Movers, class F>
[[gnu::always_inline]] constexpr void for_each_move_pair(F f) {
  constexpr std::size_t count = kMoves<Movers>.size();
  [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
    (f.template operator()<kMoves<Movers>[2 * I], kMoves<Movers>[2 * I + 1]>(), ...);
  }(std::make_index_sequence<count / 2>{});
  if constexpr (count % 2 != 0) {
    f.template operator()<kMoves<Movers>[count - 1]>();
  }
}

constexpr bool is_register(u64 number) {
  for (const ContextRegister& r : kContext) {
    if (number >= r.number && number < r.number + r.count) {
      return true;
    }
  }
  return false;
}

// Indices without a register: they read as zero, and writes to them are ignored.
inline constexpr auto kIndexGaps = [] {
  constexpr auto count = [] {
    std::size_t n = 0;
    for (u64 i = 0; i < ctxt::INDEX_END; ++i) {
      n += is_register(i) ? 0 : 1;
    }
    return n;
  }();
  std::array<u64, count> gaps{};
  std::size_t n = 0;
  for (u64 i = 0; i < ctxt::INDEX_END; ++i) {
    if (!is_register(i)) {
      gaps[n++] = i;
    }
  }
  return gaps;
}();

// Has `index` a register? No loop, so that nothing is left of it where the index is a constant.
template <class W>
[[gnu::always_inline]] constexpr auto is_context_index(W index) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
    return both(index < W(ctxt::INDEX_END), (index != W(kIndexGaps[I]))...);
  }(std::make_index_sequence<kIndexGaps.size()>{});
}

constexpr bool context_is_coherent() {
  u64 words = 0, end = 0;
  for (const ContextRegister& r : kContext) {  // in order, none twice
    if (r.number < end || r.number + r.count > ctxt::WORDS) {
      return false;
    }
    end = r.number + r.count;
    words += r.count;
  }
  return words == 31 + 35 + 14 + 64;
}
static_assert(context_is_coherent() && kIndexGaps.size() == 7);

}  // namespace redoubt
