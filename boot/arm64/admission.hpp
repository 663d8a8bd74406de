// SPDX-License-Identifier: BSD-3-Clause
// The machine's key set and the counters it has seen: which manifests may become VMs.
#pragma once
#include "core/vm/admission.hpp"

namespace redoubt::admission {

// Boot CPU, before the host; afterwards the key set is constant. Returns the number of keys.
std::uint64_t init(KeySet const& keys);

// Judges a manifest: `copy` is in core memory, of a host buffer of `bytes` bytes. ok: `record` is filled, and
// an older counter for its name is refused from here on. Else as check_admission and CounterLedger::admit.
// About 500,000 instructions where there is a signature to check (R18), 20 KiB of stack; takes a lock of its
// own, inside which no other is taken.
[[nodiscard]] Status judge(redoubt_manifest const& copy, std::uint64_t bytes, BootRecord& record);

}  // namespace redoubt::admission
