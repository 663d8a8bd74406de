// SPDX-License-Identifier: BSD-3-Clause
// Base primitives that exist in the model and not yet at EL2: reasons, and the primitives that each holds
// back.
#pragma once
#include "core/machine/rows.hpp"
#include "core/machine/rows_cpu.hpp"

namespace redoubt::registry::waits {

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

using OnlyInModelReasons = List<waits::ImageWindow, waits::RootKey, waits::SmmuDriver>;

}  // namespace redoubt::registry
