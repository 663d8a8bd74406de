// SPDX-License-Identifier: BSD-3-Clause
// Redoubt's own base primitives of a running vCPU, one row each: mailbox, emulation, manifest.
#pragma once
#include "core/registry/cpu_invariants.hpp"

namespace redoubt::registry::prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect

REDOUBT_PRIMITIVE(get_mailbox, "(vmid u32, vcpuid u32, field u32, index u32) → u64", "-", "H·V·C", "own", "what the host answers in the vCPU's mailbox: one read, untrusted (R23)");
REDOUBT_PRIMITIVE(set_mailbox, "(vmid u32, vcpuid u32, field u32, index u32, value u64) → ()", "-", "H·V·C", "own", "shows the host a word of an exit (R23)");
REDOUBT_PRIMITIVE(clear_shadow_sys_regs, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "own", "zeroes all that the system movers carry");
REDOUBT_PRIMITIVE(timer_disable_traps, "() → ()", "-", "H", "own", "the physical timer is the host's again");
REDOUBT_PRIMITIVE(forget_other_vcpu, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "own", "invalidates on this CPU where another vCPU of the VM ran last (R16)");
REDOUBT_PRIMITIVE(guest_event, "(event u32, a u64, b u64, c u64, d u64) → u64", "-", "H", "own", "the core's emulation answers an event of a vCPU (R19, R20, R22)");
REDOUBT_PRIMITIVE(guest_answer, "(answer u32) → u64", "-", "H", "own", "a value that the last event answered");
REDOUBT_PRIMITIVE(guest_word, "(word u32, vmid u32, vcpuid u32, index u32) → u64", "-", "H·V·C", "own", "what the emulation has for the host");
REDOUBT_PRIMITIVE(fetch_manifest, "(pfn u64) → ()", "s2page", "H·P(pfn)·L(s2page)", "own", "the core's own copy of a manifest (R21)");
REDOUBT_PRIMITIVE(admit_manifest, "(bytes u64) → status", "-", "H·bad argument → status", "own", "is it well formed, signed by a trusted key, no older than one seen?");
REDOUBT_PRIMITIVE(manifest_word, "(word u32, image u32, index u32) → u64", "-", "H", "own", "a word of the manifest that was admitted");
REDOUBT_PRIMITIVE(keep_manifest, "() → ()", "-", "H", "own", "its VM exists: no older one from here on");
// clang-format on

using OfGuests =
    List<get_mailbox, set_mailbox, clear_shadow_sys_regs, timer_disable_traps, forget_other_vcpu, guest_event,
         guest_answer, guest_word, fetch_manifest, admit_manifest, manifest_word, keep_manifest>;

}  // namespace redoubt::registry::prim

namespace redoubt::registry {

using OwnGuestObligations =
    Join<Preserving<inv::Cpu, field::none, prim::manifest_word>,
         Preserving<inv::Cpu, field::oracle, prim::get_mailbox, prim::guest_answer, prim::guest_word>,
         Preserving<inv::Cpu, field::oracle | field::guest, prim::guest_event, prim::admit_manifest>,
         Preserving<inv::Cpu, field::guest, prim::fetch_manifest, prim::keep_manifest>,
         Preserving<inv::Cpu, field::shown, prim::set_mailbox>,
         Preserving<inv::Cpu, field::shadow, prim::clear_shadow_sys_regs>,
         Preserving<inv::Cpu, field::hw, prim::timer_disable_traps>,
         Preserving<inv::Cpu, field::per_cpu | field::guest, prim::forget_other_vcpu>>;

}  // namespace redoubt::registry
