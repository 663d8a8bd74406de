// SPDX-License-Identifier: BSD-3-Clause
// Page contents, mailboxes, boot images and seals as parts of the abstract state (digest 3.2, 4.15).
#pragma once
#include <array>

#include "machine/domain/domain.hpp"

namespace redoubt::spec {

// A page is 512 words; to the symbolic domain it is one value.
template <ValueDomain D>
inline constexpr std::uint64_t kPageCells = D::symbolic ? 1 : 512;

template <ValueDomain D>
struct ContentState {
  using Word = typename D::Word;
  using Map = typename D::Map;

  explicit ContentState(D& domain)
      : contents(domain, "contents"),
        mailbox(domain, "mailbox"),
        next_version(domain, "next_version"),
        version(domain, "version"),
        sealed_plain(domain, "sealed_plain"),
        sealed_text(domain, "sealed_text"),
        sealed_tag(domain, "sealed_tag"),
        cipher(domain, "cipher"),
        cipher_tag(domain, "cipher_tag"),
        window(domain, "window"),
        signed_image(domain, "signed_image"),
        signed_contents(domain, "signed_contents"),
        signature(domain, "signature"),
        trusted_key(domain, "trusted_key"),
        vm_key(domain, "vm_key"),
        hashed(domain, "hashed"),
        hash_step(domain, "hash_step"),
        hash_digest(domain, "hash_digest") {}

  Map contents;  // (frame, cell of the page)
  Map mailbox;   // (page of the mailboxes, word): the host can write it

  // Seals. `place` is kind << 8 | VM for pages, kind << 8 | saved context for register images; `item` is the
  // frame, or 0.
  Map next_version;  // (VM, 0) -> version of its next seal
  Map version;       // (place, item) -> version of the newest seal that was not opened, 0: none

  // Ghost: what the newest seal of a place is. Only this is authentic, whatever else verifies.
  Map sealed_plain, sealed_text;  // (place, item * cells + cell), (place, word)
  Map sealed_tag;                 // (place, item * 2 + half)
  // What encryption gives: any values, each used once. (VM << 48 | version, cell, word or half of the tag)
  Map cipher, cipher_tag;

  // Boot images, constant here. By (page of the window, 0): frame + 1, or 0.
  Map window;
  // What a trusted key signed for image VM * 5 + load_idx: (image, 0) -> guest address, (image, 1) -> bytes;
  // (image, page * cells + cell) -> contents.
  Map signed_image, signed_contents;

  // What a concrete machine needs besides, and no specification reads: (image, word), (key, word), (VM,
  // word). Keys end at the first one that is zero.
  Map signature, trusted_key, vm_key;

  // The running hash of each VM (lock vm(v)). On concrete values, what went in so far: (VM, 0) -> words, (VM,
  // n) -> the n-th of them. On terms one value: (VM, 0), made by two functions of which nothing is known.
  Map hashed;
  Map hash_step;    // (value before, content) -> value after
  Map hash_digest;  // (value, word) -> word of the digest

  // What primitives change, besides ghosts.
  struct Named {
    Map ContentState::* map;
    bool of_seals;
  };
  static constexpr std::array<Named, 5> kMaps{{{&ContentState::contents, false},
                                               {&ContentState::hashed, false},
                                               {&ContentState::mailbox, false},
                                               {&ContentState::next_version, true},
                                               {&ContentState::version, true}}};
};

}  // namespace redoubt::spec
