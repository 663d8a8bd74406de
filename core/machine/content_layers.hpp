// SPDX-License-Identifier: BSD-3-Clause
// Obligations of the content group of base primitives: what each preserves and all that it may change.
#pragma once
#include "core/machine/rows_cpu.hpp"
#include "core/registry/seal_invariants.hpp"

namespace redoubt::registry {

using ContentObligations = Join<
    Preserving<inv::Contents, field::memory | field::tstate, prim::clear_phys_page>,
    Preserving<inv::Contents, field::memory | field::oracle, prim::fetch_from_doracle>,
    Preserving<inv::Contents, field::memory | field::seals | field::tstate, prim::encrypt_mem_buf,
               prim::decrypt_mem_buf>,
    Preserving<inv::Contents, field::memory | field::seals, prim::encrypt_gp_regs, prim::encrypt_sys_regs>,
    Preserving<inv::Contents, field::shadow | field::seals, prim::decrypt_gp_regs, prim::decrypt_sys_regs>,
    Preserving<inv::Contents, field::none, prim::verify_image>>;

// The same of Redoubt's own.
using OwnContentObligations =
    Join<Preserving<inv::Contents, field::memory, prim::begin_image_hash, prim::add_image_hash>,
         Preserving<inv::Contents, field::none, prim::end_image_hash>>;

}  // namespace redoubt::registry
