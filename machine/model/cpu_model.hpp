// SPDX-License-Identifier: BSD-3-Clause
// The CPU part of the model machine: saved contexts, registers, what is loaded, what the host sees, device
// accesses.
#pragma once
#include "core/machine/guest_machine.hpp"
#include "core/machine/manifest_machine.hpp"
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
  Word general_register(Word number) { return cpu_.hw.read(Word(0), number); }
  void set_general_register(Word number, Word value) {
    cpu_.hw.write(Word(0), number, value);
    self().record(EventKind::hw_write, Word(0), number, value);
  }
  Word shared_word(VmId vmid) { return self().data_oracle(vmid.raw); }
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

  // --- a running vCPU beside memory: the emulation may answer anything ---
  Word mailbox_read(HostAnswer, VmId vmid, VcpuId, Word) { return self().data_oracle(vmid.raw); }
  void mailbox_write(ShownWord field, VmId vmid, VcpuId vcpuid, Word index, Word value) {
    const Word at = Word(spec::SHOWN_WORDS) + (Word(static_cast<u64>(field)) << 2) + index;
    cpu_.shown.write(ctxt_id(vmid, vcpuid).raw, at, value);
    self().record(EventKind::show_host, ctxt_id(vmid, vcpuid).raw, at, value);
  }
  Word guest_event(GuestEvent event, Word a, Word b, Word c, Word d) {
    note_guest(static_cast<u64>(event), {a, b, c, d});
    return self().data_oracle(cpu_.cur_vmid) & Word(7);
  }
  Word guest_answer(GuestAnswer answer) {
    const Word value = self().data_oracle(cpu_.cur_vmid);
    return answer == GuestAnswer::results ? value & Word(7) : value;
  }
  Word guest_word(GuestWord, VmId vmid, VcpuId, Word) { return self().data_oracle(vmid.raw); }
  void forget_other_vcpu(VmId vmid, VcpuId vcpuid) {
    const Word last = cpu_.last_vcpu.read(vmid.raw, Word(0)), self_last = vcpuid.raw + Word(1);
    if (last != Word(0) && last != self_last) {
      note_guest(spec::GUEST_FORGETS, {vmid.raw, Word(0), Word(0), Word(0)});
    }
    cpu_.last_vcpu.write(vmid.raw, Word(0), self_last);
  }

  // --- manifests: any of them may come, and any may be refused ---
  void fetch_manifest(Pfn<Word> pfn) {
    note_guest(spec::GUEST_FETCHES, {pfn.raw, Word(0), Word(0), Word(0)});
  }
  Status admit_manifest(Word bytes) {
    note_guest(spec::GUEST_ADMITS, {bytes, Word(0), Word(0), Word(0)});
    const Word verdict = self().data_oracle(Word(HOSTVISOR)) & Word(3);
    if (verdict == Word(0)) {
      return Status::ok;
    }
    if (verdict == Word(1)) {
      return Status::invalid_parameter;
    }
    return verdict == Word(2) ? Status::denied : Status::no_memory;
  }
  Word manifest_word(ManifestWord word, Word image, Word index) {
    return cpu_.manifest.read(Word(static_cast<u64>(word)), (image << 3) + index);
  }
  void keep_manifest() { note_guest(spec::GUEST_KEEPS, {Word(0), Word(0), Word(0), Word(0)}); }

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

  void note_guest(u64 what, const std::array<Word, 4>& arguments) {
    const Word n = cpu_.guest_events;
    cpu_.guest_log.write(n, Word(0), Word(what));
    for (u64 i = 0; i < arguments.size(); ++i) {
      cpu_.guest_log.write(n, Word(i + 1), arguments[i]);
    }
    cpu_.guest_events = n + Word(1);
    self().record(EventKind::guest_event, Word(what), arguments[0], arguments[1]);
  }

  spec::CpuState<D> cpu_;
};

}  // namespace redoubt
