// SPDX-License-Identifier: BSD-3-Clause
// A machine that notes what it does to the core's state, for the runtime oracle of the debug core.
#pragma once
#include "core/machine/guest_machine.hpp"
#include "core/machine/hash_machine.hpp"
#include "core/machine/manifest_machine.hpp"
#include "core/machine/record_layout.hpp"
#include "machine/oracle/call_record.hpp"
#include "spec/machine/cpu_state.hpp"
#include "spec/machine/state.hpp"

namespace redoubt::oracle {

// Base: a machine over 64-bit words with flat memory. Watch: `record()` is the CallRecord to fill, nullptr
// where this CPU is not being checked; `fingerprint(frame)` of a page, 0 only if all of it is zero;
// `host_vector(context, number)` is where a vector register is kept instead of the context, or nullptr;
// `kSeeded` is the one fault that a test has compiled in.
template <class Base, class Watch>
class WatchedMachine : public Base {
 public:
  using Base::Base;
  using Word = u64;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::Pa;
  using typename Base::VmId;
  using VcpuId = redoubt::VcpuId<Word>;
  using ContextId = redoubt::ContextId<Word>;

  static constexpr bool seeded(Fault fault) { return fault != Fault::none && fault == Watch::kSeeded; }

  // --- tables ---
  void pt_store(VmId vmid, Pa slot, Descriptor value) {
    note(Raw::table, vmid.raw, slot.raw, [&] { return Base::pt_load(vmid, slot).raw; });
    Base::pt_store(vmid, slot, value);
  }
  void set_next(Zone zone, VmId vmid, Pa value) {
    note(Raw::next, vmid.raw, static_cast<u64>(zone), [&] { return Base::next(zone, vmid).raw; });
    Base::set_next(zone, vmid, value);
  }
  void pool_reset(VmId vmid) {
    for (const Zone zone : {Zone::pgd, Zone::pud, Zone::pmd}) {
      note(Raw::next, vmid.raw, static_cast<u64>(zone), [&] { return Base::next(zone, vmid).raw; });
    }
    note(Raw::reset, vmid.raw, 0, [] { return u64{0}; });
    Base::pool_reset(vmid);
  }
  // What spec/ says of maintenance belongs to the sections of tables.
  void acquire_shared(redoubt::LockId<Word> lock) {
    section(lock, true);
    Base::acquire_shared(lock);
  }
  void release_shared(redoubt::LockId<Word> lock) {
    section(lock, false);
    Base::release_shared(lock);
  }
  void dsb_ishst() {
    step(spec::Step::dsb_ishst);
    Base::dsb_ishst();
  }
  void dsb_ish() {
    step(spec::Step::dsb_ish);
    Base::dsb_ish();
  }
  void isb() {
    step(spec::Step::isb);
    Base::isb();
  }
  void tlbi_ipas2e1is(VmId vmid, Ipa addr) {
    step(spec::Step::tlbi_ipas2e1is, vmid.raw, addr.raw);
    Base::tlbi_ipas2e1is(vmid, addr);
  }
  void tlbi_vmalle1is(VmId vmid) {
    step(spec::Step::tlbi_vmalle1is, vmid.raw);
    Base::tlbi_vmalle1is(vmid);
  }
  void tlbi_vmalls12e1is(VmId vmid) {
    step(spec::Step::tlbi_vmalls12e1is, vmid.raw);
    Base::tlbi_vmalls12e1is(vmid);
  }

  // --- ownership and records ---
  void page_store(PageIndex<Word> index, Word value) {
    note(Raw::page, index.raw, 0, [&] { return Base::page_load(index); });
    Base::page_store(index, value);
  }
  void set_core_word(CoreField field, Word value) {
    note(Raw::core_word, static_cast<u64>(field), 0, [&] { return Base::core_word(field); });
    Base::set_core_word(field, value);
  }
  void set_vm_word(VmField field, VmId vmid, Word index, Word value) {
    note(Raw::vm_word, vmid.raw, static_cast<u64>(field) + index,
         [&] { return Base::vm_word(field, vmid, index); });
    Base::set_vm_word(field, vmid, index, value);
  }

  // --- contexts and the CPU ---
  void shadow_store(ContextId id, Word number, Word value) {
    note_shadow(id, number, 1);
    Base::shadow_store(id, number, value);
  }
  void general_save(ContextId id) {
    note_shadow(id, ctxt::X0, 31);
    Base::general_save(id);
  }
  void fp_save(ContextId id) {
    note_shadow(id, ctxt::FPSR, 2);
    note_shadow(id, ctxt::Q0, 64);
    Base::fp_save(id);
  }
  void set_cur(VmId vmid, VcpuId vcpuid) {
    note(Raw::loaded, 0, 0, [&] { return Base::cur_vmid(); });
    note(Raw::loaded, 1, 0, [&] { return Base::cur_vcpuid(); });
    Base::set_cur(vmid, vcpuid);
  }
  void forget_other_vcpu(VmId vmid, VcpuId vcpuid) {
    note(Raw::last_vcpu, vmid.raw, 0, [&] { return Watch::last_vcpu(vmid.raw); });
    if (const u64 last = Watch::last_vcpu(vmid.raw); last != 0 && last != vcpuid.raw + 1) {
      event({spec::GUEST_FORGETS, vmid.raw, 0, 0, 0});
    }
    Base::forget_other_vcpu(vmid, vcpuid);
  }
  Word read_actlr_el1() { return given(Base::cur_vmid(), Base::read_actlr_el1()); }

  // --- contents and hashes ---
  void page_clear(Pfn<Word> pfn, Word bytes) {
    Base::page_clear(pfn, bytes);
    new_contents(pfn.raw);
  }
  void page_fetch(VmId vmid, Pfn<Word> pfn, Word pages) {
    Base::page_fetch(vmid, pfn, pages);
    for (Word i = 0; i < pages; ++i) {
      given(vmid.raw, new_contents(pfn.raw + i));
    }
  }
  void hash_begin(VmId vmid) {
    Base::hash_begin(vmid);
    note_hash(vmid.raw, [](u64) { return u64{0}; });
  }
  void hash_add(VmId vmid, Pfn<Word> pfn, Word offset) {
    Base::hash_add(vmid, pfn, offset);
    note_hash(vmid.raw, [&](u64 now) { return hash_step(now, Watch::fingerprint(pfn.raw) + offset); });
  }
  bool hash_is(VmId vmid, const DigestWords<Word>& digest) {
    const bool equal = Base::hash_is(vmid, digest);
    if (CallRecord* const record = Watch::record()) {
      record->hash_compared(record->hashed[vmid.raw], digest, equal);
    }
    return equal;
  }

  // --- mailboxes, emulation, manifests ---
  Word mailbox_read(HostAnswer which, VmId vmid, VcpuId vcpuid, Word index) {
    return given(vmid.raw, Base::mailbox_read(which, vmid, vcpuid, index));
  }
  Word host_value(HostField field, VmId vmid, VcpuId vcpuid, Word index) {
    return given(vmid.raw, Base::host_value(field, vmid, vcpuid, index));
  }
  void mailbox_write(ShownWord which, VmId vmid, VcpuId vcpuid, Word index, Word value) {
    show(vmid, vcpuid, spec::SHOWN_WORDS + 4 * static_cast<u64>(which) + index, value);
    Base::mailbox_write(which, vmid, vcpuid, index, value);
  }
  void show_host_gpr(VmId vmid, VcpuId vcpuid, Word index, Word value) {
    show(vmid, vcpuid, index, value);
    Base::show_host_gpr(vmid, vcpuid, index, value);
  }
  Word guest_event(GuestEvent which, Word a, Word b, Word c, Word d) {
    event({static_cast<u64>(which), a, b, c, d});
    const u64 vmid = Base::cur_vmid();
    return given(vmid, Base::guest_event(which, a, b, c, d));
  }
  Word guest_answer(GuestAnswer answer) { return given(Base::cur_vmid(), Base::guest_answer(answer)); }
  Word guest_word(GuestWord word, VmId vmid, VcpuId vcpuid, Word index) {
    return given(vmid.raw, Base::guest_word(word, vmid, vcpuid, index));
  }
  void fetch_manifest(Pfn<Word> pfn) {
    event({spec::GUEST_FETCHES, pfn.raw, 0, 0, 0});
    Base::fetch_manifest(pfn);
  }
  Status admit_manifest(Word bytes) {
    event({spec::GUEST_ADMITS, bytes, 0, 0, 0});
    const Status status = Base::admit_manifest(bytes);
    given(HOSTVISOR, verdict(status));
    return status;
  }
  void keep_manifest() {
    event({spec::GUEST_KEEPS, 0, 0, 0, 0});
    Base::keep_manifest();
  }

 private:
  template <class Old>
  void note(Raw kind, u64 k0, u64 k1, Old old) {
    if (CallRecord* const record = Watch::record()) {
      record->old_value(kind, k0, k1, old());
    }
  }
  void note_shadow(ContextId id, Word first, Word count) {
    for (Word n = first; n < first + count; ++n) {
      note(Raw::shadow, id.raw, n, [&] {
        const u64* const elsewhere = Watch::host_vector(id.raw, n);
        return elsewhere != nullptr ? *elsewhere : Base::shadow_load(id, n);
      });
    }
  }
  template <class Next>
  void note_hash(u64 vmid, Next next) {
    if (CallRecord* const record = Watch::record()) {
      record->old_value(Raw::hashed, vmid, 0, record->hashed[vmid]);
      record->hashed[vmid] = next(record->hashed[vmid]);
    }
  }
  u64 new_contents(u64 frame) {
    CallRecord* const record = Watch::record();
    if (record == nullptr) {
      return 0;
    }
    const u64 now = Watch::fingerprint(frame);
    record->new_value(Raw::contents, frame, 0, now);
    return now;
  }
  Word given(u64 vmid, Word value) {
    if (CallRecord* const record = Watch::record()) {
      record->supplied(vmid, value);
    }
    return value;
  }
  void show(VmId vmid, VcpuId vcpuid, u64 word, Word value) {
    if (CallRecord* const record = Watch::record()) {
      record->new_value(Raw::shown, ctxt_id(vmid, vcpuid).raw, word, value);
    }
  }
  void event(const CallRecord::Event& what) {
    if (CallRecord* const record = Watch::record()) {
      record->guest_event(what);
    }
  }
  static void section(redoubt::LockId<Word> lock, bool held) {
    if (CallRecord* const record = Watch::record(); lock.raw >= NPT_ID && lock.raw < INFO_ID && record) {
      record->table_section = held;
    }
  }
  void step(spec::Step kind, u64 vmid = 0, u64 address = 0) {
    if (CallRecord* const record = Watch::record(); record && record->table_section) {
      record->maintenance({static_cast<u64>(kind), vmid, address});
    }
  }
  // As the specification's tape has it.
  u64 verdict(Status status) {
    switch (status) {
      case Status::ok:
        return 0;
      case Status::invalid_parameter:
        return 1;
      case Status::denied:
        return 2;
      case Status::no_memory:
        return 3;
      default:
        break;
    }
    if (CallRecord* const record = Watch::record()) {
      record->unknown();
    }
    return 0;
  }
};

}  // namespace redoubt::oracle
