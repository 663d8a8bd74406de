// SPDX-License-Identifier: BSD-3-Clause
// Memory images for the tests of redoubt-ptdump: tables that the layers build themselves, raw or wrapped in
// an ELF core.
#pragma once
#include <elf.h>

#include <cstring>
#include <memory>
#include <vector>

#include "core/npt/stage2.hpp"
#include "machine/bench/bench_machine.hpp"
#include "tools/redoubt-ptdump/walker.hpp"

namespace redoubt::ptdump {

using Address = redoubt::Ipa<u64>;
using Leaf = redoubt::Descriptor<u64>;
using Principal = redoubt::VmId<u64>;

// Stage-2 tables of the board's shape in host memory. The pool holds all 17 principals' tables.
class LayerTables {
 public:
  using Params = QemuVirtParams;
  static constexpr u64 kPoolBase = 0x8000'1000;  // the level-1 pairs are 8 KiB aligned

  LayerTables() : words_(pools_size<Params>() / sizeof(u64)) {
    if (const auto made = Machine::make({.pool = words_, .pool_base = kPoolBase, .pages = {}})) {
      machine_ = std::make_unique<Machine>(*made);
    }
  }

  auto layers() { return Stage2<Machine>(*machine_); }
  [[nodiscard]] Bytes bytes() const { return std::as_bytes(std::span(words_)); }
  [[nodiscard]] u64 table_pages() const { return machine_->counters().table_pages + 1; }
  u64& word(u64 address) { return words_[(address - kPoolBase) / sizeof(u64)]; }

  // The software root of a principal, with its pool.
  static Request request(u64 vmid) {
    const auto pool = pool_of<Params>(kPoolBase, Principal(vmid));
    return {.root = pool.root.raw, .ipa_bits = 40, .pool = Pool{pool.root.raw, pool.end.raw - pool.root.raw}};
  }
  // The level-1 pair on which hardware starts.
  static Request hardware_request(u64 vmid) {
    Request request = LayerTables::request(vmid);
    request.root = pool_of<Params>(kPoolBase, Principal(vmid)).pgd.raw;
    request.start_level = 1;
    return request;
  }

  Status map_page(u64 vmid, u64 ipa, u64 pa, u64 attributes = PAGE_S2_KERNEL) {
    return layers().try_map_s2pt(Principal(vmid), Address(ipa), Level::page, Leaf(pa | attributes));
  }
  Status map_block(u64 vmid, u64 ipa, u64 pa, u64 attributes = PAGE_S2_KERNEL) {
    return layers().try_map_s2pt(Principal(vmid), Address(ipa), Level::block,
                                 Leaf(pa | (attributes & ~PMD_TABLE_BIT)));
  }

 private:
  using Machine = BenchMachine<Params>;
  std::vector<u64> words_;
  std::unique_ptr<Machine> machine_;
};

// Pages on both sides of a level-2 border, a block beside them, a device page far away.
inline void map_examples(LayerTables& tables, u64 vmid) {
  tables.layers().init_s2pt(Principal(vmid));
  for (u64 page = 0; page < 4; ++page) {
    tables.map_page(vmid, 0x401f'e000 + page * PAGE_SIZE, 0x5000'0000 + page * PAGE_SIZE);
  }
  tables.map_block(vmid, 0x4040'0000, 0x6000'0000);
  tables.map_page(vmid, 0x80'0900'0000, 0x900'0000, PAGE_S2_HOST_DEVICE);
}

struct CoreSegment {
  u64 address;
  Bytes bytes;
};

// An ELF core with one PT_LOAD for each segment, preceded by an empty PT_NOTE, as dump-guest-memory writes
// it.
inline std::vector<std::byte> elf_core_of(const std::vector<CoreSegment>& segments) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_CORE;
  header.e_machine = EM_AARCH64;
  header.e_phoff = sizeof(header);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = static_cast<Elf64_Half>(segments.size() + 1);
  std::vector<Elf64_Phdr> programs(segments.size() + 1);
  programs[0].p_type = PT_NOTE;
  u64 offset = sizeof(header) + programs.size() * sizeof(Elf64_Phdr);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    Elf64_Phdr& program = programs[i + 1];
    program.p_type = PT_LOAD;
    program.p_offset = offset;
    program.p_paddr = segments[i].address;
    program.p_filesz = program.p_memsz = segments[i].bytes.size();
    offset += segments[i].bytes.size();
  }
  std::vector<std::byte> file(offset);
  std::memcpy(file.data(), &header, sizeof(header));
  std::memcpy(file.data() + sizeof(header), programs.data(), programs.size() * sizeof(Elf64_Phdr));
  for (std::size_t i = 0; i < segments.size(); ++i) {
    std::memcpy(file.data() + programs[i + 1].p_offset, segments[i].bytes.data(), segments[i].bytes.size());
  }
  return file;
}

// The guest's part of the pool only, so that files stay small.
inline CoreSegment guest_pool(const LayerTables& tables, u64 vmid) {
  const Pool pool = LayerTables::request(vmid).pool.value_or(Pool{});
  return {pool.address, tables.bytes().subspan(pool.address - LayerTables::kPoolBase, pool.size)};
}

}  // namespace redoubt::ptdump
