// SPDX-License-Identifier: BSD-3-Clause
// The CPU part of a concrete state: what is loaded, registers full of different values, and what differs in
// two.
#pragma once
#include "core/machine/context.hpp"
#include "core/machine/cpu_machine.hpp"
#include "core/registry/primitive.hpp"
#include "tests/property/registry/choice.hpp"
#include "tests/property/registry/world.hpp"

namespace redoubt::test {

// A value that no other place has: so a register that ends up in the wrong one is seen.
inline u64 mixed(u64 a, u64 b, u64 c) {
  u64 x = (a * 0x9e37'79b9'7f4a'7c15) ^ (b * 0xbf58'476d'1ce4'e5b9) ^ (c * 0x94d0'49bb'1331'11eb);
  x = (x ^ (x >> 31)) * 0xbf58'476d'1ce4'e5b9;
  return x ^ (x >> 29);
}

// At boot: the host is loaded on CPU 0; saved contexts are zero; the oracles and the trap settings have
// contents.
template <class S>
void boot_cpu(S& s, Concrete& domain) {
  using Map = typename S::Map;
  s.oracles.doracle = Map(domain, "doracle", [](u64 vmid, u64 n) { return mixed(1, vmid, n); });
  s.oracles.core_doracle = Map(domain, "core_doracle", [](u64 vmid, u64 n) { return mixed(2, vmid, n); });
  s.cpu.curid = 0;
  s.cpu.cur_vmid = HOSTVISOR;
  s.cpu.cur_vcpuid = 0;
  s.cpu.device_accesses = 0;
  s.cpu.guest_events = 0;
  s.cpu.manifest = Map(domain, "manifest", [](u64 word, u64 n) { return mixed(8, word, n); });
  for (u64 setting = 0; setting < static_cast<u64>(TrapSetting::count); ++setting) {
    s.cpu.trap_setting.write(setting, 0, mixed(3, setting, 0));
  }
}

// Fills the CPU and the context `id` with values of their own.
template <class S>
void fill_registers(S& s, u64 id, u64 salt) {
  for (const ContextRegister& r : kContext) {
    for (u64 n = r.number; n < r.number + r.count; ++n) {
      s.cpu.hw.write(0, n, mixed(4, n, salt));
      s.cpu.shadow.write(id, n, mixed(5 + id, n, salt));
    }
  }
}

// A register here and there, for primitives that have nothing to do with them.
template <class S>
void some_registers(S& s) {
  for (const u64 n : {ctxt::X0, ctxt::ELR_EL2, ctxt::VTTBR_EL2}) {
    s.cpu.hw.write(0, n, mixed(6, n, 0));
    s.cpu.shadow.write(VCPU_PER_VM, n, mixed(7, n, 0));
  }
}

// Some vCPU is loaded; its registers and those of most subjects' vCPUs 0 and 1 are full.
template <class S>
void random_cpu(Choice& c, S& s) {
  s.cpu.curid = c.below(TOTAL_CPU);
  s.cpu.cur_vmid = c.of({0, 1, 1, 2, COREVISOR});
  const bool guest = s.cpu.cur_vmid != HOSTVISOR && s.cpu.cur_vmid != COREVISOR;
  s.cpu.cur_vcpuid = guest ? c.below(VCPU_PER_VM) : s.cpu.curid;
  s.cpu.device_accesses = c.below(3);
  if (c.one_in(6)) {
    return;  // registers all zero
  }
  fill_registers(s, s.cpu.cur_vmid * VCPU_PER_VM + s.cpu.cur_vcpuid, c.word());
  for (const u64 vmid : {u64{HOSTVISOR}, u64{1}, u64{1}, COREVISOR}) {
    fill_registers(s, vmid * VCPU_PER_VM + c.below(2), c.word());
  }
  if (c.one_in(2)) {
    s.oracles.data_log.write(c.below(3), 0, c.below(100));
  }
}

// A valid state with empty tables, for primitives of CPU and vCPU.
template <class P>
State<P> random_cpu_state(Choice& c, Concrete& domain) {
  State<P> s = boot_state<P>(domain);
  boot_cpu(s, domain);
  random_cpu(c, s);
  return s;
}

inline registry::Fields field_of(spec::CpuPart part) {
  switch (part) {
    case spec::CpuPart::shadow:
      return registry::field::shadow;
    case spec::CpuPart::registers:
      return registry::field::hw;
    case spec::CpuPart::loaded:
      return registry::field::per_cpu;
    case spec::CpuPart::shown:
      return registry::field::shown;
    case spec::CpuPart::devices:
      return registry::field::mmio;
    case spec::CpuPart::guest:
      return registry::field::guest;
    case spec::CpuPart::constant:
      break;
  }
  return ~registry::field::none;  // nothing may change it
}

template <class S>
registry::Fields cpu_difference(const S& a, const S& b) {
  registry::Fields d = registry::field::none;
  std::remove_cvref_t<decltype(a.cpu)>::for_each_map([&](spec::CpuPart part, std::string_view, auto map) {
    d |= (a.cpu.*map).same_cells(b.cpu.*map) ? registry::field::none : field_of(part);
  });
  std::remove_cvref_t<decltype(a.cpu)>::for_each_word([&](spec::CpuPart part, std::string_view, auto word) {
    d |= a.cpu.*word == b.cpu.*word ? registry::field::none : field_of(part);
  });
  const bool read = !a.oracles.data_log.same_cells(b.oracles.data_log) ||
                    !a.oracles.core_data_log.same_cells(b.oracles.core_data_log);
  return d | (read ? registry::field::oracle : registry::field::none);
}

}  // namespace redoubt::test
