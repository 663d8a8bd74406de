// SPDX-License-Identifier: BSD-3-Clause
// Two vCPUs of one VM on one CPU, each with a stage-1 table of its own under the same ASID: what one of them
// has left in the TLB must not be used by the other (R16).
#include <cinttypes>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

// Instructions of the guest with their operand in x0 (Arm ARM C5.2).
constexpr u64 kWriteMair = 0xd518a200, kWriteTcr = 0xd5182040, kWriteTtbr0 = 0xd5182000,
              kWriteSctlr = 0xd5181000, kReadSctlr = 0xd5381000, kIsb = 0xd5033fdf,
              kInvalidateAll = 0xd508871f;
constexpr u64 kMair = 0x4400;  // 0: Device-nGnRnE, 1: Normal non-cacheable
constexpr u64 kTcr =
    25 | 1ull << 23 | 2ull << 32;  // 39 bits, 4 KiB, tables not cached, TTBR1 off, 40 bits out
constexpr u64 kTable = 3, kBlockEntry = 1 | 1 << 10;  // with the access flag
constexpr u64 kNormal = 1 << 2, kNeverExecute = 3ull << 53, kNotGlobal = 1 << 11;
constexpr u64 kGibibyte = u64{1} << 30, kMebibyte = u64{1} << 20;
constexpr u64 kShared = 2 * kGibibyte;  // the address at which the two see different memory
constexpr u64 kAsid = 5;
constexpr unsigned kRounds = 500;

struct Side {
  unsigned vcpu;
  u64 tables, data, value;
};

bool done(const Answer& answer) { return answer.done && answer.syndrome == 0; }

bool store(Vm& vm, u64 address, u64 value) { return done(vm.command(Command::kStore, {address, value})); }

bool execute(Vm& vm, unsigned vcpu, u64 instruction, u64 x0 = 0) {
  return done(vm.command(Command::kExecute, {instruction, x0}, vcpu));
}

// Memory and devices where they are, and `data` at kShared. The second table page holds the one entry there.
bool write_tables(Vm& vm, const Side& side) {
  const u64 device = kBlockEntry | kNeverExecute, normal = kBlockEntry | kNormal;
  const u64 second = side.tables + kPageSize;
  return store(vm, side.tables, device) && store(vm, side.tables + 8, kGibibyte | normal) &&
         store(vm, side.tables + 16, second | kTable) &&
         store(vm, second, side.data | normal | kNotGlobal | kNeverExecute) &&
         store(vm, side.data, side.value);
}

bool enable(Vm& vm, const Side& side) {
  const Answer control = vm.command(Command::kExecute, {kReadSctlr}, side.vcpu);
  return done(control) && execute(vm, side.vcpu, kWriteMair, kMair) &&
         execute(vm, side.vcpu, kWriteTcr, kTcr) &&
         execute(vm, side.vcpu, kWriteTtbr0, side.tables | kAsid << 48) && execute(vm, side.vcpu, kIsb) &&
         execute(vm, side.vcpu, kInvalidateAll) && execute(vm, side.vcpu, kWriteSctlr, control.x[0] | 1) &&
         execute(vm, side.vcpu, kIsb);
}

bool sees_own(Vm& vm, const Side& side) {
  const Answer seen = vm.command(Command::kLoad, {kShared}, side.vcpu);
  return done(seen) && seen.x[0] == side.value;
}

struct Pair {
  explicit Pair(const Lab& lab) : vm(lab.host, lab.main) {
    const u64 base = vm.memory() + 8 * kMebibyte;
    first = {0, base, base + 2 * kMebibyte, 0x1111'aaaa};
    second = {1, base + 2 * kPageSize, base + 4 * kMebibyte, 0x2222'bbbb};
    ready = vm.start() && vm.answers() && vm.start_second() && write_tables(vm, first) &&
            write_tables(vm, second) && enable(vm, first) && enable(vm, second);
  }
  Vm vm;
  Side first{}, second{};
  bool ready = false;
};

Verdict one_alone(const Lab& lab) {
  Pair pair(lab);
  unsigned wrong = 0;
  for (unsigned i = 0; pair.ready && i < kRounds; ++i) wrong += sees_own(pair.vm, pair.first) ? 0 : 1;
  const bool other = pair.ready && sees_own(pair.vm, pair.second);
  return {pair.ready && wrong == 0 && other,
          text("each vCPU has its own memory at %#" PRIx64 ": %s, %u of %u reads wrong", kShared,
               other ? "yes" : "NO", wrong, kRounds)};
}

Verdict in_turn(const Lab& lab) {
  Pair pair(lab);
  unsigned wrong = 0;
  for (unsigned i = 0; pair.ready && i < kRounds; ++i) {
    wrong += sees_own(pair.vm, pair.first) ? 0 : 1;
    wrong += sees_own(pair.vm, pair.second) ? 0 : 1;
  }
  return {pair.ready && wrong == 0,
          text("%u of %u reads in turn on one CPU saw the other's memory", wrong, 2 * kRounds)};
}

constexpr Attack kAttacks[] = {{"stale-stage1-entry-of-other-vcpu", one_alone, in_turn}};

}  // namespace

std::span<const Attack> translation_attacks() { return kAttacks; }

}  // namespace redoubt::attack
