// SPDX-License-Identifier: BSD-3-Clause
// One instruction at an address from EL0, and what came of it.
#include "guest/checks/user_probe.hpp"

#include <asm/hwcap.h>
#include <asm/sigcontext.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <vector>

namespace redoubt::checks {
namespace {

constexpr std::size_t kPageSize = 4096;

thread_local sigjmp_buf resume;
thread_local Outcome caught;

// The kernel appends a record with ESR_EL1 to the frame of a fault's signal.
std::uint64_t syndrome_in(const ucontext_t& context) {
  const auto* at = reinterpret_cast<const unsigned char*>(&context.uc_mcontext.__reserved);
  const unsigned char* const end = at + sizeof(context.uc_mcontext.__reserved);
  while (at + sizeof(_aarch64_ctx) <= end) {
    _aarch64_ctx head{};
    std::memcpy(&head, at, sizeof(head));
    if (head.magic == 0 || head.size == 0) return 0;
    if (head.magic == ESR_MAGIC) {
      esr_context record{};
      std::memcpy(&record, at, sizeof(record));
      return record.esr;
    }
    at += head.size;
  }
  return 0;
}

void on_fault(int signal, siginfo_t* information, void* context) {
  caught.signal = signal;
  caught.code = information->si_code;
  caught.fault_address = reinterpret_cast<std::uint64_t>(information->si_addr);
  caught.syndrome = syndrome_in(*static_cast<const ucontext_t*>(context));
  siglongjmp(resume, 1);
}

void install_handlers() {
  struct sigaction action{};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  for (const int signal : {SIGBUS, SIGSEGV, SIGILL, SIGTRAP}) sigaction(signal, &action, nullptr);
}

bool has_atomics() { return (getauxval(AT_HWCAP) & HWCAP_ATOMICS) != 0; }

std::uint64_t load(Instruction instruction, volatile void* at) {
  std::uint64_t value = 0;  // NOLINT(misc-const-correctness): the instructions write it
  switch (instruction) {
    case Instruction::kLoadByte:
      asm volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(at) : "memory");
      break;
    case Instruction::kLoadWord:
      asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(at) : "memory");
      break;
    case Instruction::kLoadPair:
      asm volatile("ldp %0, x9, [%1]" : "=r"(value) : "r"(at) : "x9", "memory");
      break;
    case Instruction::kLoadVector:
      asm volatile("ldr q0, [%1]\n\tfmov %0, d0" : "=r"(value) : "r"(at) : "v0", "memory");
      break;
    case Instruction::kLoadAcquire:
      asm volatile("ldar %0, [%1]" : "=r"(value) : "r"(at) : "memory");
      break;
    default:
      asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(at) : "memory");
      break;
  }
  return value;
}

void store(Instruction instruction, volatile void* at, std::uint64_t value) {
  switch (instruction) {
    case Instruction::kStoreByte:
      asm volatile("strb %w0, [%1]" : : "r"(value), "r"(at) : "memory");
      break;
    case Instruction::kStoreWord:
      asm volatile("str %w0, [%1]" : : "r"(value), "r"(at) : "memory");
      break;
    case Instruction::kStorePair:
      asm volatile("stp %0, %0, [%1]" : : "r"(value), "r"(at) : "memory");
      break;
    case Instruction::kStoreVector:
      asm volatile("fmov d0, %0\n\tstr q0, [%1]" : : "r"(value), "r"(at) : "v0", "memory");
      break;
    case Instruction::kZeroBlock:
      asm volatile("dc zva, %0" : : "r"(at) : "memory");
      break;
    default:
      asm volatile("str %0, [%1]" : : "r"(value), "r"(at) : "memory");
      break;
  }
}

void update(Instruction instruction, volatile void* at, std::uint64_t value) {
  switch (instruction) {
    case Instruction::kAtomicAdd:
      asm volatile(".arch_extension lse\n\tldadd %0, x9, [%1]" : : "r"(value), "r"(at) : "x9", "memory");
      break;
    case Instruction::kCompareSwap:
      asm volatile(".arch_extension lse\n\tcas %0, %0, [%1]" : "+r"(value) : "r"(at) : "memory");
      break;
    default:
      asm volatile("ldxr x9, [%1]\n\tstxr w10, %0, [%1]" : : "r"(value), "r"(at) : "x9", "x10", "memory");
      break;
  }
}

std::uint64_t execute(Instruction instruction, volatile void* at, std::uint64_t value) {
  switch (instruction) {
    case Instruction::kClean:
      asm volatile("dc civac, %0\n\tdsb ish" : : "r"(at) : "memory");
      return 0;
    case Instruction::kPrefetch:
      asm volatile("prfm pldl1keep, [%0]" : : "r"(at) : "memory");
      return 0;
    case Instruction::kExecute:
      asm volatile("blr %0" : : "r"(at) : "x30", "memory");
      return 0;
    case Instruction::kExclusive:
    case Instruction::kAtomicAdd:
    case Instruction::kCompareSwap:
      update(instruction, at, value);
      return 0;
    default:
      break;
  }
  if (!writes(instruction)) return load(instruction, at);
  store(instruction, at, value);
  return 0;
}

}  // namespace

const char* name_of(Instruction instruction) {
  static constexpr std::array kNames{"LDRB",      "LDR w", "LDR",    "LDP",      "LDR q", "LDAR",
                                     "LDXR/STXR", "LDADD", "CAS",    "STRB",     "STR w", "STR",
                                     "STP",       "STR q", "DC ZVA", "DC CIVAC", "PRFM",  "BLR"};
  return kNames.at(static_cast<std::size_t>(instruction));
}

std::span<const Instruction> all_instructions() {
  static const std::vector<Instruction> list = [] {
    std::vector<Instruction> all;
    for (int i = 0; i <= static_cast<int>(Instruction::kExecute); ++i) {
      const auto instruction = static_cast<Instruction>(i);
      const bool atomic = instruction == Instruction::kAtomicAdd || instruction == Instruction::kCompareSwap;
      if (!atomic || has_atomics()) all.push_back(instruction);
    }
    return all;
  }();
  return list;
}

bool may_pass_silently(Instruction instruction) {
  return instruction == Instruction::kClean || instruction == Instruction::kPrefetch;
}

bool writes(Instruction instruction) {
  return instruction >= Instruction::kStoreByte && instruction <= Instruction::kZeroBlock;
}

Outcome probe_user(Instruction instruction, volatile void* address, std::uint64_t value) {
  static const bool installed = (install_handlers(), true);
  static_cast<void>(installed);
  caught = {};
  if (sigsetjmp(resume, 1) == 0) caught.value = execute(instruction, address, value);
  return caught;
}

UserMapping::UserMapping(const Host& host, std::uint64_t physical, redoubt_test_memory memory, Route route) {
  std::uint64_t offset = physical;
  int file = host.device();
  if (route == Route::kDevMem) {
    file = ::open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
  } else {
    offset |= static_cast<std::uint64_t>(memory) << REDOUBT_TEST_MMAP_TYPE_SHIFT;
    if (route == Route::kOnFault) offset |= REDOUBT_TEST_MMAP_ON_FAULT;
  }
  if (file < 0) return;
  const int protection = PROT_READ | PROT_WRITE | PROT_EXEC;
  void* const base = ::mmap(nullptr, kPageSize, protection, MAP_SHARED, file, static_cast<off_t>(offset));
  if (base != MAP_FAILED) base_ = base;
  if (route == Route::kDevMem) ::close(file);
}

UserMapping::~UserMapping() {
  if (base_ != nullptr) ::munmap(base_, kPageSize);
}

volatile void* UserMapping::at(std::uint64_t offset) const { return static_cast<char*>(base_) + offset; }

}  // namespace redoubt::checks
