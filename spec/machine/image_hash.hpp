// SPDX-License-Identifier: BSD-3-Clause
// What the running hash of a VM's boot image becomes, and when it is the digest of the VM's record.
#pragma once
#include <span>
#include <vector>

#include "machine/model/crypto.hpp"
#include "spec/machine/state.hpp"

namespace redoubt::spec::image_hash {

template <class S>
using WordOf = typename S::Word;

// Nothing has been hashed.
template <class S>
void begin(S& s, WordOf<S> vmid) {
  using W = WordOf<S>;
  if constexpr (!S::Domain::symbolic) {
    for (W n = s.content.hashed.read(vmid, 0); n > 0; --n) {
      s.content.hashed.write(vmid, n, 0);
    }
  }
  s.content.hashed.write(vmid, W(0), W(0));
}

// The KiB at byte `at` of the frame follows what was hashed.
template <class S>
void add(S& s, WordOf<S> vmid, WordOf<S> frame, WordOf<S> at) {
  using W = WordOf<S>;
  const W before = s.content.hashed.read(vmid, W(0));
  if constexpr (S::Domain::symbolic) {
    const W content = s.content.contents.read(frame, W(0)) + at;
    s.content.hashed.write(vmid, W(0), s.content.hash_step.read(before, content));
  } else {
    s.content.hashed.write(vmid, 0, before + 128);
    for (W cell = 0; cell < 128; ++cell) {
      s.content.hashed.write(vmid, before + cell + 1, s.content.contents.read(frame, (at >> 3) + cell));
    }
  }
}

// Is SHA-512 of what was hashed the digest of that image?
template <class S>
typename S::Bool is(S& s, WordOf<S> vmid, WordOf<S> image) {
  using W = WordOf<S>;
  const W done = s.content.hashed.read(vmid, W(0));
  std::array<W, 8> digest;
  digest.fill(W(0));
  if constexpr (S::Domain::symbolic) {
    for (u64 i = 0; i < 8; ++i) {
      digest[i] = s.content.hash_digest.read(done, W(i));
    }
  } else {
    std::vector<u64> all(done);
    for (u64 n = 0; n < done; ++n) {
      all[n] = s.content.hashed.read(vmid, n + 1);
    }
    digest = crypto::sha512(std::as_bytes(std::span(all)));
  }
  typename S::Bool same(true);
  for (u64 i = 0; i < 8; ++i) {
    same = both(same, digest[i] == s.records.vm_item.read(vmid, W(8) + (image << 3) + W(i)));
  }
  return same;
}

}  // namespace redoubt::spec::image_hash
