// SPDX-License-Identifier: BSD-3-Clause
// The groups of attacks, each in files of its own, and the fuzzer.
#pragma once

#include <span>

#include "tests/attack/program/lab.hpp"

namespace redoubt::attack {

std::span<const Attack> memory_attacks();       // the host's accesses to a VM's memory
std::span<const Attack> ownership_attacks();    // pages given, taken back and mapped that must not be
std::span<const Attack> argument_attacks();     // calls with arguments at and beyond every boundary
std::span<const Attack> admission_attacks();    // images and manifests that are not the signed ones
std::span<const Attack> vcpu_attacks();         // vCPUs, mailboxes, power
std::span<const Attack> guest_attacks();        // a hostile guest
std::span<const Attack> translation_attacks();  // stage-1 entries of another vCPU
std::span<const Attack> race_attacks();         // two CPUs at once, and exhaustion
std::span<const Attack> ledger_attacks();       // counters of more VMs than the core remembers
std::span<const Attack> edge_attacks();         // calls at their edges, and on all CPUs at once
std::span<const Attack> register_attacks();     // registers at their edges
std::span<const Attack> narrow_attacks();       // by 32-bit programs of the host
std::span<const Attack> signal_attacks();       // the core's own SGI, forged and withheld

// Random calls on two CPUs; 0: nothing was wrong. What a debug core's trace says goes to `file`, if one is
// named.
int fuzz(const Lab& lab, u64 calls, u64 seed, const std::string& file);

}  // namespace redoubt::attack
