// SPDX-License-Identifier: BSD-3-Clause
// R15: what becomes of VMs when the machine stops: none runs any more, and nothing of them is left in memory.
#pragma once

namespace redoubt {

// Before SYSTEM_OFF or SYSTEM_RESET, by the CPU that asks for it; no lock held. Stops every VM, waits until
// no vCPU runs, zeroes pages and contexts. One of R18's named exceptions: about 1,200 instructions a page of
// a VM.
void end_all_vms();

// From then on no call about VMs is answered.
[[nodiscard]] bool vms_have_ended();

// The last part alone, for a machine that has been stopped (R14): takes no lock.
void zero_vm_memory();

}  // namespace redoubt
