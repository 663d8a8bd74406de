// SPDX-License-Identifier: BSD-3-Clause
// Whether a manifest may become a VM: its format, a trusted key, the signature, and no older counter (R21).
#pragma once
#include <span>

#include "core/vm/manifest.hpp"

namespace redoubt {

// Public keys whose signatures count; fixed at boot.
class KeySet {
 public:
  static constexpr u64 MAX_KEYS = 8;

  // False: there is no room.
  [[nodiscard]] constexpr bool add(PublicKey const& key) {
    if (count_ == MAX_KEYS) return false;
    keys_[count_++] = key;
    return true;
  }
  [[nodiscard]] constexpr u64 size() const { return count_; }
  [[nodiscard]] constexpr bool has(PublicKey const& key) const {
    for (u64 i = 0; i < count_; ++i) {
      if (keys_[i] == key) return true;
    }
    return false;
  }

 private:
  std::array<PublicKey, MAX_KEYS> keys_{};
  u64 count_ = 0;
};

// The highest counter seen since boot for each name of each key. A restart of the machine forgets it: there
// is no storage that the host cannot write. The caller holds a lock of its own.
class CounterLedger {
 public:
  static constexpr u64 MAX_NAMES = 64;

  // For a record whose signature is good. ok: noted; denied: older than one seen; no_memory: a new name, and
  // the ledger is full. Only ok changes it.
  [[nodiscard]] constexpr Status admit(BootRecord const& record) {
    u64 const at = find(record);
    if (at == MAX_NAMES) return Status::no_memory;
    if (at == count_) {
      ++count_;
    } else if (record.counter < entries_[at].counter) {
      return Status::denied;
    }
    entries_[at] = {record.name, record.key, record.counter};
    return Status::ok;
  }

 private:
  struct Entry {
    ManifestName name{};
    PublicKey key{};
    u64 counter = 0;
  };
  [[nodiscard]] constexpr u64 find(BootRecord const& record) const {
    u64 at = 0;
    while (at < count_ && !(entries_[at].name == record.name && entries_[at].key == record.key)) ++at;
    return at;
  }
  std::array<Entry, MAX_NAMES> entries_{};
  u64 count_ = 0;
};

// Does a manifest of a trusted key say all this? `from` is the core's own copy of the host's buffer of
// `bytes` bytes; `verify(signature, message, key)` is Ed25519 on spans of bytes. ok: `record` is filled.
// invalid_parameter: not a manifest. denied: no trusted key, or not its signature.
template <class Verify>
[[nodiscard]] Status check_admission(redoubt_manifest const& from, u64 bytes, KeySet const& keys,
                                     Verify verify, BootRecord& record) {
  if (check_manifest(from, bytes, record) != ManifestError::none) return Status::invalid_parameter;
  if (!keys.has(record.key)) return Status::denied;
  std::span<std::byte const> const all = std::as_bytes(std::span(&from, 1));
  bool const authentic = verify(all.subspan<MANIFEST_SIGNED_BYTES, sizeof from.signature>(),
                                all.first<MANIFEST_SIGNED_BYTES>(), std::as_bytes(std::span(record.key)));
  return authentic ? Status::ok : Status::denied;
}

}  // namespace redoubt
