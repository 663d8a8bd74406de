// SPDX-License-Identifier: BSD-3-Clause
// Which instruction reads and writes a register of a vCPU's context, for those that are system registers.
#pragma once
#include <array>

#include "core/machine/context.hpp"
#include "machine/el2/registers.hpp"

namespace redoubt::el2 {

struct LiveRegister {
  u64 number;  // core/machine/context.hpp
  SysReg reg;
};

// clang-format off: one table
inline constexpr auto kLiveRegisters = std::to_array<LiveRegister>({
    {35, reg::elr_el1},        {36, reg::spsr_el1},      {41, reg::far_el2},        {42, reg::hpfar_el2},
    {43, reg::hcr_el2},        {48, reg::csselr_el1},    {49, reg::sctlr_el1},      {50, reg::actlr_el1},
    {51, reg::cpacr_el1},      {52, reg::ttbr0_el1},     {53, reg::ttbr1_el1},      {54, reg::tcr_el1},
    {55, reg::esr_el1},        {56, reg::afsr0_el1},     {57, reg::afsr1_el1},      {58, reg::far_el1},
    {59, reg::mair_el1},       {60, reg::vbar_el1},      {61, reg::contextidr_el1}, {62, reg::tpidr_el0},
    {63, reg::tpidrro_el0},    {64, reg::tpidr_el1},     {65, reg::amair_el1},      {66, reg::cntkctl_el1},
    {67, reg::par_el1},        {68, reg::mdscr_el1},     {70, reg::elr_el2},        {72, reg::esr_el2},
    {73, reg::spsr_el2},       {74, reg::vmpidr_el2},    {75, reg::vttbr_el2},      {77, reg::sp_el0},
    {78, reg::sp_el1},         {79, reg::cntvoff_el2},   {80, reg::pmselr_el0},     {81, reg::pmuserenr_el0},
    {82, reg::mdcr_el2},       {83, reg::cptr_el2},      {84, reg::cnthctl_el2},
});
// clang-format on

constexpr bool is_live_register(u64 number) {
  for (const LiveRegister& r : kLiveRegisters) {
    if (r.number == number) {
      return true;
    }
  }
  return false;
}
consteval SysReg live_register(u64 number) {
  for (const LiveRegister& r : kLiveRegisters) {
    if (r.number == number) {
      return r.reg;
    }
  }
  return {};
}

// Every register that a system mover carries is here, or is MPIDR_EL1, which the machine treats by itself.
constexpr bool movers_are_served() {
  for (const Move& m : kMoves<moved::system | moved::offset>) {
    if (!is_live_register(m.live) && m.live != ctxt::EC) {
      return false;
    }
  }
  return true;
}
static_assert(movers_are_served());

}  // namespace redoubt::el2
