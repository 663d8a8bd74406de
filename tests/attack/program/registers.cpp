// SPDX-License-Identifier: BSD-3-Clause
// Registers at the edges, with the exact answer: system registers that a guest has or has not, and the first
// page of the host's redistributors, and the core's counters.
#include <cinttypes>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

constexpr int kSigbus = 7;

// MRS x0 or MSR x0 of the register or system instruction with that encoding (Arm ARM C5.1.3).
constexpr u64 access(bool is_read, u64 op0, u64 op1, u64 crn, u64 crm, u64 op2) {
  return u64{0xd5000000} | (is_read ? u64{1} << 21 : 0) | op0 << 19 | op1 << 16 | crn << 12 | crm << 8 |
         op2 << 5;
}
constexpr u64 mrs(u64 op0, u64 op1, u64 crn, u64 crm, u64 op2) {
  return access(true, op0, op1, crn, crm, op2);
}
constexpr u64 msr(u64 op0, u64 op1, u64 crn, u64 crm, u64 op2) {
  return access(false, op0, op1, crn, crm, op2);
}

// --- a guest's system registers ---

struct Register {
  const char* name;
  u64 instruction, written;
  bool is_undefined;
  u64 value;  // that is read; a write leaves x0
};

constexpr u64 kWritten = 0x5a5a;

constexpr Register reads(const char* name, u64 instruction, u64 value) {
  return {name, instruction, kWritten, false, value};
}
constexpr Register ignores(const char* name, u64 instruction) {
  return {name, instruction, kWritten, false, kWritten};
}
constexpr Register undefined(const char* name, u64 instruction) {
  return {name, instruction, kWritten, true, 0};
}

constexpr std::array kGuestRegisters{
    reads("ACTLR_EL1", mrs(3, 0, 1, 0, 1), 0),
    ignores("ACTLR_EL1", msr(3, 0, 1, 0, 1)),
    reads("OSLSR_EL1", mrs(2, 0, 1, 1, 4), 8),
    ignores("OSLAR_EL1", msr(2, 0, 1, 0, 4)),
    reads("OSDLR_EL1", mrs(2, 0, 1, 3, 4), 0),
    reads("DBGBVR0_EL1", mrs(2, 0, 0, 0, 4), 0),
    ignores("DBGBCR0_EL1", msr(2, 0, 0, 0, 5)),
    reads("DBGWVR0_EL1", mrs(2, 0, 0, 0, 6), 0),
    ignores("DBGWCR3_EL1", msr(2, 0, 0, 3, 7)),
    reads("MDCCSR_EL0", mrs(2, 3, 0, 1, 0), 0),
    ignores("MDSCR_EL1", msr(2, 0, 0, 2, 2)),
    reads("MDSCR_EL1", mrs(2, 0, 0, 2, 2), kWritten & (1 | 1 << 13)),
    reads("ICC_SRE_EL1", mrs(3, 0, 12, 12, 5), 7),
    ignores("ICC_SRE_EL1", msr(3, 0, 12, 12, 5)),
    ignores("ICC_ASGI1R_EL1", msr(3, 0, 12, 11, 6)),
    ignores("ICC_SGI0R_EL1", msr(3, 0, 12, 11, 7)),
    reads("CNTP_CTL_EL0", mrs(3, 3, 14, 2, 1), 0),
    ignores("CNTP_CTL_EL0", msr(3, 3, 14, 2, 1)),
    reads("CNTP_CVAL_EL0", mrs(3, 3, 14, 2, 2), 0),
    ignores("CNTP_CVAL_EL0", msr(3, 3, 14, 2, 2)),
    reads("CNTP_TVAL_EL0", mrs(3, 3, 14, 2, 0), 0),
    ignores("CNTP_TVAL_EL0", msr(3, 3, 14, 2, 0)),
    ignores("DC ISW", msr(1, 0, 7, 6, 2)),
    ignores("DC CSW", msr(1, 0, 7, 10, 2)),
    ignores("DC CISW", msr(1, 0, 7, 14, 2)),
    undefined("PMCR_EL0", mrs(3, 3, 9, 12, 0)),
    undefined("PMCR_EL0", msr(3, 3, 9, 12, 0)),
    undefined("PMCCNTR_EL0", mrs(3, 3, 9, 13, 0)),
    undefined("PMINTENSET_EL1", msr(3, 0, 9, 14, 1)),
    undefined("TRFCR_EL1", mrs(3, 0, 1, 2, 1)),
    undefined("LORC_EL1", mrs(3, 0, 10, 4, 3)),
    undefined("AMCR_EL0", mrs(3, 3, 13, 2, 0)),
    undefined("TRCOSLSR", mrs(2, 1, 1, 1, 4)),
};

Verdict identification(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Answer features = victim.vm.command(Command::kExecute, {mrs(3, 0, 0, 4, 0), 0, 0});
  return {features.done && features.syndrome == 0 && (features.x[0] & 0xff) == 0x11,
          text("a guest reads ID_AA64PFR0_EL1: %#" PRIx64, features.x[0])};
}

Verdict guest_registers(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  std::string wrong;
  for (const Register& one : kGuestRegisters) {
    const Answer answer = victim.vm.command(Command::kExecute, {one.instruction, one.written, 0});
    const bool was_undefined = answer.syndrome != 0 && answer.syndrome >> 26 == 0;
    const bool good =
        answer.done && (one.is_undefined ? was_undefined : answer.syndrome == 0 && answer.x[0] == one.value);
    if (!good) {
      wrong += text("%s (%#" PRIx64 "): %#" PRIx64 ", syndrome %#" PRIx64 "; ", one.name, one.instruction,
                    answer.x[0], answer.syndrome);
    }
  }
  const bool sound = victim.sound();
  return {wrong.empty() && sound, wrong.empty() ? text("%zu registers; the VM is %s", kGuestRegisters.size(),
                                                       sound ? "sound" : "NOT sound")
                                                : wrong};
}

// --- the host's redistributors ---

using checks::Instruction;
constexpr u64 kRedistributor = 0x080a0000;  // QEMU virt: of CPU 0

struct Access {
  u64 offset;
  Instruction instruction;
  bool is_refused;
  u64 mask, value;  // what a read has in these bits
};
constexpr u64 kAll = ~u64{0};

constexpr std::array kHostAccesses{
    Access{0x00, Instruction::kLoadWord, false, 1, 0},  // CTLR: no LPIs
    Access{0x04, Instruction::kLoadWord, false, 0xfff, 0x43b},
    Access{0x04, Instruction::kStoreWord, false, 0, 0},  // IIDR
    Access{0x08, Instruction::kLoadWord, false, 1, 0},   // TYPER: no LPIs
    Access{0x08, Instruction::kLoad, false, 3, 0},
    Access{0x08, Instruction::kStoreWord, false, 0, 0},
    Access{0x08, Instruction::kStore, false, 0, 0},
    Access{0x0c, Instruction::kLoadWord, false, 0xffff, 0},  // TYPER's upper half: affinity of CPU 0
    Access{0x0c, Instruction::kStoreWord, false, 0, 0},
    Access{0x10, Instruction::kLoadWord, false, kAll, 0},  // STATUSR
    Access{0x14, Instruction::kLoadWord, false, 6, 0},     // WAKER
    Access{0x20, Instruction::kLoadWord, false, kAll, 0},  // reserved
    Access{0x40, Instruction::kStore, false, 0, 0},        // SETLPIR
    Access{0x48, Instruction::kStore, false, 0, 0},        // CLRLPIR
    Access{0x70, Instruction::kLoad, false, kAll, 0},      // PROPBASER
    Access{0x70, Instruction::kStore, false, 0, 0},
    Access{0x78, Instruction::kLoad, false, kAll, 0},      // PENDBASER
    Access{0xa0, Instruction::kStore, false, 0, 0},        // INVLPIR
    Access{0xb0, Instruction::kStore, false, 0, 0},        // INVALLR
    Access{0xc0, Instruction::kLoadWord, false, kAll, 0},  // SYNCR
    Access{0x10, Instruction::kLoad, true, 0, 0},          // no such width
    Access{0x100, Instruction::kStore, true, 0, 0},
    Access{0x04, Instruction::kLoadByte, true, 0, 0},
    Access{0x14, Instruction::kStoreByte, true, 0, 0},
    Access{0x08, Instruction::kLoadPair, true, 0, 0},
};

Verdict redistributor_control(const Lab& lab) {
  const checks::UserMapping frame(lab.host, kRedistributor, REDOUBT_TEST_DEVICE);
  const checks::Outcome typer = checks::probe_user(Instruction::kLoad, frame.at(8));
  return {typer.signal == 0 && (typer.value >> 8 & 0xffff) == 0, text("TYPER %#" PRIx64, typer.value)};
}

Verdict host_redistributor(const Lab& lab) {
  const checks::UserMapping frame(lab.host, kRedistributor, REDOUBT_TEST_DEVICE);
  std::string wrong;
  for (const Access& one : kHostAccesses) {
    const checks::Outcome seen = checks::probe_user(one.instruction, frame.at(one.offset), 0x4800'078f);
    const bool good =
        one.is_refused ? seen.signal == kSigbus : seen.signal == 0 && (seen.value & one.mask) == one.value;
    if (!good) {
      wrong += text("%#" PRIx64 " by %s: signal %d, %#" PRIx64 "; ", one.offset,
                    checks::name_of(one.instruction), seen.signal, seen.value);
    }
  }
  return {wrong.empty(), wrong.empty() ? text("%zu accesses", kHostAccesses.size()) : wrong};
}

// --- the host's counters ---

struct Totals {
  u64 vmids, pages, tables;
};

Totals totals(const Host& host) {
  return {host.counter_or_zero(REDOUBT_COUNTER_VMIDS), host.counter_or_zero(REDOUBT_COUNTER_VM_PAGES),
          host.counter_or_zero(REDOUBT_COUNTER_VM_TABLE_PAGES)};
}

Verdict counter_control(const Lab& lab) {
  const Totals now = totals(lab.host);
  return {now.vmids == 1 && now.pages > 0 && now.tables > 0,
          text("the witness: %" PRIu64 " VMID, %" PRIu64 " pages, %" PRIu64 " table pages", now.vmids,
               now.pages, now.tables)};
}

// They follow a VM's life, and numbers that are none are refused.
Verdict counters(const Lab& lab) {
  const Totals before = totals(lab.host);
  Totals during{};
  u64 owned = 0;
  {
    const Victim victim(lab);
    if (!victim.ready()) return {false, "no victim"};
    owned = victim.vm.info().x2;
    during = totals(lab.host);
  }
  const Totals after = totals(lab.host);
  unsigned refused = 0;
  for (const u64 which : {u64{REDOUBT_COUNTER_COUNT}, u64{1} << 32, ~u64{0}})
    refused += call(lab.host, REDOUBT_HOST_COUNTER, which).status == REDOUBT_INVALID_PARAMETER ? 1 : 0;
  const bool followed = during.vmids == before.vmids + 1 && during.pages == before.pages + owned &&
                        during.tables > before.tables;
  const bool back =
      after.vmids == before.vmids && after.pages == before.pages && after.tables == before.tables;
  return {followed && back && refused == 3,
          text("%" PRIu64 " pages of the VM were counted: %s, and are gone: %s; %u of 3 numbers refused",
               owned, followed ? "yes" : "NO", back ? "yes" : "NO", refused)};
}

constexpr Attack kAttacks[] = {
    {"edges-of-guest-registers", identification, guest_registers},
    {"edges-of-host-redistributor", redistributor_control, host_redistributor},
    {"edges-of-host-counters", counter_control, counters},
};

}  // namespace

std::span<const Attack> register_attacks() { return kAttacks; }

}  // namespace redoubt::attack
