// SPDX-License-Identifier: BSD-3-Clause
// What a machine must offer to make a VM from a manifest (R21): its own copy of one, admitted, in words.
#pragma once
#include "core/machine/machine.hpp"

namespace redoubt {

// Of the manifest that was admitted last on this CPU (BootRecord); by image, and by word of a digest.
enum class ManifestWord : std::uint32_t {
  memory_base,
  memory_size,
  entry,
  device_tree,
  vcpus,
  images,
  image_address,
  image_size,
  image_digest,
  count
};

template <class M>
concept ManifestMachine =
    Machine<M> && requires(M& m, typename M::Word w, Pfn<typename M::Word> pfn, ManifestWord word) {
      // Copies the frame once; it is the host's, lock s2page.
      { m.fetch_manifest(pfn) };
      // Is the copy, of so many bytes, a manifest, signed by a trusted key, and no older than one seen? A
      // Status.
      { m.admit_manifest(w) } -> std::same_as<Status>;
      { m.manifest_word(word, w, w) } -> std::same_as<typename M::Word>;  // image, word of its digest
      // Its VM exists: no older one is admitted from here on.
      { m.keep_manifest() };
    };

}  // namespace redoubt
