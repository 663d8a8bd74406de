// SPDX-License-Identifier: BSD-3-Clause
// The bridge from the events of a vCPU to the classes of core/vcpu, on this hardware.
#include "boot/arm64/guest_emulation.hpp"

#include "abi/bundle.h"
#include "boot/arm64/core_machine.hpp"
#include "boot/arm64/id_reader.hpp"
#include "boot/arm64/services.hpp"
#include "boot/arm64/vcpu_hardware.hpp"
#include "boot/syndrome.hpp"
#include "core/vcpu/guest_calls.hpp"
#include "core/vcpu/guest_id.hpp"
#include "core/vcpu/guest_interrupts.hpp"

namespace redoubt {
namespace {

// Of one VM. A vCPU's part belongs to the CPU that has it loaded; `power` and posted SGIs are atomic.
struct GuestVm {
  VcpuPower power;
  std::array<GuestInterrupts, VCPU_PER_VM> interrupts;
  u64 counter_offset = 0;  // CNTVOFF_EL2, fixed when the VM is made (R20)
};

// Of one CPU while it has a guest loaded.
struct Run {
  TimerState host_timer;
  std::array<OfferedSpi, Vgic::kOffers> spis{};
  unsigned spi_count = 0;
  std::uint32_t wake = 0;
  u64 deadline = 0;  // set where the guest is loaded
};

constinit std::array<GuestVm, MAX_VM_NUM + 1> vms{};
constinit std::array<Run, kMaximumCpus> runs{};

struct Loaded {
  VmId<u64> vmid;
  VcpuId<u64> vcpuid;
  GuestVm& vm;
  GuestInterrupts& interrupts;
  Run& run;
};

Loaded loaded_here() {
  u64 const cpu = this_cpu().index;
  auto const& now = core_state.cpu.loaded[cpu];
  GuestVm& vm = vms[now.vmid];
  return {VmId<u64>(now.vmid), VcpuId<u64>(now.vcpuid), vm, vm.interrupts[now.vcpuid], runs[cpu]};
}

// What the answers of this CPU's last event are (enum class GuestAnswer).
u64& answer_of(GuestAnswer which) { return this_cpu().guest_answers[static_cast<std::size_t>(which)]; }

u64& word_of(GuestWord which, u64 index = 0) {
  return this_cpu().guest_words[guest_word_index(which, index)];
}

GuestNext done(u64 x0 = 0) {
  answer_of(GuestAnswer::results) = 1;
  answer_of(GuestAnswer::x0) = x0;
  return GuestNext::done;
}
// As done, with the host between.
GuestNext leave_for(redoubt_exit why, u64 x0 = 0) {
  done(x0);
  answer_of(GuestAnswer::exit) = static_cast<u64>(why);
  return GuestNext::to_host;
}
// Somebody is to be woken, which only the host can do.
GuestNext done_unless_wake(Loaded const& loaded, u64 x0 = 0) {
  return loaded.run.wake != 0 ? leave_for(REDOUBT_EXIT_INTERRUPT, x0) : done(x0);
}

struct CallEnvironment {
  VmId<u64> vmid;

  [[nodiscard]] u64 item(VmItem which) const {  // constant since the manifest was taken over
    return core_state.records.vms[vmid.raw][static_cast<u64>(VmField::item) + static_cast<u64>(which)];
  }
  [[nodiscard]] bool is_guest_memory(u64 ipa) const {
    return ipa - item(VmItem::memory_base) < item(VmItem::memory_size);
  }
  [[nodiscard]] std::int64_t workaround_features(std::uint32_t function) const {
    return redoubt::workaround_features(function);
  }
  [[nodiscard]] std::int64_t workaround(std::uint32_t function, u64 argument) const {
    return run_workaround(function, argument);
  }
  [[nodiscard]] bool has_random() const {
    using Rndr = Field<63, 60>;
    return Rndr::get(el2::read<el2::reg::id_aa64isar0_el1>()) != 0;
  }
  [[nodiscard]] bool random(u64& value) const {
    u64 good;
    asm volatile("mrs %0, S3_3_C2_C4_0\n cset %1, ne" : "=r"(value), "=r"(good) : : "cc");  // RNDR
    return good != 0;
  }
};

void create(GuestVm& vm) {
  vm.power.reset();
  vm.counter_offset = el2::read<el2::reg::cntpct_el0>();
}

GuestNext enter(GuestVm& vm, u64 vcpu) {
  if (vm.power.state(vcpu) != CpuPower::pending) return GuestNext::done;
  VcpuStart const start = vm.power.start(vcpu);
  answer_of(GuestAnswer::x0) = start.context;
  answer_of(GuestAnswer::pc) = start.entry;
  vm.interrupts[vcpu].reset();
  vm.power.started(vcpu);
  return GuestNext::start;
}

void load(Loaded& loaded) {
  VcpuHardwareEl2 cpu;
  hide_features_from_guest();
  loaded.run.wake = 0;
  loaded.run.deadline = timer::kNever;
  loaded.interrupts.begin(loaded.run.spis, loaded.run.spi_count);
  loaded.run.spi_count = 0;
  loaded.interrupts.enter(cpu, loaded.run.host_timer, loaded.vm.counter_offset);
}

void unload(Loaded& loaded) {
  VcpuHardwareEl2 cpu;
  // What has come meanwhile ends a wait at once.
  if (loaded.interrupts.leave(cpu, loaded.run.host_timer)) loaded.run.deadline = 0;
  give_features_to_host();
  word_of(GuestWord::deadline) = loaded.run.deadline;
  word_of(GuestWord::runnable) = loaded.vm.power.runnable();
  word_of(GuestWord::wake) = loaded.run.wake;
  word_of(GuestWord::spi_taken) = loaded.interrupts.taken();
  for (unsigned i = 0; i < MAILBOX_ACTIVES; ++i)
    word_of(GuestWord::spi_active, i) = loaded.interrupts.active_spis(i);
}

void offer_spi(Run& run, u64 intid, u64 priority) {
  if (run.spi_count == run.spis.size()) return;
  run.spis[run.spi_count++] = {static_cast<std::uint16_t>(intid), static_cast<std::uint8_t>(priority)};
}

GuestNext wait(Loaded& loaded) {
  VcpuHardwareEl2 cpu;
  WfiOutcome const outcome = loaded.interrupts.on_wfi(cpu, loaded.vm.counter_offset);
  if (outcome.resume) return done();
  loaded.run.deadline = outcome.deadline;
  return leave_for(REDOUBT_EXIT_WFI);
}

GuestNext interrupt(Loaded& loaded) {
  VcpuHardwareEl2 cpu;
  // An SGI sent in place leaves with those to wake; a physical interrupt, if there is one, ends that exit
  // too.
  if (loaded.run.wake != 0) return leave_for(REDOUBT_EXIT_INTERRUPT);
  if (loaded.interrupts.on_irq(cpu) == IrqOutcome::resume) return done();
  return leave_for(REDOUBT_EXIT_INTERRUPT);
}

void send_sgi(Loaded& loaded, u64 value) {
  VcpuHardwareEl2 cpu;
  loaded.run.wake |= GuestInterrupts::on_sgi(cpu, loaded.vm.interrupts, loaded.vcpuid.raw,
                                             loaded.vm.power.runnable(), value);
}

GuestNext call(Loaded& loaded, u64 esr) {
  if (syndrome::Immediate::get(esr) != 0) return done(static_cast<u64>(std::int64_t{REDOUBT_NOT_SUPPORTED}));
  u64 const* const x = CoreHooks::general_registers();  // nothing has changed them since the trap
  CallEnvironment environment{loaded.vmid};
  GuestCalls calls(environment, loaded.vm.power, loaded.vcpuid.raw);
  GuestCallOutcome const outcome = calls.answer({.x = {x[0], x[1], x[2], x[3]}});
  answer_of(GuestAnswer::results) = outcome.results;
  for (unsigned i = 0; i < outcome.x.size(); ++i)
    this_cpu().guest_answers[static_cast<std::size_t>(GuestAnswer::x0) + i] = outcome.x[i];
  answer_of(GuestAnswer::exit) = static_cast<u64>(outcome.exit);
  answer_of(GuestAnswer::address) = outcome.address;
  switch (outcome.next) {
    case GuestCallOutcome::Next::share:
      return GuestNext::share;
    case GuestCallOutcome::Next::unshare:
      return GuestNext::unshare;
    case GuestCallOutcome::Next::exit:
      return GuestNext::to_host;
    case GuestCallOutcome::Next::resume:
      break;
  }
  return GuestNext::done;
}

GuestNext debug_control(bool is_read, u64 value) {
  if (!is_read) el2::write<el2::reg::mdscr_el1>(value & kGuestDebugControl);
  return done(el2::read<el2::reg::mdscr_el1>() & kGuestDebugControl);
}

GuestNext system_register(Loaded& loaded, u64 esr, u64 value) {
  VcpuHardwareEl2 cpu;
  el2::SysReg const which = syndrome::trapped_register(esr);
  bool const is_read = syndrome::IsRead::get(esr) != 0;
  switch (classify_guest_access(which, is_read)) {
    case GuestAccess::undefined:
      break;
    case GuestAccess::constant:
      return done(guest_constant(which));
    case GuestAccess::identification:
      return done(this_cpu().guest_ids[id_register_index(which)]);
    case GuestAccess::debug_control:
      return debug_control(is_read, value);
    case GuestAccess::send_sgi:
      send_sgi(loaded, value);
      return done_unless_wake(loaded);
    case GuestAccess::deactivate:
      loaded.interrupts.on_deactivate(cpu, value);
      return done();
  }
  return GuestNext::undefined;
}

GuestNext redistributor(Loaded& loaded, bool is_write, GuestArguments const& arguments) {
  VcpuHardwareEl2 cpu;
  u64 const offset = arguments[0] - REDOUBT_GUEST_GICR_BASE, vcpus = loaded.vm.power.count();
  if (offset >= vcpus * REDOUBT_GUEST_GICR_STRIDE) return GuestNext::not_mine;
  FrameAccess const access{offset, static_cast<unsigned>(arguments[1]), is_write, arguments[2]};
  u64 const value = GuestInterrupts::on_redistributor(cpu, loaded.vm.interrupts, loaded.vcpuid.raw, vcpus,
                                                      access, loaded.run.wake);
  return done_unless_wake(loaded, value);
}

void step_over() { el2::write<el2::reg::elr_el2>(el2::read<el2::reg::elr_el2>() + 4); }

// By the class in bits 25 to 0 of the syndrome: MSR or MRS.
InPlace register_in_place(TrapFrame& frame, u64 esr) {
  el2::SysReg const which = syndrome::trapped_register(esr);
  u64 const rt = syndrome::Rt::get(esr);
  if (syndrome::IsRead::get(esr) == 0) {
    if (which != el2::reg::icc_sgi1r_el1) return InPlace::no;
    step_over();
    Loaded loaded = loaded_here();
    send_sgi(loaded, frame.get(rt));
    return loaded.run.wake == 0 ? InPlace::answered : InPlace::interrupt;
  }
  if (!is_id_register(which)) return InPlace::no;
  frame.set(rt, this_cpu().guest_ids[id_register_index(which)]);
  step_over();
  return InPlace::answered;
}

// Events of the vCPU that is loaded.
GuestNext of_loaded(GuestEvent event, Loaded& loaded, GuestArguments const& arguments) {
  switch (event) {
    case GuestEvent::interrupt:
      return interrupt(loaded);
    case GuestEvent::wait:
      return wait(loaded);
    case GuestEvent::call:
      return call(loaded, arguments[0]);
    case GuestEvent::system_register:
      return system_register(loaded, arguments[0], arguments[1]);
    case GuestEvent::redistributor_read:
    case GuestEvent::redistributor_write:
      return redistributor(loaded, event == GuestEvent::redistributor_write, arguments);
    case GuestEvent::refused:
      log_event(REDOUBT_EVENT_GUEST_UNDEF, loaded.vmid.raw << 32 | (arguments[0] & 0xffff'ffff));
      return done();
    default:
      return GuestNext::not_mine;
  }
}

}  // namespace

GuestNext guest_enters(u64 vmid, u64 vcpuid) { return enter(vms[vmid], vcpuid); }

GuestNext guest_loads() {
  Loaded loaded = loaded_here();
  load(loaded);
  return done();
}

GuestNext guest_unloads() {
  Loaded loaded = loaded_here();
  unload(loaded);
  return done();
}

GuestNext guest_event(GuestEvent event, GuestArguments const& arguments) {
  auto const [a, b, c, d] = arguments;
  switch (event) {
    case GuestEvent::create:
      create(vms[a]);
      return done();
    case GuestEvent::add:
      vms[a].power.create(b, {.entry = c, .context = d});
      return done();
    case GuestEvent::spi:
      offer_spi(runs[this_cpu().index], a, b);
      return done();
    default:
      break;
  }
  Loaded loaded = loaded_here();
  return of_loaded(event, loaded, arguments);
}

InPlace answer_in_place(TrapFrame& frame, u64 esr) {
  u64 const ec = syndrome::ExceptionClass::get(esr);
  if (ec == syndrome::kSystemRegister) return register_in_place(frame, esr);
  if ((ec != syndrome::kHvc64 && ec != syndrome::kSmc64) || syndrome::Immediate::get(esr) != 0)
    return InPlace::no;
  std::int64_t const answer = guest_call::constant_answer(guest_call::id_of(frame.x[0]));
  if (answer == guest_call::kNotSupported) return InPlace::no;
  frame.x[0] = static_cast<u64>(answer);
  if (ec == syndrome::kSmc64) step_over();  // an HVC returns behind the instruction by itself
  return InPlace::answered;
}

u64 power_word(u64 vmid, u64 vcpuid) { return vms[vmid].power.can_run(vcpuid) ? 1 : 0; }

}  // namespace redoubt
