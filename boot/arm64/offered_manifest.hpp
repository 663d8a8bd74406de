// SPDX-License-Identifier: BSD-3-Clause
// The manifest that the host offers to a CPU: the core's own copy, judged, in words
// (core/machine/manifest_machine.hpp).
#pragma once
#include "core/machine/manifest_machine.hpp"

namespace redoubt::offered_manifest {

// Copies the manifest at `address`, a page of the host, once: each word is one load.
void fetch(u64 address);
// The verdict on the copy (boot/arm64/admission.hpp).
[[nodiscard]] Status admit(u64 bytes);
// Of the record that the last admit() on this CPU made, when it was ok.
[[nodiscard]] u64 word(ManifestWord which, u64 image, u64 index);

}  // namespace redoubt::offered_manifest
