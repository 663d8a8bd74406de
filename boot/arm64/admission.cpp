// SPDX-License-Identifier: BSD-3-Clause
// The state behind admission.hpp.
#include "boot/arm64/admission.hpp"

#include "boot/arm64/spin_lock.hpp"
#include "machine/crypto/ed25519.hpp"

namespace redoubt::admission {
namespace {

constinit KeySet trusted_keys;
constinit CounterLedger ledger;
constinit SpinLock ledger_lock;

}  // namespace

std::uint64_t init(KeySet const& keys) {
  trusted_keys = keys;
  return trusted_keys.size();
}

Status judge(redoubt_manifest const& copy, std::uint64_t bytes, BootRecord& record) {
  Status const status = check_admission(copy, bytes, trusted_keys, crypto::ed25519_verify, record);
  if (status != Status::ok) return status;
  ledger_lock.lock();
  Status const admitted = ledger.admit(record);
  ledger_lock.unlock();
  return admitted;
}

}  // namespace redoubt::admission
