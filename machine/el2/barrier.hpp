// SPDX-License-Identifier: BSD-3-Clause
// Barriers, TLB and cache maintenance, one instruction each (Arm ARM C6.2, D8.17).
#pragma once
#include <cstdint>

namespace redoubt::el2 {

inline void isb() { asm volatile("isb" ::: "memory"); }
inline void dsb_ish() { asm volatile("dsb ish" ::: "memory"); }
inline void dsb_ishst() { asm volatile("dsb ishst" ::: "memory"); }
inline void dsb_nsh() { asm volatile("dsb nsh" ::: "memory"); }
inline void dsb_st() { asm volatile("dsb st" ::: "memory"); }
inline void dsb_sy() { asm volatile("dsb sy" ::: "memory"); }

// Stage-2 entry of one page of the current VMID, all CPUs. `page`: IPA >> 12.
inline void tlbi_ipas2e1is(std::uint64_t page) { asm volatile("tlbi ipas2e1is, %0" ::"r"(page) : "memory"); }
// All stage-1 entries of the current VMID, all CPUs.
inline void tlbi_vmalle1is() { asm volatile("tlbi vmalle1is" ::: "memory"); }
// The same, this CPU only.
inline void tlbi_vmalle1() { asm volatile("tlbi vmalle1" ::: "memory"); }
// Stages 1 and 2 of the current VMID, all CPUs / this CPU only.
inline void tlbi_vmalls12e1is() { asm volatile("tlbi vmalls12e1is" ::: "memory"); }
inline void tlbi_vmalls12e1() { asm volatile("tlbi vmalls12e1" ::: "memory"); }
// Everything of EL1&0, whatever the VMID: all CPUs / this CPU only.
inline void tlbi_alle1is() { asm volatile("tlbi alle1is" ::: "memory"); }
inline void tlbi_alle1() { asm volatile("tlbi alle1" ::: "memory"); }

inline void dc_zva(std::uint64_t address) { asm volatile("dc zva, %0" ::"r"(address) : "memory"); }
inline void dc_cvac(std::uint64_t address) { asm volatile("dc cvac, %0" ::"r"(address) : "memory"); }
inline void dc_civac(std::uint64_t address) { asm volatile("dc civac, %0" ::"r"(address) : "memory"); }
inline void ic_iallu() { asm volatile("ic iallu" ::: "memory"); }

inline void wait_for_event() { asm volatile("wfe" ::: "memory"); }
inline void wait_for_interrupt() { asm volatile("wfi" ::: "memory"); }
inline void relax() { asm volatile("yield" ::: "memory"); }

}  // namespace redoubt::el2
