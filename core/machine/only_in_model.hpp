// SPDX-License-Identifier: BSD-3-Clause
// Base primitives that exist in the model and not yet at EL2: reasons, and the primitives that each holds
// back.
#pragma once
#include "core/machine/rows.hpp"
#include "core/machine/rows_cpu.hpp"

namespace redoubt::registry::waits {

struct FpRoutine {
  static constexpr std::string_view text = "the one routine that may use FP and SIMD instructions at EL2";
  using Primitives = List<prim::fpsimd_save_state, prim::fpsimd_restore_state>;
};
struct GuestRegisters {
  static constexpr std::string_view text = "the guests' table of EL2 registers (R12)";
  using Primitives = List<prim::activate_traps, prim::vm_el2_restore_state>;
};
struct NeverProposed {
  static constexpr std::string_view text = "nothing: the host proposes no PC and no PSTATE (R22)";
  using Primitives = List<prim::get_int_pc, prim::get_int_pstate>;
};
struct Mailboxes {
  static constexpr std::string_view text = "the region of the mailboxes that core and host share (R23)";
  using Primitives =
      Join<prim::Handles, List<prim::get_int_esr, prim::get_int_gpr, prim::set_int_gpr, prim::get_int_new_pte,
                               prim::get_int_new_level, prim::get_int_run_vcpuid>>;
};
struct ImageWindow {
  static constexpr std::string_view text = "boot images in the core's window, and the trusted keys (R21)";
  using Primitives = List<prim::verify_image>;
};
struct RootKey {
  static constexpr std::string_view text = "a root key; until then they answer not_supported (R25)";
  using Primitives = List<prim::encrypt_mem_buf, prim::decrypt_mem_buf, prim::encrypt_gp_regs,
                          prim::encrypt_sys_regs, prim::decrypt_gp_regs, prim::decrypt_sys_regs>;
};
struct SmmuDriver {
  static constexpr std::string_view text = "the EL2 driver of the SMMU: its command queue invalidates";
  using Primitives = List<prim::smmu_tlbi_iova, prim::smmu_tlbi_bank, prim::smmu_tlb_sync>;
};

}  // namespace redoubt::registry::waits

namespace redoubt::registry {

using OnlyInModelReasons = List<waits::FpRoutine, waits::GuestRegisters, waits::NeverProposed,
                                waits::Mailboxes, waits::ImageWindow, waits::RootKey, waits::SmmuDriver>;

}  // namespace redoubt::registry
