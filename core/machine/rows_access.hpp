// SPDX-License-Identifier: BSD-3-Clause
// Redoubt's own base primitives of an access, one row each: what hardware does, told in the model.
#pragma once
#include "core/registry/seal_invariants.hpp"

namespace redoubt::registry::prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect

REDOUBT_PRIMITIVE(load_page_word, "(pfn u64, reg u32) → ()", "-", "H·P(pfn)·general register", "own", "a general register takes a page's word; hardware's");
REDOUBT_PRIMITIVE(store_page_word, "(pfn u64, reg u32) → ()", "-", "H·P(pfn)·general register", "own", "a page's word takes a general register; hardware's");
REDOUBT_PRIMITIVE(load_shared_word, "(vmid u32, reg u32) → ()", "-", "H·V·general register", "own", "a general register takes a word that others may have written; hardware's");
// clang-format on

}  // namespace redoubt::registry::prim

namespace redoubt::registry {

using OwnAccessObligations =
    Join<Preserving<inv::Contents, field::hw, prim::load_page_word>,
         Preserving<inv::Contents, field::memory | field::tstate, prim::store_page_word>,
         Preserving<inv::Cpu, field::hw | field::oracle, prim::load_shared_word>>;

namespace waits {
struct Hardware {
  static constexpr std::string_view text = "nothing: CPUs and devices do it themselves";
  using Primitives = List<prim::load_page_word, prim::store_page_word, prim::load_shared_word>;
};
}  // namespace waits

}  // namespace redoubt::registry
