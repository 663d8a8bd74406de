// SPDX-License-Identifier: BSD-3-Clause
// Per-CPU state and the registers each CPU needs before it runs the host.
#include "boot/arm64/per_cpu.hpp"

#include <utility>

#include "boot/guest_registers.hpp"
#include "core/vcpu/guest_id.hpp"
#include "machine/el2/barrier.hpp"

extern "C" char __stacks_start[];

namespace redoubt {
namespace {

constexpr std::uint64_t kStackStride = 9 * std::uint64_t{4096};  // as in link.ld

IdRegisters read_id_registers() {
  namespace reg = el2::reg;
  IdRegisters id{.pfr0 = el2::read<reg::id_aa64pfr0_el1>(),
                 .pfr1 = el2::read<reg::id_aa64pfr1_el1>(),
                 .dfr0 = el2::read<reg::id_aa64dfr0_el1>(),
                 .isar1 = el2::read<reg::id_aa64isar1_el1>(),
                 .isar2 = el2::read<reg::id_aa64isar2_el1>(),
                 .mmfr0 = el2::read<reg::id_aa64mmfr0_el1>(),
                 .mmfr1 = el2::read<reg::id_aa64mmfr1_el1>(),
                 .mmfr2 = el2::read<reg::id_aa64mmfr2_el1>(),
                 .mmfr3 = el2::read<reg::id_aa64mmfr3_el1>(),
                 .midr = el2::read<reg::midr_el1>(),
                 .mpidr = el2::read<reg::mpidr_el1>()};
  if (has_pmu(id)) id.pmcr = el2::read<reg::pmcr_el0>();
  return id;
}

// Out of line: one loop over the table, not one a register.
[[gnu::noinline]] std::uint64_t value_of(el2::SysReg const& which, IdRegisters const& id) {
  return host_register_value(which, id);
}

template <std::size_t... Index>
void write_all(IdRegisters const& id, std::index_sequence<Index...>) {
  ((kHostRegisters[Index].present(id)
        ? el2::write<kHostRegisters[Index].reg>(value_of(kHostRegisters[Index].reg, id))
        : void()),
   ...);
}

// What a world switch loads is computed once.
void set_up_switch(PerCpu& cpu) {
  namespace reg = el2::reg;
  for (std::size_t i = 0; i < cpu.trap_settings.size(); ++i)
    cpu.trap_settings[i] = trap_setting_value(static_cast<TrapSetting>(i), cpu.id);
  cpu.of_guest = {.hcrx = guest_register_value(reg::hcrx_el2, cpu.id),
                  .hstr = guest_register_value(reg::hstr_el2, cpu.id),
                  .icc_sre = guest_register_value(reg::icc_sre_el2, cpu.id)};
  cpu.of_host = {.hcrx = host_register_value(reg::hcrx_el2, cpu.id),
                 .hstr = host_register_value(reg::hstr_el2, cpu.id),
                 .icc_sre = host_register_value(reg::icc_sre_el2, cpu.id)};
  for (unsigned crm = 1; crm <= kIdRegisters / 8; ++crm) {
    for (unsigned op2 = 0; op2 < 8; ++op2) {
      el2::SysReg const which{3, 0, 0, crm, op2};
      cpu.guest_ids[id_register_index(which)] = guest_view(which, read_id_register(which));
    }
  }
}

// PMCR_EL0.E: enables all counters that EL1 may use.
using CountersOn = Flag<0>;

void write_switched(PerCpu const& cpu, SwitchedRegisters const& value) {
  if (cpu.has_hcx) el2::write<el2::reg::hcrx_el2>(value.hcrx);
  el2::write<el2::reg::hstr_el2>(value.hstr);
  el2::write<el2::reg::icc_sre_el2>(value.icc_sre);
  if (cpu.has_ras) el2::write<el2::reg::vdisr_el2>(0);
}

}  // namespace

constinit std::array<PerCpu, kMaximumCpus> per_cpu{};

void hide_features_from_guest() {
  PerCpu& cpu = this_cpu();
  write_switched(cpu, cpu.of_guest);
  if (!cpu.has_pmu) return;
  cpu.host_pmcr = el2::read<el2::reg::pmcr_el0>();
  el2::write<el2::reg::pmcr_el0>(CountersOn::set(cpu.host_pmcr, std::uint64_t{0}));
}

void give_features_to_host() {
  PerCpu const& cpu = this_cpu();
  write_switched(cpu, cpu.of_host);
  if (cpu.has_pmu) el2::write<el2::reg::pmcr_el0>(cpu.host_pmcr);
}

std::uint64_t counter_sum(redoubt_counter which) {
  std::uint64_t sum = 0;
  for (auto const& cpu : per_cpu) sum += cpu.counters[which].get();
  return sum;
}

void init_this_cpu(std::size_t index) {
  PerCpu& cpu = per_cpu[index];
  cpu.index = index;
  cpu.stack_top = reinterpret_cast<std::uint64_t>(__stacks_start) + (index + 1) * kStackStride;
  cpu.emergency_stack_top =
      reinterpret_cast<std::uint64_t>(cpu.emergency_stack.data()) + cpu.emergency_stack.size();
  cpu.id = read_id_registers();
  cpu.has_pmu = has_pmu(cpu.id);
  cpu.has_hcx = has_hcx(cpu.id);
  cpu.has_ras = has_ras(cpu.id);
  set_up_switch(cpu);
  el2::write<el2::reg::tpidr_el2>(reinterpret_cast<std::uint64_t>(&cpu));
}

void write_host_registers(std::uint64_t vttbr) {
  IdRegisters const& id = this_cpu().id;
  el2::write<el2::reg::vttbr_el2>(vttbr);
  el2::write<el2::reg::vpidr_el2>(id.midr);
  el2::write<el2::reg::vmpidr_el2>(id.mpidr);
  write_all(id, std::make_index_sequence<kHostRegisters.size()>{});
  el2::isb();
  el2::tlbi_alle1();
  el2::dsb_ish();
  el2::isb();
}

}  // namespace redoubt
