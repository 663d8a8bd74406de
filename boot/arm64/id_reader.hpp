// SPDX-License-Identifier: BSD-3-Clause
// Reading an identification register whose encoding is known only at run time.
#pragma once
#include <array>
#include <cstdint>
#include <utility>

#include "machine/el2/sysreg.hpp"

namespace redoubt {

// The registers of op0=3 op1=0 CRn=0 CRm=1..7 trap by HCR_EL2.TID3; each case is one MRS.
template <unsigned Crm, unsigned Op2>
std::uint64_t read_id() {
  return el2::read<el2::SysReg{3, 0, 0, Crm, Op2}>();
}

using ReadId = std::uint64_t (*)();
template <unsigned... Number>
constexpr std::array<ReadId, sizeof...(Number)> make_id_readers(std::integer_sequence<unsigned, Number...>) {
  return {&read_id<1 + Number / 8, Number % 8>...};
}
inline constexpr unsigned kIdRegisters = 7 * 8;
inline constexpr auto kIdReaders = make_id_readers(std::make_integer_sequence<unsigned, kIdRegisters>{});

[[nodiscard]] constexpr bool is_id_register(el2::SysReg which) {
  return which.op0 == 3 && which.op1 == 0 && which.crn == 0 && which.crm >= 1 && which.crm <= 7;
}
// `which` is one of them, in these two.
[[nodiscard]] constexpr unsigned id_register_index(el2::SysReg which) {
  return (which.crm - 1) * 8 + which.op2;
}
[[nodiscard]] inline std::uint64_t read_id_register(el2::SysReg which) {
  return kIdReaders[id_register_index(which)]();
}

}  // namespace redoubt
