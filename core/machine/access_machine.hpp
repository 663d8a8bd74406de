// SPDX-License-Identifier: BSD-3-Clause
// What a machine must offer so that loads and stores of principals and devices can be told: only a model
// does, hardware executes them itself.
#pragma once
#include "core/machine/content_machine.hpp"

namespace redoubt {

template <class M>
concept AccessMachine =
    CpuMachine<M> && ContentMachine<M> &&
    requires(M& m, typename M::Word w, VmId<typename M::Word> v, Pfn<typename M::Word> pfn) {
      // The word of a page that stands for what an access reaches: the first.
      { m.page_word(pfn) } -> std::same_as<typename M::Word>;
      { m.set_page_word(pfn, w) };
      // What others put where principal v reads it: any value.
      { m.shared_word(v) } -> std::same_as<typename M::Word>;
      // x0 to x30 of this CPU, by number.
      { m.general_register(w) } -> std::same_as<typename M::Word>;
      { m.set_general_register(w, w) };
    };

}  // namespace redoubt
