// SPDX-License-Identifier: BSD-3-Clause
// A hostile guest: other VMs, the host, the core, the hardware.
#include <cinttypes>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

// Exception classes and fault codes of ESR_EL1 (Arm ARM D24.2).
constexpr u64 kUnknown = 0x00, kDataAbortSame = 0x25, kInstructionAbortSame = 0x21;
constexpr u64 kExternal = 0x10;

u64 class_of(const Answer& answer) { return answer.syndrome >> 26 & 0x3f; }
bool is_abort(const Answer& answer) {
  return answer.done && class_of(answer) == kDataAbortSame && (answer.syndrome & 0x3f) == kExternal;
}
bool is_undefined(const Answer& answer) {
  return answer.done && answer.syndrome != 0 && class_of(answer) == kUnknown;
}

Verdict memory_control(const Lab& lab) {
  Victim victim(lab);
  return {victim.ready() && victim.sound(), "the guest reads and writes its own memory"};
}

// Loads and stores of the guest at `addresses`, each of which must abort.
template <std::size_t N>
Verdict touch(const Lab& lab, const std::array<u64, N>& addresses) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  for (const u64 address : addresses) {
    const Answer load = victim.vm.command(Command::kLoad, {address});
    const Answer store = victim.vm.command(Command::kStore, {address, 1});
    if (!is_abort(load) || !is_abort(store)) {
      return {false, text("%#" PRIx64 ": syndromes %#" PRIx64 ", %#" PRIx64, address, load.syndrome,
                          store.syndrome)};
    }
  }
  const bool sound = victim.sound();
  return {sound, text("%zu addresses, each an abort; the VM is %s", N, sound ? "sound" : "NOT sound")};
}

// Physical addresses of the host, the core, and another VM: as guest addresses they lead nowhere.
Verdict host_memory(const Lab& lab) {
  const Block own(lab.host, 1);
  const u64 end = lab.main.manifest().memory_base + lab.main.manifest().memory_size;
  return touch(lab, std::array{own.page(0), end, u64{0x8000'0000}, (u64{1} << 40) - 8});
}
Verdict core_memory(const Lab& lab) {
  return touch(lab, std::array{lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_BASE),
                               lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_BASE) + 0x10000,
                               lab.witness.mailbox_address[0]});
}
Verdict other_vm(const Lab& lab) {
  Victim other(lab);
  if (!other.ready()) return {false, "no second VM"};
  Verdict verdict = touch(lab, std::array{other.page.physical, other.vm.given.front()});
  verdict.good = verdict.good && other.sound();
  return verdict;
}

Verdict fetch_from_device(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Answer device = victim.vm.command(Command::kBranch, {kDevice});
  const Answer beyond = victim.vm.command(Command::kBranch, {0x8000'0000});
  const bool aborts = class_of(device) == kInstructionAbortSame && class_of(beyond) == kInstructionAbortSame;
  return {aborts && victim.sound(),
          text("syndromes %#" PRIx64 ", %#" PRIx64, device.syndrome, beyond.syndrome)};
}

// Device accesses whose syndrome does not say which register: LDP, LDR with write-back, LDXR, STP.
Verdict undescribed(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  for (const std::uint32_t instruction : {0xa9400001U, 0xf8408401U, 0xa9000001U}) {
    const Answer answer = victim.vm.command(Command::kExecute, {instruction, kProbe, 0x55});
    if (!is_abort(answer)) return {false, text("%#x: syndrome %#" PRIx64, instruction, answer.syndrome)};
  }
  return {victim.sound(), "LDP, post-indexed LDR, STP on a device: aborts"};
}

// Redistributor frames of vCPUs that do not exist, at odd widths, and the ITS.
Verdict redistributors(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  for (u64 offset = 0; offset < u64{2} * REDOUBT_GUEST_GICR_STRIDE; offset += 0x3f8) {
    for (const std::uint32_t instruction :
         {0xb9400000U, 0xf9400000U, 0x39400000U, 0xb9000001U, 0xf9000001U, 0x39000001U}) {
      const u64 address = (u64{REDOUBT_GUEST_GICR_BASE} + offset) & ~u64{7};
      const Answer answer = victim.vm.command(Command::kExecute, {instruction, address, ~u64{0}});
      if (!answer.done) return {false, text("%#" PRIx64 ": exit %" PRIu64, address, answer.exit)};
    }
  }
  return {victim.sound() && lab.witness.answers(), "6 widths over both frames: the VM lives, the others too"};
}

// --- registers ---

constexpr std::uint32_t mrs(unsigned op0, unsigned op1, unsigned n, unsigned m, unsigned op2) {
  return 0xd5300000U | (op0 & 1) << 19 | op1 << 16 | n << 12 | m << 8 | op2 << 5;
}
constexpr std::uint32_t msr(unsigned op0, unsigned op1, unsigned n, unsigned m, unsigned op2) {
  return mrs(op0, op1, n, m, op2) & ~(1U << 21);
}

struct Encoded {
  const char* name;
  std::uint32_t instruction;
};

Verdict register_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Answer midr = victim.vm.command(Command::kExecute, {mrs(3, 0, 0, 0, 0)});
  const Answer tpidr = victim.vm.command(Command::kExecute, {msr(3, 0, 13, 0, 1), 5});  // CONTEXTIDR_EL1
  const Answer back = victim.vm.command(Command::kExecute, {mrs(3, 0, 13, 0, 1)});
  return {midr.syndrome == 0 && midr.x[0] != 0 && tpidr.syndrome == 0 && back.x[0] == 5,
          text("MIDR_EL1 reads %#" PRIx64 ", CONTEXTIDR_EL1 keeps what is written", midr.x[0])};
}

template <std::size_t N>
Verdict undefined(const Lab& lab, const std::array<Encoded, N>& list) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  // Its own EL1 may use all it can: what is refused, is so by the core.
  if (victim.vm.command(Command::kExecute, {msr(3, 0, 1, 0, 2), 0x3330000}).syndrome != 0)
    return {false, "CPACR_EL1"};
  for (const Encoded& encoded : list) {
    const Answer answer = victim.vm.command(Command::kExecute, {encoded.instruction, victim.page.address, 0});
    if (!is_undefined(answer)) {
      return {false, text("%s: %s, syndrome %#" PRIx64 ", x0 %#" PRIx64, encoded.name,
                          answer.done ? "ended" : "left", answer.syndrome, answer.x[0])};
    }
  }
  const bool sound = victim.sound();
  return {sound, text("%zu instructions, each UNDEFINED; the VM is %s", N, sound ? "sound" : "NOT sound")};
}

Verdict el2_registers(const Lab& lab) {
  return undefined(lab, std::to_array<Encoded>({
                            {"HCR_EL2", mrs(3, 4, 1, 1, 0)},
                            {"HCR_EL2 write", msr(3, 4, 1, 1, 0)},
                            {"VTTBR_EL2", mrs(3, 4, 2, 1, 0)},
                            {"VTTBR_EL2 write", msr(3, 4, 2, 1, 0)},
                            {"VBAR_EL2 write", msr(3, 4, 12, 0, 0)},
                            {"ELR_EL2", mrs(3, 4, 4, 0, 1)},
                            {"SPSR_EL2", mrs(3, 4, 4, 0, 0)},
                            {"ICH_HCR_EL2", mrs(3, 4, 12, 11, 0)},
                            {"ICH_LR0_EL2 write", msr(3, 4, 12, 12, 0)},
                            {"CNTVOFF_EL2 write", msr(3, 4, 14, 0, 3)},
                            {"CNTHP_CTL_EL2 write", msr(3, 4, 14, 2, 1)},
                            {"TLBI ALLE1IS", 0xd50c8300U | 4U << 5 | 31U},
                            {"TLBI VMALLS12E1IS", 0xd50c8300U | 6U << 5 | 31U},
                            {"TLBI IPAS2E1IS", 0xd50c8020U},
                            {"AT S12E1R", 0xd50c7880U},
                        }));
}

// Debug registers are there, as the architecture demands, but do nothing: what is written is not kept, and a
// breakpoint on the guest's own code does not strike.
Verdict debug_registers(const Lab& lab) {
  static constexpr std::array kRegisters{
      Encoded{"DBGBVR0_EL1", mrs(2, 0, 0, 0, 4)},     Encoded{"DBGBCR0_EL1", mrs(2, 0, 0, 0, 5)},
      Encoded{"DBGWVR0_EL1", mrs(2, 0, 0, 0, 6)},     Encoded{"DBGWCR0_EL1", mrs(2, 0, 0, 0, 7)},
      Encoded{"DBGBVR5_EL1", mrs(2, 0, 0, 5, 4)},     Encoded{"OSDLR_EL1", mrs(2, 0, 1, 3, 4)},
      Encoded{"DBGCLAIMSET_EL1", mrs(2, 0, 7, 8, 6)}, Encoded{"MDCCINT_EL1", mrs(2, 0, 0, 2, 0)},
      Encoded{"OSECCR_EL1", mrs(2, 0, 0, 6, 2)},      Encoded{"DBGDTR_EL0", mrs(2, 3, 0, 4, 0)}};
  constexpr std::uint32_t kRead = 1U << 21;
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const u64 code = victim.vm.command(Command::kWhere).x[1];
  for (const Encoded& encoded : kRegisters) {
    const u64 value =
        (encoded.instruction & 0xe0) == 0xa0 || (encoded.instruction & 0xe0) == 0xe0 ? 0x1e7 : code;
    const Answer write = victim.vm.command(Command::kExecute, {encoded.instruction & ~kRead, value});
    const Answer read = victim.vm.command(Command::kExecute, {encoded.instruction, 0x55});
    const bool kept = read.syndrome == 0 && read.x[0] != 0;
    if (!write.done || !read.done || kept)
      return {false, text("%s keeps %#" PRIx64, encoded.name, read.x[0])};
  }
  // MDSCR_EL1 with everything on: MDE, KDE, HDE, TDCC, software error bits.
  victim.vm.command(Command::kExecute, {msr(2, 0, 0, 2, 2), 0xffffffff & ~u64{1}});
  const Answer control = victim.vm.command(Command::kExecute, {mrs(2, 0, 0, 2, 2), 0});
  const bool sound = victim.sound();
  return {(control.x[0] & ~u64{0x2001}) == 0 && sound,
          text("%zu registers keep nothing, MDSCR_EL1 keeps %#" PRIx64 "; the VM is %s", kRegisters.size(),
               control.x[0], sound ? "sound" : "NOT sound")};
}

// The physical timer reads as off and stays so.
Verdict physical_timer(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  victim.vm.command(Command::kExecute, {msr(3, 3, 14, 2, 2), 0});
  victim.vm.command(Command::kExecute, {msr(3, 3, 14, 2, 1), 1});
  const Answer control = victim.vm.command(Command::kExecute, {mrs(3, 3, 14, 2, 1), 0x55});
  const Answer compare = victim.vm.command(Command::kExecute, {mrs(3, 3, 14, 2, 2), 0x55});
  return {control.x[0] == 0 && compare.x[0] == 0 && victim.sound(),
          text("CNTP_CTL_EL0 reads %#" PRIx64, control.x[0])};
}

Verdict pmu_registers(const Lab& lab) {
  return undefined(lab, std::to_array<Encoded>({
                            {"PMCR_EL0", mrs(3, 3, 9, 12, 0)},
                            {"PMCR_EL0 write", msr(3, 3, 9, 12, 0)},
                            {"PMCNTENSET_EL0 write", msr(3, 3, 9, 12, 1)},
                            {"PMCCNTR_EL0", mrs(3, 3, 9, 13, 0)},
                            {"PMXEVCNTR_EL0", mrs(3, 3, 9, 13, 2)},
                            {"PMUSERENR_EL0", mrs(3, 3, 9, 14, 0)},
                            {"PMINTENSET_EL1 write", msr(3, 0, 9, 14, 1)},
                            {"PMEVCNTR0_EL0", mrs(3, 3, 14, 8, 0)},
                            {"PMCCFILTR_EL0 write", msr(3, 3, 14, 15, 7)},
                        }));
}

Verdict trace_registers(const Lab& lab) {
  return undefined(lab, std::to_array<Encoded>({
                            {"TRCPRGCTLR", mrs(2, 1, 0, 1, 0)},
                            {"TRFCR_EL1", mrs(3, 0, 1, 2, 1)},
                            {"TRFCR_EL1 write", msr(3, 0, 1, 2, 1)},
                            {"TRBLIMITR_EL1", mrs(3, 0, 9, 11, 0)},
                            {"PMSCR_EL1", mrs(3, 0, 9, 9, 0)},
                            {"PMBLIMITR_EL1 write", msr(3, 0, 9, 10, 0)},
                            {"AMCR_EL0", mrs(3, 3, 13, 2, 0)},
                            {"AMEVCNTR00_EL0", mrs(3, 3, 13, 4, 0)},
                            {"MPAM1_EL1", mrs(3, 0, 10, 5, 0)},
                        }));
}

Verdict extension_registers(const Lab& lab) {
  return undefined(lab, std::to_array<Encoded>({
                            {"ZCR_EL1", mrs(3, 0, 1, 2, 0)},
                            {"SMCR_EL1", mrs(3, 0, 1, 2, 6)},
                            {"SVCR", mrs(3, 3, 4, 2, 2)},
                            {"GCR_EL1", mrs(3, 0, 1, 0, 6)},
                            {"RGSR_EL1", mrs(3, 0, 1, 0, 5)},
                            {"TFSR_EL1", mrs(3, 0, 5, 6, 0)},
                            {"LORSA_EL1 write", msr(3, 0, 10, 4, 0)},
                        }));
}

// --- calls ---

Verdict call_control(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Answer hvc = victim.vm.command(Command::kHvc, {0x84000000});
  const Answer smc = victim.vm.command(Command::kSmc, {0x84000000});
  return {hvc.x[0] == 0x10001 && smc.x[0] == 0x10001, "PSCI_VERSION by HVC and SMC"};
}

// Calls of the host, of firmware and of nobody, made by a guest.
Verdict foreign_calls(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  constexpr std::array<u64, 24> kCalls{
      0xc6000100, 0xc6000101, 0xc6000102, 0xc6000110, 0xc6000111, 0xc6000112, 0xc6000113, 0xc6000114,
      0xc6000115, 0xc6000116, 0xc6000117, 0xc6000118, 0xc6000119, 0xc600011a, 0xc600011b, 0xc6000005,
      0xc4000001, 0xc400000e, 0x84000005, 0xc4000020, 0xb2000000, 0xc5000000, 0,          0xffffffff};
  for (const u64 function : kCalls) {
    for (const Command how : {Command::kHvc, Command::kSmc}) {
      const Answer answer = victim.vm.command(how, {function, lab.witness.id, victim.page.address, 1});
      if (!answer.done || static_cast<std::int64_t>(answer.x[0]) != REDOUBT_NOT_SUPPORTED)
        return {false, text("%#" PRIx64 " answers %#" PRIx64, function, answer.x[0])};
    }
  }
  return {victim.sound() && lab.witness.answers(), "24 calls by HVC and SMC, each NOT_SUPPORTED"};
}

// HVC #1, SMC #1.
Verdict other_immediates(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  for (const std::uint32_t instruction : {0xd4000022U, 0xd41fffe2U, 0xd4000023U}) {
    const Answer answer = victim.vm.command(Command::kExecute, {instruction, 0x84000008, 0});
    if (!answer.done || static_cast<std::int64_t>(answer.x[0]) != REDOUBT_NOT_SUPPORTED)
      return {false, text("%#x: %#" PRIx64, instruction, answer.x[0])};
  }
  return {victim.sound(), "SYSTEM_OFF by other immediates: NOT_SUPPORTED"};
}

// Sharing what is not its own, twice, or not at all.
Verdict sharing(const Lab& lab) {
  Victim victim(lab);
  Victim other(lab);
  if (!victim.ready() || !other.ready()) return {false, "no victim"};
  const auto share = [&](u64 address, u64 x2 = 0, u64 function = REDOUBT_GUEST_MEM_SHARE) {
    return static_cast<std::int64_t>(victim.vm.command(Command::kHvc, {function, address, x2, 0}).x[0]);
  };
  const u64 end = lab.main.manifest().memory_base + lab.main.manifest().memory_size;
  for (const u64 address :
       {other.page.physical, end, u64{0}, u64{0x09000000}, ~u64{0} & ~(kPageSize - 1), u64{1} << 40,
        victim.page.address + 8, lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_BASE),
        victim.vm.memory() + 7 * kBlockSize}) {
    const std::int64_t status = share(address);
    if (status >= 0) return {false, text("%#" PRIx64 " was shared", address)};
  }
  const bool reserved = share(victim.page.address, 1) < 0;
  const bool unshared = share(victim.page.address, 0, REDOUBT_GUEST_MEM_UNSHARE) < 0;
  const bool sound = victim.sound() && other.sound();
  const std::int64_t once = share(victim.page.address), twice = share(victim.page.address);
  return {reserved && unshared && sound && once == 0 && twice < 0,
          text("nothing foreign was shared; the same page twice: %s, %s", name_of(once), name_of(twice))};
}

// CPU_ON of itself, of one that runs, of none, of one with an entry outside, again and again.
Verdict psci_again(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const auto on = [&](u64 target, u64 entry) {
    return static_cast<std::int64_t>(victim.vm.command(Command::kHvc, {0xc4000003, target, entry, 0}).x[0]);
  };
  const u64 entry = victim.vm.command(Command::kWhere).x[1];
  const std::int64_t outside = on(1, 0x8000'0000), odd = on(1, entry + 2), core = on(1, 0x40200001);
  if (!victim.vm.start_second()) return {false, "vCPU 1 does not start"};
  const std::int64_t self = on(0, entry), again = on(1, entry), none = on(2, entry), eight = on(8, entry),
                     host = on(0x80000000, entry), all = on(~u64{0}, entry);
  const bool refused = outside == -9 && odd == -9 && core == -9 && self == -4 && again == -4 && none == -2 &&
                       eight == -2 && host == -2 && all == -2;
  return {refused && victim.sound() && victim.vm.answers(1) && lab.witness.answers(1),
          text("itself %" PRId64 ", running %" PRId64 ", absent %" PRId64 ", outside %" PRId64, self, again,
               none, outside)};
}

// A vCPU is switched off and on a hundred times; the other one lives.
Verdict psci_cycles(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || !victim.vm.start_second()) return {false, "no second vCPU"};
  for (unsigned i = 0; i < 100; ++i) {
    const Answer off = victim.vm.command(Command::kHvc, {0x84000002}, 1);
    const std::int64_t run = call(lab.host, REDOUBT_HOST_VCPU_RUN, victim.vm.id, 1).status;
    if (off.done || run != REDOUBT_NOT_FOUND || !victim.vm.start_second())
      return {false, text("round %u: off %s, run %s", i, off.done ? "returned" : "left", name_of(run))};
  }
  return {victim.sound(), "100 times off and on; off it does not run"};
}

constexpr Attack kAttacks[] = {
    {"guest-reads-host-memory", memory_control, host_memory},
    {"guest-reads-core-memory", memory_control, core_memory},
    {"guest-reads-other-guest", memory_control, other_vm},
    {"guest-executes-device", memory_control, fetch_from_device},
    {"guest-device-access-without-syndrome", memory_control, undescribed},
    {"guest-redistributor-at-every-offset", memory_control, redistributors},
    {"guest-el2-registers-and-tlbi", register_control, el2_registers},
    {"guest-debug-registers", register_control, debug_registers},
    {"guest-physical-timer", register_control, physical_timer},
    {"guest-pmu-registers", register_control, pmu_registers},
    {"guest-trace-and-profiling-registers", register_control, trace_registers},
    {"guest-hidden-extensions", register_control, extension_registers},
    {"guest-makes-calls-of-host-and-firmware", call_control, foreign_calls},
    {"guest-calls-by-other-immediates", call_control, other_immediates},
    {"guest-shares-what-is-not-its-own", call_control, sharing},
    {"guest-psci-cpu-on-again", call_control, psci_again},
    {"guest-psci-off-and-on", call_control, psci_cycles},
};

}  // namespace

std::span<const Attack> guest_attacks() { return kAttacks; }

}  // namespace redoubt::attack
