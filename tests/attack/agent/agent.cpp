// SPDX-License-Identifier: BSD-3-Clause
// The hostile guest: does what the attack program asks of it by way of a device, and reports what came of it.
#include "tests/attack/agent/protocol.hpp"

using namespace redoubt::attack;
using u64 = std::uint64_t;

#pragma GCC visibility push(hidden)  // no global offset table: the image is not relocated
extern "C" {
extern char _start[], scratch[], spare[];
u64 agent_load(u64 address);
void agent_store(u64 address, u64 value);
void agent_hvc(u64* registers);
void agent_smc(u64* registers);
void agent_branch(u64 address);
u64 agent_execute(u64 code, u64 x0, u64 x1);
u64 agent_hold(u64 address, u64 canary);
[[noreturn]] void agent_main(u64 context);
}
#pragma GCC visibility pop

namespace {

constexpr u64 kPageWords = 512;
constexpr u64 kReturn = 0xd65f03c0;  // RET

volatile u64& word(u64 address) { return *reinterpret_cast<volatile u64*>(address); }
u64 address_of(char const* symbol) { return reinterpret_cast<u64>(symbol); }

// Each vCPU has its part of the scratch page.
u64 own_code() {
  u64 id = 0;
  asm volatile("mrs %0, mpidr_el1" : "=r"(id));
  return address_of(scratch) + (id & 7) * 256;
}

u64 execute(u64 instruction, u64 x0, u64 x1) {
  u64 const code = own_code();
  word(code) = kReturn << 32 | instruction;
  asm volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" : : "r"(code) : "memory");
  return agent_execute(code, x0, x1);
}

u64 compare(u64 page, u64 seed) {
  u64 wrong = 0;
  for (u64 i = 0; i < kPageWords; ++i) wrong += word(page + 8 * i) != pattern(seed, i) ? 1 : 0;
  return wrong;
}

// Polls the CPU interface with interrupts masked: nothing but the interrupt itself ends the wait.
u64 await(u64 rounds) {
  constexpr u64 kNone = 1020;
  asm volatile(
      "msr s3_0_c4_c6_0, %0\n\t"    // ICC_PMR_EL1
      "msr s3_0_c12_c12_7, %1\n\t"  // ICC_IGRPEN1_EL1
      "isb"
      :
      : "r"(u64{0xff}), "r"(u64{1}));
  for (u64 i = 0; i < rounds; ++i) {
    u64 intid = 0;
    asm volatile("mrs %0, s3_0_c12_c12_2" : "=r"(intid));  // ICC_HPPIR1_EL1
    if (intid >= kNone) continue;
    asm volatile("mrs %0, s3_0_c12_c12_0\n\tdsb sy" : "=r"(intid));  // ICC_IAR1_EL1
    asm volatile("msr s3_0_c12_c12_1, %0\n\tisb" : : "r"(intid));    // ICC_EOIR1_EL1
    if (intid < kNone) return intid;
  }
  return kNone + 3;
}

void locate(u64* results) {
  results[0] = results[1] = address_of(_start);
  results[2] = address_of(scratch);
  results[3] = address_of(spare);
}

// long: one case a command
void perform(Command command, u64 const* a, u64* results) {
  switch (command) {
    case Command::kPing:
      results[0] = ~a[0];
      break;
    case Command::kWhere:
      locate(results);
      break;
    case Command::kLoad:
      results[0] = agent_load(a[0]);
      break;
    case Command::kStore:
      agent_store(a[0], a[1]);
      break;
    case Command::kHvc:
      agent_hvc(results);
      break;
    case Command::kSmc:
      agent_smc(results);
      break;
    case Command::kBranch:
      agent_branch(a[0]);
      break;
    case Command::kExecute:
      results[0] = execute(a[0], a[1], a[2]);
      break;
    case Command::kFill:
      for (u64 i = 0; i < kPageWords; ++i) word(a[0] + 8 * i) = pattern(a[1], i);
      break;
    case Command::kCompare:
      results[0] = compare(a[0], a[1]);
      break;
    case Command::kSpin:
      for (u64 i = 0; i < a[0]; ++i) asm volatile("nop");
      break;
    case Command::kHold:
      results[0] = agent_hold(kProbe, a[0]);
      break;
    case Command::kAwait:
      results[0] = await(a[0]);
      break;
    case Command::kCount:
      for (u64 i = 0; i < a[1]; ++i) word(a[0]) = word(a[0]) + 1;
      break;
  }
}

void set_syndrome(u64 value) { asm volatile("msr tpidr_el1, %0" : : "r"(value)); }
u64 syndrome() {
  u64 value = 0;
  asm volatile("mrs %0, tpidr_el1" : "=r"(value));
  return value;
}

}  // namespace

void agent_main(u64) {
  for (;;) {
    u64 a[kArgumentCount], results[kResultCount];
    auto const command = static_cast<Command>(word(kCommand));
    for (unsigned i = 0; i < kArgumentCount; ++i) a[i] = results[i] = word(kArguments + 8 * i);
    set_syndrome(0);
    perform(command, a, results);
    u64 const taken = syndrome();
    for (unsigned i = 0; i < kResultCount; ++i) word(kResults + 8 * i) = results[i];
    word(kDone) = taken;
  }
}
