// SPDX-License-Identifier: BSD-3-Clause
// The CPU part of El2Machine: saved contexts in core memory, system registers, what is loaded, device
// registers.
#pragma once
#include <array>

#include "core/machine/cpu_machine.hpp"
#include "machine/el2/barrier.hpp"
#include "machine/el2/context_registers.hpp"
#include "machine/el2/memory.hpp"

extern "C" {
// machine/el2/fpsimd.S: FPSR, FPCR and Q0..Q31 between this CPU and a saved context, from its word FPSR on.
void fpsimd_save_words(std::uint64_t* fpsr);
void fpsimd_restore_words(std::uint64_t const* fpsr);
// Likewise with Z0..Z31 to and from `z`, of 32 times the vector length.
void sve_save_words(std::uint64_t* fpsr, std::uint64_t* z);
void sve_restore_words(std::uint64_t const* fpsr, std::uint64_t const* z);
}

namespace redoubt::el2 {

static_assert(ctxt::FPCR == ctxt::FPSR + 1 && ctxt::Q0 == ctxt::FPSR + 11, "as in fpsimd.S");
static_assert(ctxt::Q0 % 2 == 0 && ctxt::WORDS % 2 == 0, "vector registers are stored 16-byte aligned");

//   INV-CORE-3  these records lie in core-owned memory; a saved context is touched by the CPU that has it
//   loaded,
//               or under vm(vmid) while no CPU has
struct CpuRecords {
  using SavedContext = std::array<u64, ctxt::WORDS>;
  // Of one CPU, touched by that one alone.
  struct alignas(64) Loaded {
    u64 vmid = HOSTVISOR, vcpuid = 0;
    u64 exit_class = 0;  // ec
    u64 pointer = 0;     // what the digest keeps in TPIDR_EL2, which here points to the CPU's record
    std::array<std::uint8_t, PRINCIPALS> last_vcpu{};  // of each VM: vCPU that ran here last + 1; 0: none
  };

  alignas(16) std::array<SavedContext, CTXT_POOL_SIZE> contexts{};
  std::array<Loaded, TOTAL_CPU> loaded{};
};

// Where a register of this CPU is: in the frame that the trap saved, in this CPU's record, or a register
// indeed.
constexpr bool is_general(u64 number) { return number < 31; }
constexpr bool is_kept(u64 number) { return number == ctxt::EC || number == ctxt::TPIDR_EL2; }
constexpr bool is_readable(u64 number) {
  return is_general(number) || is_kept(number) || is_live_register(number);
}
constexpr bool is_of_pmu(u64 number) { return number == ctxt::PMSELR_EL0 || number == ctxt::PMUSERENR_EL0; }

// A base of the machine `Self`, whose cpu_records() gives the records. Hooks beside El2Machine's:
// `general_registers()` points to the 31 words that the trap saved, `trap_setting(TrapSetting)`, `has_pmu()`,
// `host_vectors()` is room for the host's Z registers, nullptr without SVE.
template <class Self, class P, class Hooks>
class El2Cpu {
 public:
  using Word = u64;
  using VmId = redoubt::VmId<Word>;
  using VcpuId = redoubt::VcpuId<Word>;
  using ContextId = redoubt::ContextId<Word>;

  Word shadow_load(ContextId id, Word number) { return records().contexts[id.raw][number]; }
  void shadow_store(ContextId id, Word number, Word value) { records().contexts[id.raw][number] = value; }

  // Keeps the compiler from moving one of two loads away from the other: they are one instruction then.
  static void loaded_together(Word& first, Word& second) { asm("" : "+r"(first), "+r"(second)); }

  template <u64 Number>
    requires(is_readable(Number))
  Word hw_read() {
    if constexpr (is_general(Number)) {
      return Hooks::general_registers()[Number];
    } else if constexpr (is_kept(Number)) {
      return kept<Number>();
    } else if constexpr (is_of_pmu(Number)) {
      return Hooks::has_pmu() ? read_context<live_register(Number)>() : 0;
    } else {
      return read_context<live_register(Number)>();
    }
  }
  template <u64 Number>
    requires(is_readable(Number) || Number == ctxt::MPIDR_EL1)
  void hw_write(Word value) {
    if constexpr (is_general(Number)) {
      Hooks::general_registers()[Number] = value;
    } else if constexpr (is_kept(Number)) {
      kept<Number>() = value;
    } else if constexpr (Number == ctxt::VTTBR_EL2) {
      write_context<reg::vttbr_el2>(hardware_base(value));
    } else if constexpr (is_of_pmu(Number)) {
      if (Hooks::has_pmu()) {
        write_context<live_register(Number)>(value);
      }
    } else if constexpr (Number != ctxt::MPIDR_EL1) {  // EL1 reads MPIDR_EL1 as VMPIDR_EL2
      write_context<live_register(Number)>(value);
    }
  }
  Word read_actlr_el1() { return read<reg::actlr_el1>(); }
  template <TrapSetting Setting>
  Word trap_setting() {
    return Hooks::trap_setting(Setting);
  }

  // x0 to x30 all at once.
  void general_save(ContextId id) {
    copy_general(records().contexts[id.raw].data(), Hooks::general_registers());
  }
  void general_load(ContextId id) {
    copy_general(Hooks::general_registers(), records().contexts[id.raw].data());
  }
  // The host may use SVE: what a guest does with a vector register clears the upper part of the host's (Arm
  // ARM B1.2.1), so the host's are kept whole, in this CPU's record instead of its context.
  void fp_save(ContextId id) {
    u64* const fpsr = &records().contexts[id.raw][ctxt::FPSR];
    u64* const z = vectors_of(id);
    if (z != nullptr) {
      sve_save_words(fpsr, z);
    } else {
      fpsimd_save_words(fpsr);
    }
  }
  void fp_load(ContextId id) {
    const u64* const fpsr = &records().contexts[id.raw][ctxt::FPSR];
    const u64* const z = vectors_of(id);
    if (z != nullptr) {
      el2::isb();  // CPTR_EL2 lets SVE through again
      sve_restore_words(fpsr, z);
    } else {
      fpsimd_restore_words(fpsr);
    }
  }

  // R16: entering a vCPU where another one of its VM ran last, nothing that one left in TLB or instruction
  // cache may serve it. This CPU only; before the ERET.
  void forget_other_vcpu(VmId vmid, VcpuId vcpuid) {
    std::uint8_t& last = this_one().last_vcpu[vmid.raw];
    const auto self = static_cast<std::uint8_t>(vcpuid.raw + 1);
    if (last != 0 && last != self) {
      tlbi_vmalle1();
      ic_iallu();
      el2::dsb_nsh();
      el2::isb();
    }
    last = self;
  }

  Word cpu_id() { return Hooks::cpu(); }
  Word cur_vmid() { return this_one().vmid; }
  Word cur_vcpuid() { return this_one().vcpuid; }
  void set_cur(VmId vmid, VcpuId vcpuid) {
    this_one().vmid = vmid.raw;
    this_one().vcpuid = vcpuid.raw;
  }

  Word device_read(DeviceWidth width, Word addr) {
    return width == DeviceWidth::bits32 ? Word{load<std::uint32_t>(addr)} : load<u64>(addr);
  }
  void device_write(DeviceWidth width, Word addr, Word value) {
    if (width == DeviceWidth::bits32) {
      store<std::uint32_t>(addr, static_cast<std::uint32_t>(value));
    } else {
      store<u64>(addr, value);
    }
  }

 private:
  friend Self;
  El2Cpu() = default;

  static u64* vectors_of(ContextId id) { return id.raw < TOTAL_CPU ? Hooks::host_vectors() : nullptr; }
  // Pair by pair, so that no register is spilled on the way.
  static void copy_general(u64* to, u64 const* from) {
    static_assert(ctxt::X0 == 0);
#pragma GCC unroll 15
    for (u64 i = 0; i < 30; i += 2) {
      const u64 low = from[i], high = from[i + 1];
      to[i] = low;
      to[i + 1] = high;
    }
    to[30] = from[30];
  }
  CpuRecords& records() { return static_cast<Self&>(*this).cpu_records(); }
  CpuRecords::Loaded& this_one() { return records().loaded[Hooks::cpu()]; }
  template <u64 Number>
  Word& kept() {
    return Number == ctxt::EC ? this_one().exit_class : this_one().pointer;
  }
  // The layers know a table by its software root; hardware may start behind it (R8).
  Word hardware_base(Word software) {
    const VmId vmid(software >> VTTBR_VMID_SHIFT);
    return P::concatenated_root ? Self::hardware_vttbr(static_cast<Self&>(*this).pool_base(), vmid)
                                : software;
  }
};

}  // namespace redoubt::el2
