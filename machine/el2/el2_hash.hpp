// SPDX-License-Identifier: BSD-3-Clause
// The running hashes of El2Machine: SHA-512 over pages through the EL2 alias of RAM.
#pragma once
#include "core/machine/hash_machine.hpp"
#include "machine/crypto/sha512_stream.hpp"

namespace redoubt::el2 {

// In core memory; entry v under lock vm(v).
struct HashRecords {
  std::array<crypto::Sha512Stream, PRINCIPALS> streams;
};

class El2Hash {
 public:
  explicit El2Hash(HashRecords& records) : records_(records) {}

  void hash_begin(VmId<u64> vmid) { records_.streams[vmid.raw].init(); }
  void hash_add(VmId<u64> vmid, Pfn<u64> pfn, u64 offset) {
    auto const* const bytes = reinterpret_cast<std::byte const*>((pfn.raw << PAGE_SHIFT) + offset);
    records_.streams[vmid.raw].update({bytes, HASH_PIECE});
  }
  bool hash_is(VmId<u64> vmid, DigestWords<u64> const& digest) {
    return records_.streams[vmid.raw].final() == digest;
  }

 private:
  HashRecords& records_;
};

}  // namespace redoubt::el2
