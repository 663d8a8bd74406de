// SPDX-License-Identifier: BSD-3-Clause
// Random valid states with a vCPU or the host loaded: exits of every kind, calls of the host, answers of host
// and emulation that often mean something.
#pragma once
#include "core/registry/vcpu_invariants.hpp"
#include "tests/property/registry/vm_world.hpp"

namespace redoubt::test {

inline constexpr u64 kGuestRam = 0x4000'0000, kGuestRamFrame = kFree + 0x40;  // VM 1's page there

inline u64 word64(Choice& c) { return c.word() << 32 | c.word(); }

// Syndrome of an exit: mostly one that the core knows.
inline u64 random_syndrome(Choice& c) {
  const u64 ec = c.of({1, 0x16, 0x17, 0x18, 0x18, 0x20, 0x24, 0x24, 0x24, 0x24, 0, c.below(64)});
  const u64 status = c.of({4, 5, 6, 7, 7, 7, 0x2b, 0x0f, 0x10, c.below(64)});
  const u64 rt = c.of({31, 0, c.below(32), c.below(32)});
  const u64 access = rt << 16 | c.below(4) << 22 | c.below(2) << 21 | c.below(2) << 15 | c.below(2) << 6 |
                     u64{!c.one_in(6)} << 24 | u64{c.one_in(8)} << 7 | c.below(2) << 8 | c.below(2) << 10;
  const bool abort = ec == 0x20 || ec == 0x24;
  const u64 iss = abort ? access | status : c.word() & 0x1ff'ffff;
  return ec << 26 | u64{!c.one_in(8)} << 25 | iss;
}
// Page of a guest's fault.
inline u64 random_fault_page(Choice& c) {
  return c.of({0x080a'0000 + c.below(18) * 0x1'0000, 0x080b'0000 + c.below(8) * 0x2'0000, 0x0900'0000,
               0x0800'0000, kGuestRam + c.below(3) * PAGE_SIZE, kGuestRam, kGuestRam + (u64{1} << 32),
               kGuestRam - PAGE_SIZE, word64(c) & ((u64{1} << 40) - PAGE_SIZE)});
}
inline u64 random_pstate(Choice& c) {
  return (c.word() & 0xf140'1000) | c.of({0, 4, 5, 5, 0x10, c.below(32)}) | c.below(16) << 6;
}

// What DIRTY may be between two runs of a vCPU whose syndrome is `esr`.
inline u64 random_todo(Choice& c, u64 esr) {
  const u64 rt = esr >> 16 & 31, bit = rt == 31 ? 0 : u64{1} << rt;
  return c.of({0, dirty::kPc, dirty::kPc | bit, bit, dirty::kUndefined, dirty::kInstructionAbort,
               dirty::kDataAbort, INVALID64});
}

template <class S>
void fill_exit(Choice& c, S& s, auto& map, u64 id) {
  const u64 esr = random_syndrome(c);
  map.write(id, ctxt::ESR_EL2, esr);
  map.write(id, ctxt::EC, c.of({0, 1, 2, 2, 2, 2, 2, 2, c.below(8)}));
  map.write(id, ctxt::HPFAR_EL2, random_fault_page(c) >> 8);
  map.write(id, ctxt::FAR_EL2, word64(c));
  (void)s;
}

template <class S>
void random_contexts(Choice& c, S& s) {
  for (u64 v = 0; v <= 3; ++v) {
    for (u64 n = 0; n < VCPU_PER_VM; ++n) {
      const u64 id = v * VCPU_PER_VM + n;
      if (n > 1 && id != s.cpu.cur_vmid * VCPU_PER_VM + s.cpu.cur_vcpuid && id != s.cpu.curid) {
        continue;
      }
      fill_registers(s, id, word64(c));
      fill_exit(c, s, s.cpu.shadow, id);
      s.cpu.shadow.write(id, ctxt::DIRTY, random_todo(c, s.cpu.shadow.read(id, ctxt::ESR_EL2)));
      s.cpu.shadow.write(id, ctxt::EXIT_REASON, c.of({0, 1, 2, 2, 2, 3, 4, 6, 7, 8}));
      s.cpu.shadow.write(id, ctxt::PSTATE, random_pstate(c));
    }
  }
  fill_exit(c, s, s.cpu.hw, 0);
  s.cpu.hw.write(0, ctxt::SPSR_EL2, random_pstate(c));
}

// What host and emulation say: small numbers, interrupts, small multiples of a page, anything.
template <class S>
void random_answers(Choice& c, S& s, Concrete& domain) {
  using Map = typename S::Map;
  const u64 salt = word64(c);
  s.oracles.doracle = Map(domain, "doracle", [salt](u64 vmid, u64 n) {
    const u64 h = mixed(salt, vmid, n), value = h >> 8;
    switch (h & 7) {
      case 0:
      case 1:
      case 2:
        return value & 7;
      case 3:
        return (32 + (value & 0xff)) | (value & 0xff'0000);
      case 4:
        return kGuestRam + ((value & 3) << PAGE_SHIFT);
      default:
        return value << 8 | (h >> 56);
    }
  });
  s.cpu.manifest = Map(domain, "manifest", [salt](u64 word, u64 n) -> u64 {
    const u64 h = mixed(salt, word, n + 77);
    switch (static_cast<ManifestWord>(word)) {
      case ManifestWord::memory_base:
        return h % 8 == 0 ? h : kGuestRam;
      case ManifestWord::memory_size:
        return h % 8 == 0 ? h : PMD_SIZE << (h & 3);
      case ManifestWord::vcpus:
        return h % 10;
      case ManifestWord::images:
        return h % 7;
      case ManifestWord::image_address:
        return h % 8 == 0 ? h : kGuestRam + ((n >> 3) << 16);
      case ManifestWord::image_size:
        return h % 8 == 0 ? 0 : h & 0xffff;
      default:
        return h;
    }
  });
}

// A VERIFIED VM with two vCPUs that may enter, if there is one.
template <class S>
u64 runnable_vm(Choice& c, S& s) {
  for (const u64 v : {1 + c.below(3), u64{1}, u64{2}, u64{3}}) {
    if (s.records.vm_state.read(v, 0) == vm_state::VERIFIED) {
      s.records.vm_vcpu_state.write(v, 0, vm_state::READY);
      s.records.vm_vcpu_state.write(v, 1, vm_state::READY);
      return v;
    }
  }
  return 1;
}

// Arguments of a call: near what the subject is about, or a boundary.
class CallArguments {
 public:
  CallArguments(Choice& c, VmSubject subject) : c_(c), subject_(subject) {}

  u64 frame() {
    return c_.one_in(6) ? c_.of({0, (u64{1} << 40) - PAGE_SIZE, u64{1} << 40, INVALID64,
                                 kRam1 + 3 * PAGE_SIZE, kDevicePages, (subject_.pfn << PAGE_SHIFT) + 8})
                        : subject_.pfn << PAGE_SHIFT;
  }
  u64 guest() {
    return c_.one_in(6) ? c_.of({0, (u64{1} << 40) - PAGE_SIZE, u64{1} << 48, INVALID64, kGuestRam + 1})
                        : c_.of({subject_.gfn << PAGE_SHIFT, kGuestRam, kGuestRam + PMD_SIZE});
  }
  u64 pages() { return c_.one_in(6) ? c_.of({0, 33, INVALID64}) : c_.of({1, 1, 2, 3}); }
  u64 vmid() { return c_.one_in(8) ? c_.of({0, 16, 17, 0xffff'ffff, 0x1'0000'0001}) : subject_.vmid; }

  // x1 to x5 of that call.
  std::array<u64, 5> of(u64 call) {
    switch (call & 0xffff'ffff) {
      case REDOUBT_HOST_VM_CREATE:
        return {c_.one_in(3) ? frame() : kFree << PAGE_SHIFT, c_.of({672, 4096, 4097, 0, INVALID64})};
      case REDOUBT_HOST_VCPU_CREATE:
        return {vmid(), c_.of({0, 1, 2, 7, 8, INVALID64})};
      case REDOUBT_HOST_VM_DONATE_IMAGE:
        return {vmid(), c_.of({0, 1, 1, 4, 5, INVALID64}), frame(), pages()};
      case REDOUBT_HOST_VM_DONATE:
        return {vmid(), guest(), frame(), pages(), c_.of({0, 1, 1, 2, INVALID64})};
      case REDOUBT_HOST_VM_MAP_BLOCK:
        return {vmid(), c_.of({kVmBlockGfn << PAGE_SHIFT, guest()}),
                c_.of({kVmBlock << PAGE_SHIFT, frame()})};
      default:
        return {vmid(), frame(), pages()};
    }
  }

 private:
  Choice& c_;
  VmSubject subject_;
};

// The host's x0 to x5: a call about a VM that the state has; often VCPU_RUN of a vCPU that may.
template <class S>
void random_call(Choice& c, S& s) {
  CallArguments arguments(c, random_vm_subject(c));
  u64 call = c.one_in(12) ? c.word() : REDOUBT_HOST_CALL(0x10 + c.below(11));
  std::array<u64, 5> x = arguments.of(call);
  if (c.one_in(3)) {
    call = REDOUBT_HOST_VCPU_RUN;
    x = {runnable_vm(c, s), c.below(2)};
  }
  call |= c.one_in(8) ? 0x1'0001'0000 : 0;
  for (u64 n = 0; n < 6; ++n) {
    const u64 value = n == 0 ? call : x[n - 1];
    s.cpu.hw.write(0, n, value);
    s.cpu.shadow.write(s.cpu.curid, n, value);
  }
}

// VM memory reaches from where the pages of vm_world.hpp are to 1 GiB behind the end of device space; VM 1
// has a page there.
template <class P>
void add_guest_ram(Choice& c, State<P>& s) {
  for (u64 v = 1; v <= 3; ++v) {
    if (s.records.vm_item.read(v, static_cast<u64>(VmItem::memory_size)) != 0) {
      s.records.vm_item.write(v, static_cast<u64>(VmItem::memory_size), 2 * kGuestRam);
    }
  }
  if (s.records.vm_state.read(1, 0) != vm_state::UNUSED && c.one_in(2)) {
    give_page(s, 1, kGuestRamFrame, kGuestRam >> PAGE_SHIFT);
    put(s, 1, kGuestRam, Level::page, kGuestRamFrame << PAGE_SHIFT | PAGE_S2_KERNEL);
    count_pages(s);
    find_parents(s);
    flatten(s);
  }
}

// Loads the host, or a vCPU of a VM that runs or has ended.
template <class P>
void random_load(Choice& c, State<P>& s, bool host) {
  s.cpu.curid = c.below(TOTAL_CPU);
  s.cpu.cur_vmid = HOSTVISOR;
  s.cpu.cur_vcpuid = s.cpu.curid;
  const u64 v = c.of({1, 2, 3});
  const u64 state = s.records.vm_state.read(v, 0);
  if (host || (state != vm_state::VERIFIED && state != vm_state::POWEROFF)) {
    return;
  }
  s.cpu.cur_vmid = v;
  s.cpu.cur_vcpuid = c.below(2);
  s.records.vm_vcpu_state.write(v, s.cpu.cur_vcpuid, vm_state::ACTIVE);
}

template <class P>
State<P> random_vcpu_state(Choice& c, Concrete& domain, bool host) {
  State<P> s = random_vm_state<P>(c, domain);
  add_guest_ram(c, s);
  random_answers(c, s, domain);
  random_load(c, s, host);
  random_contexts(c, s);
  for (u64 v = 1; v <= 3; ++v) {
    s.cpu.last_vcpu.write(v, 0, c.below(4));
  }
  if (s.cpu.cur_vmid == HOSTVISOR) {
    random_call(c, s);
  } else {
    s.cpu.shadow.write(s.cpu.cur_vmid * VCPU_PER_VM + s.cpu.cur_vcpuid, ctxt::DIRTY, 0);
  }
  return s;
}

}  // namespace redoubt::test
