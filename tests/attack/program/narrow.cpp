// SPDX-License-Identifier: BSD-3-Clause
// A 32-bit program of the host touches a VM's page: the abort that the core injects is the one of that state.
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

constexpr int kTouched = 7;  // exit code of a program whose access was done
constexpr std::uint32_t kAddress = 0x10000, kHeaders = sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr);

// A32 instructions on a mapping at r0.
constexpr std::uint32_t kLoad32 = 0xe5901000, kStore32 = 0xe5800000, kLoadTwo32 = 0xe8900006,
                        kBranch32 = 0xe12fff30;

// Maps frame `code[20]` of /dev/redoubt-test, does `code[16]` there, exits with kTouched; with 3 if it cannot
// be mapped.
constexpr std::array<std::uint32_t, 26> kProgram{
    0xe28f004c, 0xe3a01002, 0xe3a02000, 0xe3a07005, 0xef000000,              // r0 = open(path, O_RDWR, 0)
    0xe1a04000, 0xe3a00000, 0xe3a01a01, 0xe3a02007, 0xe3a03001, 0xe59f5020,  // r0 = mmap2(0, 4096, rwx,
    0xe3a070c0, 0xef000000,                                                  //   MAP_SHARED, r4, frame)
    0xe3700a01, 0x83a00003, 0x8a000001,                                      // if r0 > -4096: exit(3)
    kLoad32,    0xe3a00007,                                                  //
    0xe3a07001, 0xef000000,                                                  // exit(r0)
    0,                                                                       // frame
    0x7665642f, 0x6465722f, 0x7472756f, 0x7365742d, 0x74,                    // path
};

struct Narrow {
  Elf32_Ehdr header;
  Elf32_Phdr segment;
  std::array<std::uint32_t, kProgram.size()> code;
};
static_assert(sizeof(Narrow) == kHeaders + sizeof(kProgram));

Narrow make(std::uint32_t instruction, u64 physical) {
  Narrow program{};
  constexpr unsigned char kIdentity[] = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT};
  std::memcpy(program.header.e_ident, kIdentity, sizeof kIdentity);
  program.header.e_type = ET_EXEC;
  program.header.e_machine = EM_ARM;
  program.header.e_version = EV_CURRENT;
  program.header.e_entry = kAddress + kHeaders;
  program.header.e_phoff = sizeof(Elf32_Ehdr);
  program.header.e_flags = EF_ARM_EABI_VER5;
  program.header.e_ehsize = sizeof(Elf32_Ehdr);
  program.header.e_phentsize = sizeof(Elf32_Phdr);
  program.header.e_phnum = 1;
  program.segment = {PT_LOAD, 0, kAddress, kAddress, sizeof(Narrow), sizeof(Narrow), PF_R | PF_X, 4096};
  program.code = kProgram;
  program.code[16] = instruction;
  program.code[20] = static_cast<std::uint32_t>(physical / kPageSize);
  std::memcpy(&program.code[21], "/dev/redoubt-test", sizeof "/dev/redoubt-test");
  return program;
}

// How the program ended: its exit code, or minus the signal; -100: it could not be run.
int run(std::uint32_t instruction, u64 physical) {
  const Narrow program = make(instruction, physical);
  const char* const path = "/narrow";
  const int file = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
  const bool written = ::write(file, &program, sizeof program) == static_cast<ssize_t>(sizeof program);
  ::close(file);
  if (!written) return -100;
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(path, path, nullptr);
    ::_exit(100);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return -100;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

Verdict control(const Lab& lab) {
  const u64 page = lab.host.own_page();
  const int load = run(kLoad32, page), store = run(kStore32, page), two = run(kLoadTwo32, page);
  return {load == kTouched && store == kTouched && two == kTouched,
          text("a 32-bit program loads and stores in a page of the host: %d, %d, %d", load, store, two)};
}

Verdict touch(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const u64 aborts = lab.host.counter_or_zero(REDOUBT_COUNTER_ABORTS_INJECTED);
  unsigned refused = 0;
  for (const std::uint32_t instruction : {kLoad32, kStore32, kLoadTwo32, kBranch32})
    refused += run(instruction, victim.page.physical) == -SIGBUS ? 1 : 0;
  const u64 injected = lab.host.counter_or_zero(REDOUBT_COUNTER_ABORTS_INJECTED) - aborts;
  const bool sound = victim.sound();
  return {refused == 4 && injected == 4 && sound,
          text("load, store, two loads, branch: %u of 4 refused by SIGBUS; the VM is %s", refused,
               sound ? "sound" : "NOT sound")};
}

constexpr Attack kAttacks[] = {{"host-32-bit-program-touches-vm-page", control, touch}};

}  // namespace

std::span<const Attack> narrow_attacks() { return kAttacks; }

}  // namespace redoubt::attack
