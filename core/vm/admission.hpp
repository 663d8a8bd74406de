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

// The highest counter admitted since boot for each name of each key; lock core. A restart of the machine
// forgets it: there is no storage that the host cannot write.
class CounterLedger {
 public:
  static constexpr u64 MAX_NAMES = 64;

  // ok: not older than what was admitted; denied: older; no_memory: a new name, and the ledger is full.
  [[nodiscard]] constexpr Status check(BootRecord const& record) const {
    u64 const at = find(record);
    if (at == count_) return count_ < MAX_NAMES ? Status::ok : Status::no_memory;
    return record.counter >= entries_[at].counter ? Status::ok : Status::denied;
  }
  // After check() has said ok.
  constexpr void admit(BootRecord const& record) {
    u64 const at = find(record);
    if (at == MAX_NAMES) return;
    count_ += at == count_ ? 1 : 0;
    entries_[at] = {record.name, record.key, record.counter};
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

// What REDOUBT_HOST_VM_CREATE answers for a manifest, before a VMID is taken. `from` is the core's own copy
// of the host's buffer of `bytes` bytes. `verify(signature, message, key)` is Ed25519 (spans of bytes). The
// ledger is left alone: the caller admits the record once the VM exists, under the lock of check().
// ok: `record` is filled. invalid_parameter: not a manifest. denied: no trusted key, wrong signature, or
// older. no_memory: see CounterLedger.
template <class Verify>
[[nodiscard]] Status check_admission(redoubt_manifest const& from, u64 bytes, KeySet const& keys,
                                     CounterLedger const& ledger, Verify verify, BootRecord& record) {
  if (check_manifest(from, bytes, record) != ManifestError::none) return Status::invalid_parameter;
  if (!keys.has(record.key)) return Status::denied;
  if (Status const status = ledger.check(record); status != Status::ok) return status;
  auto const all = std::as_bytes(std::span(&from, 1));
  bool const authentic =
      verify(all.template subspan<MANIFEST_SIGNED_BYTES, sizeof from.signature>(),
             all.template first<MANIFEST_SIGNED_BYTES>(), std::as_bytes(std::span(record.key)));
  return authentic ? Status::ok : Status::denied;
}

}  // namespace redoubt
