// SPDX-License-Identifier: BSD-3-Clause
// What a machine with vCPUs must offer beside Machine: contexts, registers, identity, the host's words,
// devices.
#pragma once
#include "core/machine/context.hpp"
#include "core/machine/machine.hpp"

namespace redoubt {

// What the host proposes of a vCPU in memory that it can write, or of a VM: `run_vcpuid`.
enum class HostField : std::uint32_t { esr, gpr, pc, pstate, new_pte, new_level, run_vcpuid };

// Values of registers that decide what traps; constant after boot, from the tables of R12.
enum class TrapSetting : std::uint32_t {
  guest_pmuserenr,
  guest_mdcr,
  guest_cptr,
  guest_hcr,
  host_mdcr,
  host_cptr,
  host_hcr,
  count
};

enum class DeviceWidth : std::uint32_t { bits32 = 4, bits64 = 8 };

// Only the primitives of CPU and vCPU need it; a machine without is a Machine all the same. Single effects;
// none can fail. `hw_read<N>`, `hw_write<N>`: register number N of this CPU (context.hpp).
template <class M>
concept CpuMachine = Machine<M> && requires(M& m, typename M::Word w, VmId<typename M::Word> vmid,
                                            VcpuId<typename M::Word> vcpuid,
                                            ContextId<typename M::Word> context, DeviceWidth width) {
  // Saved contexts, core memory: a vCPU's belongs to the CPU that has it loaded, or to who holds vm(vmid).
  { m.shadow_load(context, w) } -> std::same_as<typename M::Word>;
  { m.shadow_store(context, w, w) };

  // Registers of this CPU; x0 to x30 are those that the trap saved.
  { m.template hw_read<ctxt::ELR_EL2>() } -> std::same_as<typename M::Word>;
  { m.template hw_write<ctxt::ELR_EL2>(w) };
  { m.read_actlr_el1() } -> std::same_as<typename M::Word>;
  { m.template trap_setting<TrapSetting::host_cptr>() } -> std::same_as<typename M::Word>;

  // Which CPU this is, and what is loaded on it.
  { m.cpu_id() } -> std::same_as<typename M::Word>;
  { m.cur_vmid() } -> std::same_as<typename M::Word>;
  { m.cur_vcpuid() } -> std::same_as<typename M::Word>;
  { m.set_cur(vmid, vcpuid) };

  // One access of that width to a register of a core-owned device, at a physical address.
  { m.device_read(width, w) } -> std::same_as<typename M::Word>;
  { m.device_write(width, w, w) };

  // A boot constant that only a name which ends at PTAlloc reads.
  { m.region_flag(w) } -> std::same_as<typename M::Word>;
};

// A machine with memory in which the host proposes values and the core shows it registers. `host_value`: one
// load of what the host can change at any time (w: number of a general register).
template <class M>
concept HostValueMachine = CpuMachine<M> && requires(M& m, typename M::Word w, VmId<typename M::Word> vmid,
                                                     VcpuId<typename M::Word> vcpuid, HostField field) {
  { m.host_value(field, vmid, vcpuid, w) } -> std::same_as<typename M::Word>;
  { m.show_host_gpr(vmid, vcpuid, w, w) };
};

}  // namespace redoubt
