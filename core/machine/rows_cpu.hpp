// SPDX-License-Identifier: BSD-3-Clause
// Base primitives of one CPU and its vCPU, one row each: contexts, traps, devices, crypto, check and panic.
#pragma once
#include "core/registry/primitive.hpp"

namespace redoubt::registry::prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect

// --- shadow context of a vCPU ---
REDOUBT_PRIMITIVE(get_shadow_ctxt, "(vmid u32, vcpuid u32, index u32) → u64", "-", "H·V·C", "lower 4.9", "a saved register by index");
REDOUBT_PRIMITIVE(set_shadow_ctxt, "(vmid u32, vcpuid u32, index u32, value u64) → ()", "-", "H·V·C", "lower 4.9", "stores it");
REDOUBT_PRIMITIVE(get_shadow_esr, "(vmid u32, vcpuid u32) → u64", "-", "H·V·C", "lower 4.9", "saved syndrome of the last exit");
REDOUBT_PRIMITIVE(get_shadow_dirty_bit, "(vmid u32, vcpuid u32) → u64", "-", "H·V·C", "lower 4.9", "registers to apply at the next entry");
REDOUBT_PRIMITIVE(set_shadow_dirty_bit, "(vmid u32, vcpuid u32, value u64) → ()", "-", "H·V·C", "lower 4.9", "zero clears that word, anything else adds its bits (meant, not as written: W8)");
REDOUBT_PRIMITIVE(clear_shadow_gp_regs, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "lower 4.9", "zeroes x0 to x30");
REDOUBT_PRIMITIVE(reset_fp_regs, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "lower 4.9", "zeroes the FP and SIMD state; nothing of the host is in it (W8)");

// --- values that the host supplies ---
REDOUBT_PRIMITIVE(get_int_esr, "(vmid u32, vcpuid u32) → u64", "-", "H·V·C", "lower 4.10", "syndrome as the host reports it");
REDOUBT_PRIMITIVE(get_int_gpr, "(vmid u32, vcpuid u32, index u32) → u64", "-", "H·general register·V·C", "lower 4.10", "register as the host proposes it");
REDOUBT_PRIMITIVE(get_int_pc, "(vmid u32, vcpuid u32) → u64", "-", "H·V·C", "lower 4.10", "program counter as the host proposes it");
REDOUBT_PRIMITIVE(get_int_pstate, "(vmid u32, vcpuid u32) → u64", "-", "H·V·C", "lower 4.10", "PSTATE as the host proposes it");
REDOUBT_PRIMITIVE(set_int_gpr, "(vmid u32, vcpuid u32, index u32, value u64) → ()", "-", "H·V·C·general register", "lower 4.10", "shows the host a register");
REDOUBT_PRIMITIVE(get_vm_fault_addr, "(vmid u32, vcpuid u32) → u64", "-", "H·V·C", "lower 4.10", "page of the last stage-2 fault, from the saved HPFAR_EL2 (W15)");
REDOUBT_PRIMITIVE(get_int_new_pte, "(vmid u32, vcpuid u32) → u64", "-", "H·V·C", "lower 4.10", "entry that the host offers for a fault, untrusted (W48)");
REDOUBT_PRIMITIVE(get_int_new_level, "(vmid u32, vcpuid u32) → u32", "-", "H·V·C", "lower 4.18", "level that the host offers for a fault");
REDOUBT_PRIMITIVE(get_int_run_vcpuid, "(vmid u32) → u32", "-", "H·V", "lower 4.18", "vCPU that the host wants to run");

// --- who runs on this CPU ---
REDOUBT_PRIMITIVE(get_cur_vmid, "() → u32", "-", "H", "lower 4.11", "principal loaded on this CPU");
REDOUBT_PRIMITIVE(get_cur_vcpuid, "() → u32", "-", "H", "lower 4.11", "vCPU loaded on this CPU");
REDOUBT_PRIMITIVE(set_per_cpu, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "lower 4.11", "loads another; host and core use the CPU's own number");

// --- world switch ---
REDOUBT_PRIMITIVE(host_to_core, "() → ()", "-", "H", "lower 4.12", "saves x0 to x30");
REDOUBT_PRIMITIVE(vm_to_core, "() → ()", "-", "H", "lower 4.12", "saves x0 to x30");
REDOUBT_PRIMITIVE(core_to_host, "() → ()", "-", "H", "lower 4.12", "loads x0 to x30");
REDOUBT_PRIMITIVE(core_to_vm, "() → ()", "-", "H", "lower 4.12", "loads x0 to x30 (meant, not as written: W3)");
REDOUBT_PRIMITIVE(exit_populate_fault, "() → ()", "-", "H", "lower 4.12", "saves the exit syndrome and fault addresses");
REDOUBT_PRIMITIVE(save_sysregs, "() → ()", "-", "H", "lower 4.12", "saves the EL1 and EL0 system registers, PC and PSTATE of the exit (meant: W5)");
REDOUBT_PRIMITIVE(restore_sysregs, "() → ()", "-", "H", "lower 4.12", "loads them and what exit_populate_fault saved");
REDOUBT_PRIMITIVE(fpsimd_save_state, "() → ()", "-", "H", "lower 4.12", "saves the FP and SIMD state");
REDOUBT_PRIMITIVE(fpsimd_restore_state, "() → ()", "-", "H", "lower 4.12", "loads it");
REDOUBT_PRIMITIVE(activate_traps, "() → ()", "-", "H", "lower 4.12", "traps for a VM");
REDOUBT_PRIMITIVE(deactivate_traps, "() → ()", "-", "H", "lower 4.12", "traps for the host");
REDOUBT_PRIMITIVE(timer_enable_traps, "() → ()", "-", "H", "lower 4.12", "timer traps for a VM");
REDOUBT_PRIMITIVE(timer_set_cntvoff, "() → ()", "-", "H", "lower 4.12", "loads the vCPU's offset of the virtual counter (R20)");
REDOUBT_PRIMITIVE(core_handle_sys64, "() → ()", "-", "H", "lower 4.12", "skips a trapped system instruction (meant: W7)");
REDOUBT_PRIMITIVE(vm_el2_restore_state, "() → ()", "-", "H", "lower 4.12", "stage 2 and traps of the current VM");
REDOUBT_PRIMITIVE(host_el2_restore_state, "() → ()", "-", "H", "lower 4.12", "stage 2 and traps of the host");

// --- trap decoding ---
REDOUBT_PRIMITIVE(host_dabt_get_rd, "(hsr u32) → u32", "-", "none", "lower 4.13", "register of a trapped access");
REDOUBT_PRIMITIVE(host_dabt_is_write, "(hsr u32) → u32", "-", "none", "lower 4.13", "is a trapped access a write?");
REDOUBT_PRIMITIVE(host_dabt_get_as, "(hsr u32) → u32", "-", "none", "lower 4.13", "bytes of a trapped access");
REDOUBT_PRIMITIVE(host_skip_instr, "() → ()", "-", "H", "lower 4.13", "skips the trapped instruction (meant: W7)");
REDOUBT_PRIMITIVE(host_get_fault_ipa, "(addr u64) → u64", "-", "H", "lower 4.13", "fault address with its page offset");
REDOUBT_PRIMITIVE(read_actlr_el1, "() → u64", "-", "H", "lower 4.13", "ACTLR_EL1");
REDOUBT_PRIMITIVE(read_hpfar_el2, "() → u64", "-", "H", "lower 4.13", "HPFAR_EL2");
REDOUBT_PRIMITIVE(read_esr_el2, "() → u32", "-", "H", "lower 4.13", "ESR_EL2, its low 32 bits");
REDOUBT_PRIMITIVE(get_exception_vector, "(pstate u64) → u64", "-", "none", "lower 4.13", "vector of an exception taken to EL1, as an offset from VBAR_EL1");
REDOUBT_PRIMITIVE(get_sys_reg_desc_val, "(index u32) → u64", "-", "H·register index", "lower 4.13", "reset value of a system register");

// --- raw memory and devices ---
REDOUBT_PRIMITIVE(mem_load_raw, "(gfn u64, reg u32) → ()", "-", "none", "lower 4.14", "hook: a principal loads from memory");
REDOUBT_PRIMITIVE(mem_store_raw, "(gfn u64, reg u32) → ()", "-", "none", "lower 4.14", "hook: a principal stores to memory");
REDOUBT_PRIMITIVE(dev_load_raw, "(gfn u64, reg u32, cbndx u32, index u32) → ()", "-", "none", "lower 4.14", "hook: a device loads");
REDOUBT_PRIMITIVE(dev_store_raw, "(gfn u64, reg u32, cbndx u32, index u32) → ()", "-", "none", "lower 4.14", "hook: a device stores");
REDOUBT_PRIMITIVE(writel_relaxed, "(value u64, addr u64) → ()", "-", "H", "lower 4.14", "32-bit device write");
REDOUBT_PRIMITIVE(writeq_relaxed, "(value u64, addr u64) → ()", "-", "H", "lower 4.14", "64-bit device write");
REDOUBT_PRIMITIVE(readq_relaxed, "(addr u64) → u64", "-", "H", "lower 4.14", "64-bit device read");
REDOUBT_PRIMITIVE(readl_relaxed, "(addr u64) → u64", "-", "H", "lower 4.14", "32-bit device read");

// --- page contents and crypto ---
REDOUBT_PRIMITIVE(clear_phys_page, "(pfn u64) → ()", "-", "H·P(pfn)", "lower 4.15", "zeroes a page");
REDOUBT_PRIMITIVE(fetch_from_doracle, "(vmid u32, pfn u64, pgnum u64) → ()", "-", "H·V·P(pfn)·P(pgnum)·P(pfn+pgnum−1)", "lower 4.15",
                  "page contents become the new owner's initial data");
REDOUBT_PRIMITIVE(begin_image_hash, "(vmid u32) → ()", "vm(v)", "H·V·L(vm v)", "own", "forgets what was hashed of the VM's images");
REDOUBT_PRIMITIVE(add_image_hash, "(vmid u32, pfn u64, at u64) → ()", "vm(v)", "H·V·L(vm v)·P(pfn)·piece", "own", "goes on with a KiB of a page");
REDOUBT_PRIMITIVE(end_image_hash, "(vmid u32, load_idx u32) → u32", "vm(v)", "H·V·L(vm v)·I", "own", "is SHA-512 of what was hashed the image's digest?");
REDOUBT_PRIMITIVE(encrypt_mem_buf, "(vmid u32, inbuf u64, outbuf u64) → status", "-", "H·P(inbuf)·P(outbuf)·bad argument → status", "lower 4.15", "encrypts a page into another under the VM's next version");
REDOUBT_PRIMITIVE(decrypt_mem_buf, "(vmid u32, inbuf u64) → status", "-", "H·P(inbuf)·bad argument → status", "lower 4.15", "decrypts in place what was sealed last from the frame, once");
REDOUBT_PRIMITIVE(encrypt_gp_regs, "(vmid u32, vcpuid u32) → status", "-", "H·bad argument → status", "lower 4.15", "encrypts saved general registers for the host");
REDOUBT_PRIMITIVE(encrypt_sys_regs, "(vmid u32, vcpuid u32) → status", "-", "H·bad argument → status", "lower 4.15", "encrypts saved system registers for the host");
REDOUBT_PRIMITIVE(decrypt_gp_regs, "(vmid u32, vcpuid u32) → status", "-", "H·V·C·bad argument → status", "lower 4.15", "restores them");
REDOUBT_PRIMITIVE(decrypt_sys_regs, "(vmid u32, vcpuid u32) → status", "-", "H·V·C·bad argument → status", "lower 4.15", "restores them");
REDOUBT_PRIMITIVE(verify_image, "(vmid u32, addr u64) → u32", "vm(v)", "H·V·A(addr)·L(vm v)", "lower 4.15", "is the image there complete, and signed by a trusted key? (not always 1: W29)");

// --- handles, check, panic ---
REDOUBT_PRIMITIVE(get_shared_kvm, "(vmid u32) → u64", "-", "H·V", "lower 4.16", "address of what core and host share of a VM");
REDOUBT_PRIMITIVE(get_shared_vcpu, "(vmid u32, vcpuid u32) → u64", "-", "H·V·C", "lower 4.16", "address of what they share of a vCPU");
REDOUBT_PRIMITIVE(check, "(n u32) → u32", "-", "H", "lower 4.16", "identity; zero when halted");
REDOUBT_PRIMITIVE_TEMPLATE(check64, Word, "(n u64) → u64", "-", "H", "lower 4.16", "identity; zero when halted");
REDOUBT_PRIMITIVE(panic, "(why u32) → ()", "-", "none", "lower 4.16", "stops the machine for good");
// clang-format on

using ShadowContext = List<get_shadow_ctxt, set_shadow_ctxt, get_shadow_esr, get_shadow_dirty_bit,
                           set_shadow_dirty_bit, clear_shadow_gp_regs, reset_fp_regs>;
using HostSupplied = List<get_int_esr, get_int_gpr, get_int_pc, get_int_pstate, set_int_gpr,
                          get_vm_fault_addr, get_int_new_pte>;
using HostSuppliedUnused = List<get_int_new_level, get_int_run_vcpuid>;  // end at PTAlloc
using PerCpu = List<get_cur_vmid, get_cur_vcpuid, set_per_cpu>;
using WorldSwitch = List<host_to_core, vm_to_core, core_to_host, core_to_vm, exit_populate_fault,
                         save_sysregs, restore_sysregs, fpsimd_save_state, fpsimd_restore_state,
                         activate_traps, deactivate_traps, timer_enable_traps, timer_set_cntvoff,
                         core_handle_sys64, vm_el2_restore_state, host_el2_restore_state>;
using TrapDecoding =
    List<host_dabt_get_rd, host_dabt_is_write, host_dabt_get_as, host_skip_instr, host_get_fault_ipa,
         read_actlr_el1, read_hpfar_el2, read_esr_el2, get_exception_vector, get_sys_reg_desc_val>;
using RawAccess = List<mem_load_raw, mem_store_raw>;
using RawDeviceAccess =
    List<dev_load_raw, dev_store_raw, writel_relaxed, writeq_relaxed, readq_relaxed, readl_relaxed>;
using PageContents = List<clear_phys_page, fetch_from_doracle, encrypt_mem_buf, decrypt_mem_buf,
                          encrypt_gp_regs, encrypt_sys_regs, decrypt_gp_regs, decrypt_sys_regs, verify_image>;
using Handles = List<get_shared_kvm, get_shared_vcpu>;
using CheckAndPanic = List<check, check64, panic>;

}  // namespace redoubt::registry::prim
