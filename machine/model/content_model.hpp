// SPDX-License-Identifier: BSD-3-Clause
// The part of the model machine that holds page contents, mailboxes, boot images and seals.
#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "core/machine/content_machine.hpp"
#include "core/machine/hash_machine.hpp"
#include "machine/model/crypto.hpp"
#include "machine/model/event.hpp"
#include "spec/machine/content_state.hpp"

namespace redoubt {

// A base of the model machine `Self`, which has events, oracles, tstate. On concrete values the cryptography
// is real; on terms it is ideal: encryption gives any value, and only what was sealed or signed is authentic.
template <class Self, ValueDomain D>
class ContentModel {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using VmId = redoubt::VmId<Word>;
  using Pfn = redoubt::Pfn<Word>;
  using Label = SealLabel<Word>;
  using Tag = SealTag<Word>;
  static constexpr u64 kCells = spec::kPageCells<D>;

  void page_clear(Pfn pfn, Word bytes) {
    for (u64 i = 0; i < kCells; ++i) {
      if (Word(i * 8) < bytes) {
        state_.contents.write(pfn.raw, Word(i), Word(0));
      }
    }
    changed(pfn);
  }
  void page_fetch(VmId vmid, Pfn pfn, Word count) {
    auto& oracles = self().oracles();
    const Word from = oracles.data_log.read(vmid.raw, Word(0));
    for (u64 cell = 0; cell < kCells; ++cell) {
      const auto value = [data = oracles.doracle, vmid, pfn, from, cell](Word frame) {
        return data.read(vmid.raw + Word(cell << 8), from + (frame - pfn.raw));
      };
      state_.contents.write_rows(pfn.raw, pfn.raw + count, Word(cell), value);
    }
    oracles.data_log.write(vmid.raw, Word(0), from + count);
    self().record(EventKind::data_oracle, vmid.raw, from, count);
  }

  // --- accesses of principals and devices ---
  Word page_word(Pfn pfn) { return state_.contents.read(pfn.raw, Word(0)); }
  void set_page_word(Pfn pfn, Word value) {
    state_.contents.write(pfn.raw, Word(0), value);
    changed(pfn);
  }

  // --- the running hash of a VM's boot image ---
  void hash_begin(VmId vmid) {
    if constexpr (!D::symbolic) {
      for (Word n = state_.hashed.read(vmid.raw, 0); n > 0; --n) {
        state_.hashed.write(vmid.raw, n, 0);
      }
    }
    state_.hashed.write(vmid.raw, Word(0), Word(0));
    hashed_now(vmid);
  }
  void hash_add(VmId vmid, Pfn pfn, Word at) {
    const Word before = state_.hashed.read(vmid.raw, Word(0));
    if constexpr (D::symbolic) {
      const Word content = state_.contents.read(pfn.raw, Word(0)) + at;
      state_.hashed.write(vmid.raw, Word(0), state_.hash_step.read(before, content));
    } else {
      for (Word i = 0; i < HASH_PIECE / 8; ++i) {
        state_.hashed.write(vmid.raw, before + 1 + i, state_.contents.read(pfn.raw, at / 8 + i));
      }
      state_.hashed.write(vmid.raw, 0, before + HASH_PIECE / 8);
    }
    hashed_now(vmid);
  }
  Bool hash_is(VmId vmid, const DigestWords<Word>& digest) {
    const Word now = state_.hashed.read(vmid.raw, Word(0));
    if constexpr (D::symbolic) {
      Bool same(true);
      for (u64 i = 0; i < digest.size(); ++i) {
        same = both(same, digest[i] == state_.hash_digest.read(now, Word(i)));
      }
      return same;
    } else {
      std::vector<Word> words;
      for (Word n = 1; n <= now; ++n) {
        words.push_back(state_.hashed.read(vmid.raw, n));
      }
      return crypto::sha512(std::as_bytes(std::span(words))) == digest;
    }
  }

  // --- boot images ---
  Word window_frame(Word page) { return state_.window.read(page, Word(0)); }
  Bool image_is_signed(VmId vmid, LoadIndex<Word> index, Ipa<Word> addr, Word first, Word size) {
    const Word image = vmid.raw * Word(MAX_LOAD_INFO_NUM) + index.raw;
    if constexpr (D::symbolic) {
      return shows_what_was_signed(image, addr.raw, first, size);
    } else {
      crypto::SignedMessage message;
      const std::array<Word, 2> terms{addr.raw, size};
      message.add(std::as_bytes(std::span(terms)));
      for (Word done = 0; done < size; done += PAGE_SIZE) {
        const auto page = words_of(window_frame(first + done / PAGE_SIZE) - 1);
        message.add(std::as_bytes(std::span(page)).first(std::min<Word>(PAGE_SIZE, size - done)));
      }
      return is_signed_by_trusted(message, image);
    }
  }

  // --- seals ---
  Word next_seal_version(VmId vmid) { return state_.next_version.read(vmid.raw, Word(0)); }
  void set_next_seal_version(VmId vmid, Word version) {
    state_.next_version.write(vmid.raw, Word(0), version);
    self().record(EventKind::set_seal_version, vmid.raw, Word(0), version);
  }
  Word seal_version(SealKind kind, Word who, Word item) {
    return state_.version.read(place(kind, who), item);
  }
  void set_seal_version(SealKind kind, Word who, Word item, Word version) {
    state_.version.write(place(kind, who), item, version);
    self().record(EventKind::set_seal_version, place(kind, who), item, version);
  }
  Word mailbox_load(Word page, Word at) { return state_.mailbox.read(page, at); }
  void mailbox_store(Word page, Word at, Word value) {
    state_.mailbox.write(page, at, value);
    self().record(EventKind::mailbox_store, page, at, value);
  }
  Tag seal_page(const Label& label, Pfn in, Pfn out) {
    auto words = words_of(in.raw);
    const Tag tag = seal_words(label, words);
    store(out, words);
    return tag;
  }
  Bool open_page(const Label& label, const Tag& tag, Pfn pfn) {
    auto words = words_of(pfn.raw);
    if (!open_words(label, tag, words)) {
      return Bool(false);
    }
    store(pfn, words);
    return Bool(true);
  }
  template <std::size_t N>
  Tag seal_words(const Label& label, std::array<Word, N>& words) {
    if constexpr (D::symbolic) {
      const Word id = (label.vmid.raw << 48) + label.version;
      for (u64 i = 0; i < N; ++i) {
        words[i] = state_.cipher.read(id, Word(i));
      }
      return {state_.cipher_tag.read(id, Word(0)), state_.cipher_tag.read(id, Word(1))};
    } else {
      const auto about = associated(label);
      const auto tag = crypto::seal(key_of(label), nonce_of(label), std::as_bytes(std::span(about)),
                                    std::as_writable_bytes(std::span(words)));
      return {tag.low, tag.high};
    }
  }
  template <std::size_t N>
  Bool open_words(const Label& label, const Tag& tag, std::array<Word, N>& words) {
    if constexpr (D::symbolic) {
      return open_ideal(label, tag, words);
    } else {
      const auto about = associated(label);
      return crypto::open(key_of(label), nonce_of(label), std::as_bytes(std::span(about)),
                          {tag.low, tag.high}, std::as_writable_bytes(std::span(words)));
    }
  }

  // --- what harnesses look at ---
  [[nodiscard]] const spec::ContentState<D>& content() const { return state_; }

 private:
  friend Self;
  explicit ContentModel(const spec::ContentState<D>& initial) : state_(initial) {}

  Self& self() { return static_cast<Self&>(*this); }
  static Word place(SealKind kind, Word who) { return Word(static_cast<u64>(kind) << 8) + who; }

  // A change of contents ends the transaction of this CPU, as the digest has it.
  void changed(Pfn pfn) {
    self().tstate_ = Word(1);
    self().record(EventKind::page_contents, pfn.raw, Word(0), Word(0));
  }
  void hashed_now(VmId vmid) { self().record(EventKind::hash, vmid.raw, Word(0), Word(0)); }
  std::array<Word, kCells> words_of(Word frame) {
    std::array<Word, kCells> words;
    words.fill(Word(0));
    for (u64 i = 0; i < kCells; ++i) {
      words[i] = state_.contents.read(frame, Word(i));
    }
    return words;
  }
  void store(Pfn pfn, const std::array<Word, kCells>& words) {
    for (u64 i = 0; i < kCells; ++i) {
      state_.contents.write(pfn.raw, Word(i), words[i]);
    }
    changed(pfn);
  }

  // --- real cryptography ---
  template <std::size_t N>
  static std::array<Word, N> cells(const typename D::Map& map, Word k0) {
    std::array<Word, N> words{};
    for (u64 i = 0; i < N; ++i) {
      words[i] = map.read(k0, Word(i));
    }
    return words;
  }
  crypto::Key key_of(const Label& label) { return cells<4>(state_.vm_key, label.vmid.raw); }
  static crypto::Nonce nonce_of(const Label& label) {
    return {label.version, static_cast<std::uint32_t>(label.kind)};
  }
  static std::array<Word, 4> associated(const Label& label) {
    return {seal_word(label.kind), label.vmid.raw, label.item, label.bytes};
  }
  bool is_signed_by_trusted(const crypto::SignedMessage& message, Word image) {
    const crypto::Signature signature = cells<8>(state_.signature, image);
    for (Word n = 0;; ++n) {
      const crypto::Key key = cells<4>(state_.trusted_key, n);
      if (key == crypto::Key{}) {
        return false;
      }
      if (message.verify(signature, key)) {
        return true;
      }
    }
  }

  // --- ideal cryptography ---
  Bool shows_what_was_signed(Word image, Word addr, Word first, Word size) {
    const Bool same_terms = both(state_.signed_image.read(image, Word(0)) == addr,
                                 state_.signed_image.read(image, Word(1)) == size);
    const Word pages = (size + Word(PAGE_SIZE - 1)) >> PAGE_SHIFT;
    return both(same_terms, self().for_all(pages, [&](Word i) {
      return state_.contents.read(window_frame(first + i) - Word(1), Word(0)) ==
             state_.signed_contents.read(image, i);
    }));
  }
  template <std::size_t N>
  Bool open_ideal(const Label& label, const Tag& tag, std::array<Word, N>& words) {
    const bool page = label.kind == SealKind::page;
    const Word who = page ? label.vmid.raw : (label.vmid.raw << 3) + label.item;
    const Word of = place(label.kind, who), item = page ? label.item : Word(0);
    Bool authentic = both(tag.low == state_.sealed_tag.read(of, item * Word(2)),
                          tag.high == state_.sealed_tag.read(of, item * Word(2) + Word(1)));
    for (u64 i = 0; i < N; ++i) {
      authentic = both(authentic, words[i] == state_.sealed_text.read(of, item * Word(N) + Word(i)));
    }
    if (!authentic) {
      return Bool(false);
    }
    for (u64 i = 0; i < N; ++i) {
      words[i] = state_.sealed_plain.read(of, item * Word(N) + Word(i));
    }
    return Bool(true);
  }

  spec::ContentState<D> state_;
};

}  // namespace redoubt
