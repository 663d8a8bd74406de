// SPDX-License-Identifier: BSD-3-Clause
// ELF cores: the program headers' physical memory, every number checked against the file's size.
#include <elf.h>
#include <fmt/format.h>

#include <cstring>
#include <string_view>

#include "tools/redoubt-ptdump/image.hpp"

namespace redoubt::ptdump {
namespace {

// A structure at `offset`, or BadImage that names it.
template <class T>
T take(Bytes file, u64 offset, std::string_view what) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) {
    throw BadImage(
        fmt::format("the ELF core is truncated: its {} lies beyond its {} bytes", what, file.size()));
  }
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(T));
  return value;
}

void check_identity(const Elf64_Ehdr& header) {
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    throw BadImage("the ELF file is not 64-bit little-endian");
  }
  if (header.e_type != ET_CORE) {
    throw BadImage(
        "the ELF file is not a core; write one with QEMU's dump-guest-memory, or give --raw for raw memory");
  }
  if (header.e_machine != EM_AARCH64) {
    throw BadImage(
        fmt::format("the ELF core is of machine {}, not AArch64 ({})", header.e_machine, EM_AARCH64));
  }
  if (header.e_phentsize != sizeof(Elf64_Phdr)) {
    throw BadImage(fmt::format("the ELF core's program headers have {} bytes, not {}", header.e_phentsize,
                               sizeof(Elf64_Phdr)));
  }
}

// More than 65,534 headers are counted in the first section header (System V ABI, "extended numbering").
u64 header_count(Bytes file, const Elf64_Ehdr& header) {
  if (header.e_phnum != PN_XNUM) {
    return header.e_phnum;
  }
  return take<Elf64_Shdr>(file, header.e_shoff, "first section header").sh_info;
}

}  // namespace

bool is_elf(Bytes file) { return file.size() >= SELFMAG && std::memcmp(file.data(), ELFMAG, SELFMAG) == 0; }

MemoryImage elf_core(Bytes file) {
  const auto header = take<Elf64_Ehdr>(file, 0, "header");
  check_identity(header);
  const u64 count = header_count(file, header);
  const u64 room = header.e_phoff <= file.size() ? (file.size() - header.e_phoff) / sizeof(Elf64_Phdr) : 0;
  if (count > room) {
    throw BadImage(fmt::format("the ELF core is truncated: {} program headers at {:#x}, room for {}", count,
                               header.e_phoff, room));
  }
  std::vector<MemoryImage::Segment> segments;
  for (u64 i = 0; i < count; ++i) {
    const auto program = take<Elf64_Phdr>(file, header.e_phoff + i * sizeof(Elf64_Phdr), "program header");
    if (program.p_type != PT_LOAD) {
      continue;
    }
    if (program.p_offset > file.size() || program.p_filesz > file.size() - program.p_offset) {
      throw BadImage(
          fmt::format("the ELF core is truncated: segment {} needs {} bytes at {:#x}, the file has {}", i,
                      program.p_filesz, program.p_offset, file.size()));
    }
    segments.push_back({program.p_paddr, file.subspan(program.p_offset, program.p_filesz)});
  }
  if (segments.empty()) {
    throw BadImage("the ELF core holds no memory (no PT_LOAD segment)");
  }
  return MemoryImage(std::move(segments));
}

}  // namespace redoubt::ptdump
