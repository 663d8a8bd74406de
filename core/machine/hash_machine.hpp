// SPDX-License-Identifier: BSD-3-Clause
// What a machine must offer for hashing boot images a piece a call (R18).
#pragma once
#include <array>

#include "core/machine/machine.hpp"

namespace redoubt {

inline constexpr u64 HASH_PIECE = 1024;  // bytes; two of them a call at most
template <class W>
using DigestWords = std::array<W, 8>;  // of SHA-512, as they stand in memory

// One running SHA-512 a VM, in core memory; lock vm(v).
template <class M>
concept HashMachine =
    Machine<M> && requires(M& m, typename M::Word w, VmId<typename M::Word> v, Pfn<typename M::Word> pfn,
                           DigestWords<typename M::Word> digest) {
      // Starts anew; what was hashed before is forgotten.
      { m.hash_begin(v) };
      // Goes on with HASH_PIECE bytes of a page that the VM owns, from its byte w (a multiple of HASH_PIECE).
      { m.hash_add(v, pfn, w) };
      // Ends the hash: is it this one?
      { m.hash_is(v, digest) } -> std::same_as<typename M::Bool>;
    };

}  // namespace redoubt
