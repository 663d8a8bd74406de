// SPDX-License-Identifier: BSD-3-Clause
// Registers of a context as the specification names them, and the lists that the movers carry
// (digest 2.9, 3.4, 4.12).
#pragma once
#include <array>
#include <cstdint>

#include "machine/domain/domain.hpp"

namespace redoubt::spec::reg {

// The index of digest 2.9 where there is one.
enum : std::uint64_t {
  x0 = 0,
  x30 = 30,
  pc = 32,
  pstate = 33,
  elr_el1 = 35,
  spsr_el1 = 36,
  far_el2 = 41,
  hpfar_el2 = 42,
  hcr_el2 = 43,
  ec = 44,
  dirty = 45,
  flags = 46,
  mpidr_el1 = 47,
  csselr_el1,
  sctlr_el1,
  actlr_el1,
  cpacr_el1,
  ttbr0_el1,
  ttbr1_el1,
  tcr_el1,
  esr_el1,
  afsr0_el1,
  afsr1_el1,
  far_el1,
  mair_el1,
  vbar_el1 = 60,
  contextidr_el1,
  tpidr_el0,
  tpidrro_el0,
  tpidr_el1,
  amair_el1,
  cntkctl_el1,
  par_el1,
  mdscr_el1 = 68,
  elr_el2 = 70,
  spsr_0 = 71,
  esr_el2 = 72,
  // Registers of Ctxt without an index.
  spsr_el2 = 73,
  vmpidr_el2,
  vttbr_el2,
  tpidr_el2,
  sp_el0,
  sp_el1,
  cntvoff_el2,
  pmselr_el0 = 80,
  pmuserenr_el0,
  mdcr_el2,
  cptr_el2,
  cnthctl_el2,
  fpsr = 85,
  fpcr,
  q0_low = 96,  // q<n>: low half 96 + 2n, high half 97 + 2n
  q31_high = 159,
};

// The 25 EL1 and EL0 system registers of digest 3.4, in its order; mpidr_el1 apart, and esr_el1 (W5).
inline constexpr std::array<std::uint64_t, 25> kSystem{
    csselr_el1, sctlr_el1, cpacr_el1,      ttbr0_el1, ttbr1_el1,   tcr_el1, afsr0_el1, afsr1_el1, far_el1,
    mair_el1,   vbar_el1,  contextidr_el1, amair_el1, cntkctl_el1, par_el1, tpidr_el1, spsr_el1,  mdscr_el1,
    sp_el0,     tpidr_el0, tpidrro_el0,    actlr_el1, sp_el1,      elr_el1, esr_el1};
// What tells of an exit (digest 4.12, exit_populate_fault).
inline constexpr std::array<std::uint64_t, 4> kFault{esr_el2, ec, far_el2, hpfar_el2};

// Has the index a place in the context? (digest 2.9)
template <class W>
auto indexed(const W& i) {
  const auto within = [&](std::uint64_t lo, std::uint64_t hi) { return both(W(lo) <= i, i <= W(hi)); };
  return either(
      either(i <= W(x30), within(pc, pstate)),
      either(within(elr_el1, spsr_el1), either(within(far_el2, mdscr_el1), within(elr_el2, esr_el2))));
}

}  // namespace redoubt::spec::reg
