// SPDX-License-Identifier: BSD-3-Clause
// What a machine must offer beside Machine for page contents, for signed boot images and for sealed state.
#pragma once
#include "core/machine/cpu_machine.hpp"
#include "core/machine/seal_format.hpp"

namespace redoubt {

// Contents of RAM, whoever owns it.
template <class M>
concept ContentMachine =
    Machine<M> && requires(M& m, typename M::Word w, VmId<typename M::Word> v, Pfn<typename M::Word> pfn) {
      // Zeroes the first w bytes of a page, and cleans them to the point of coherency: the next owner may map
      // it with other attributes.
      { m.page_clear(pfn, w) };
      // From here on w pages hold what principal v put there. In the model it is put there now; in RAM it
      // already is.
      { m.page_fetch(v, pfn, w) };
    };

// Boot images behind the core's window, and the keys whose signatures count.
template <class M>
concept ImageMachine = Machine<M> && requires(M& m, typename M::Word w, VmId<typename M::Word> v,
                                              LoadIndex<typename M::Word> i, Ipa<typename M::Word> ipa) {
  // Frame behind a page of the window, counted from its start, plus one; 0: none. Constant while a VM boots.
  { m.window_frame(w) } -> std::same_as<typename M::Word>;
  // Does a trusted key's Ed25519ph signature (RFC 8032) in the VM's record cover guest address, w bytes, and
  // those bytes from the window's page w on?
  { m.image_is_signed(v, i, ipa, w, w) } -> std::same_as<typename M::Bool>;
};

// Save and restore: keys of the VMs, versions, mailboxes. `kind`, `who` and `item` name what is sealed: a
// frame of a VM, or a register image (item 0) of a saved context.
template <class M>
concept SealMachine = ContentMachine<M> && CpuMachine<M> &&
                      requires(M& m, typename M::Word w, VmId<typename M::Word> v, Pfn<typename M::Word> pfn,
                               SealKind kind, SealLabel<typename M::Word> label,
                               SealTag<typename M::Word> tag, std::array<typename M::Word, 2> words) {
                        { m.next_seal_version(v) } -> std::same_as<typename M::Word>;
                        { m.set_next_seal_version(v, w) };
                        {
                          m.seal_version(kind, w, w)
                        } -> std::same_as<typename M::Word>;  // newest seal not opened yet; 0: none
                        { m.set_seal_version(kind, w, w, w) };
                        // Words of mailbox page w, counted from the first; the host can write them at any
                        // time.
                        { m.mailbox_load(w, w) } -> std::same_as<typename M::Word>;
                        { m.mailbox_store(w, w, w) };
                        // Encryption of a page into another, or in place; of words in place. Opening tells
                        // whether tag, label and text belong together; if not, the text stays as it is.
                        { m.seal_page(label, pfn, pfn) } -> std::same_as<SealTag<typename M::Word>>;
                        { m.open_page(label, tag, pfn) } -> std::same_as<typename M::Bool>;
                        { m.seal_words(label, words) } -> std::same_as<SealTag<typename M::Word>>;
                        { m.open_words(label, tag, words) } -> std::same_as<typename M::Bool>;
                      };

}  // namespace redoubt
