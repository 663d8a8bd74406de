// SPDX-License-Identifier: BSD-3-Clause
// The CPU part of the model machine: saved contexts, registers, what is loaded, what the host sees, device
// accesses.
#pragma once
#include "core/machine/cpu_machine.hpp"
#include "machine/model/event.hpp"
#include "spec/machine/cpu_state.hpp"

namespace redoubt {

// A base of the model machine `Self`, which records and has the oracle.
template <class Self, ValueDomain D>
class CpuModel {
 public:
  using Word = typename D::Word;
  using VmId = redoubt::VmId<Word>;
  using VcpuId = redoubt::VcpuId<Word>;
  using ContextId = redoubt::ContextId<Word>;

  Word shadow_load(ContextId id, Word number) { return cpu_.shadow.read(id.raw, number); }
  void shadow_store(ContextId id, Word number, Word value) {
    cpu_.shadow.write(id.raw, number, value);
    self().record(EventKind::shadow_store, id.raw, number, value);
  }

  template <u64 Number>
  Word hw_read() {
    static_assert(is_register(Number), "a register of the context's table");
    return cpu_.hw.read(Word(0), Word(Number));
  }
  template <u64 Number>
  void hw_write(Word value) {
    static_assert(is_register(Number), "a register of the context's table");
    cpu_.hw.write(Word(0), Word(Number), value);
    self().record(EventKind::hw_write, Word(0), Word(Number), value);
  }
  // Implementation defined, so nothing is known of it.
  Word read_actlr_el1() { return self().data_oracle(cpu_.cur_vmid); }
  template <TrapSetting Setting>
  Word trap_setting() {
    return cpu_.trap_setting.read(Word(static_cast<u64>(Setting)), Word(0));
  }

  Word cpu_id() { return cpu_.curid; }
  Word cur_vmid() { return cpu_.cur_vmid; }
  Word cur_vcpuid() { return cpu_.cur_vcpuid; }
  void set_cur(VmId vmid, VcpuId vcpuid) {
    cpu_.cur_vmid = vmid.raw;
    cpu_.cur_vcpuid = vcpuid.raw;
    self().record(EventKind::set_cur, vmid.raw, vcpuid.raw, Word(0));
  }

  Word host_value(HostField, VmId vmid, VcpuId, Word) { return self().data_oracle(vmid.raw); }
  void show_host_gpr(VmId vmid, VcpuId vcpuid, Word index, Word value) {
    cpu_.shown.write(ctxt_id(vmid, vcpuid).raw, index, value);
    self().record(EventKind::show_host, ctxt_id(vmid, vcpuid).raw, index, value);
  }

  Word device_read(DeviceWidth width, Word addr) {
    note_access(width, addr, false, Word(0));
    return self().data_oracle(Word(HOSTVISOR));
  }
  void device_write(DeviceWidth width, Word addr, Word value) { note_access(width, addr, true, value); }

  // --- what harnesses look at ---
  [[nodiscard]] const spec::CpuState<D>& cpu() const { return cpu_; }

 private:
  friend Self;
  explicit CpuModel(const spec::CpuState<D>& initial) : cpu_(initial) {}

  Self& self() { return static_cast<Self&>(*this); }
  void note_access(DeviceWidth width, Word addr, bool write, Word value) {
    const Word n = cpu_.device_accesses;
    cpu_.device_log.write(n, Word(spec::DEVICE_ADDRESS), addr);
    cpu_.device_log.write(n, Word(spec::DEVICE_WIDTH), Word(static_cast<u64>(width)));
    cpu_.device_log.write(n, Word(spec::DEVICE_IS_WRITE), Word(write ? 1 : 0));
    cpu_.device_log.write(n, Word(spec::DEVICE_VALUE), value);
    cpu_.device_accesses = n + Word(1);
    self().record(write ? EventKind::device_write : EventKind::device_read, Word(static_cast<u64>(width)),
                  addr, value);
  }

  spec::CpuState<D> cpu_;
};

}  // namespace redoubt
