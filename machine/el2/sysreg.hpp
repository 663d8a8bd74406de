// SPDX-License-Identifier: BSD-3-Clause
// System registers by encoding: reading and writing any of them is one instruction (Arm ARM C5.3).
#pragma once
#include <cstdint>

namespace redoubt::el2 {

// Encoding of a system register in the order of the manual: op0, op1, CRn, CRm, op2.
struct SysReg {
  unsigned op0, op1, crn, crm, op2;
  constexpr bool operator==(SysReg const&) const = default;
};

template <SysReg R>
[[gnu::always_inline]] inline std::uint64_t read() {
  std::uint64_t value;
  asm volatile("mrs %0, S%c1_%c2_C%c3_C%c4_%c5"
               : "=r"(value)
               : "i"(R.op0), "i"(R.op1), "i"(R.crn), "i"(R.crm), "i"(R.op2)
               : "memory");
  return value;
}

template <SysReg R>
[[gnu::always_inline]] inline void write(std::uint64_t value) {
  asm volatile("msr S%c1_%c2_C%c3_C%c4_%c5, %x0"
               :
               : "rZ"(value), "i"(R.op0), "i"(R.op1), "i"(R.crn), "i"(R.crm), "i"(R.op2)
               : "memory");
}

// The same for registers that change nothing about EL2's own memory accesses: in order among themselves,
// while the compiler may move memory accesses around them and keep what it has loaded.
template <SysReg R>
[[gnu::always_inline]] inline std::uint64_t read_context() {
  std::uint64_t value;
  asm volatile("mrs %0, S%c1_%c2_C%c3_C%c4_%c5"
               : "=r"(value)
               : "i"(R.op0), "i"(R.op1), "i"(R.crn), "i"(R.crm), "i"(R.op2));
  return value;
}
template <SysReg R>
[[gnu::always_inline]] inline void write_context(std::uint64_t value) {
  asm volatile("msr S%c1_%c2_C%c3_C%c4_%c5, %x0"
               :
               : "rZ"(value), "i"(R.op0), "i"(R.op1), "i"(R.crn), "i"(R.crm), "i"(R.op2));
}

}  // namespace redoubt::el2
