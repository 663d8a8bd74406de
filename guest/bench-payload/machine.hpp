// SPDX-License-Identifier: BSD-3-Clause
// The measuring guest's view of its machine: counter, calls, interrupt controller, and where results go.
#pragma once
#include <cstdint>

#include "abi/bundle.h"
#include "guest/bench-payload/report.h"

namespace redoubt::bench {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

// Device memory, one access of that width each.
template <class T>
inline T load(u64 address) {
  return *reinterpret_cast<T volatile*>(address);
}
template <class T>
inline void store(u64 address, T value) {
  *reinterpret_cast<T volatile*>(address) = value;
}

inline u64 now() {
  u64 value;
  asm volatile("isb\n mrs %0, cntvct_el0\n isb" : "=r"(value)::"memory");
  return value;
}

inline u64 call(u64 function, u64 a = 0, u64 b = 0, u64 c = 0) {
  register u64 x0 asm("x0") = function;
  register u64 x1 asm("x1") = a;
  register u64 x2 asm("x2") = b;
  register u64 x3 asm("x3") = c;
  asm volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory");
  return x0;
}
inline void call_smc(u64 function) {
  register u64 x0 asm("x0") = function;
  asm volatile("smc #0" : "+r"(x0)::"x1", "x2", "x3", "memory");
}

// --- the CPU interface ---
inline constexpr u32 kNoInterrupt = 1023, kTimer = 27;

inline u64 acknowledge() {
  u64 value;
  asm volatile("mrs %0, s3_0_c12_c12_0" : "=r"(value)::"memory");
  return value;
}
inline void end(u64 intid) { asm volatile("msr s3_0_c12_c12_1, %0\n isb" ::"r"(intid) : "memory"); }
// SGI 0 to the vCPUs in `targets`.
inline void send(u64 targets) { asm volatile("msr s3_0_c12_c11_5, %0\n isb" ::"r"(targets) : "memory"); }
inline void take_one() {
  u64 intid;
  do intid = acknowledge();
  while (intid == kNoInterrupt);
  end(intid);
}

inline void enable_interface() {
  asm volatile(
      "msr s3_0_c12_c12_5, %0\n isb\n"  // ICC_SRE_EL1
      "msr s3_0_c4_c6_0, %1\n"          // ICC_PMR_EL1
      "msr s3_0_c12_c12_7, %2\n isb" ::"r"(u64{7}),
      "r"(u64{0xf0}), "r"(u64{1})
      : "memory");
}

// Group 1, affinity routing. Needed where the hypervisor's distributor gates SGIs and PPIs, too, as KVM's
// does.
inline void enable_distributor() { store<u32>(REDOUBT_GUEST_GICD_BASE, 0x12); }

// The frames of vCPU `index`: awake; SGIs and the timer in group 1 and enabled.
inline void enable_redistributor(u64 index) {
  u64 const frame = REDOUBT_GUEST_GICR_BASE + index * REDOUBT_GUEST_GICR_STRIDE, sgi = frame + 0x10000;
  store<u32>(frame + 0x14, 0);
  while ((load<u32>(frame + 0x14) & 4) != 0) {
  }
  store<u32>(sgi + 0x80, ~u32{0});
  store<u32>(sgi + 0x100, u32{1} << kTimer | 0xffff);
  asm volatile("dsb sy\n isb" ::: "memory");
}

}  // namespace redoubt::bench
