// SPDX-License-Identifier: BSD-3-Clause
// Image readers: ELF cores and raw memory, whole, split, truncated and damaged; the two reports.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/ptdump/images.hpp"
#include "tools/redoubt-ptdump/attributes.hpp"
#include "tools/redoubt-ptdump/report.hpp"

namespace redoubt::ptdump {
namespace {

constexpr u64 kVm = 3;

class Core : public testing::Test {
 protected:
  Core() {
    map_examples(tables, kVm);
    pool = guest_pool(tables, kVm);
    file = elf_core_of({pool});
  }
  std::string refusal_of(Bytes bytes) {
    try {
      elf_core(bytes);
      return "";
    } catch (const BadImage& error) {
      return error.what();
    }
  }
  template <class T>
  void damage(std::size_t offset, T value) {
    std::memcpy(file.data() + offset, &value, sizeof(value));
  }

  LayerTables tables;
  CoreSegment pool;
  std::vector<std::byte> file;
  Request request = LayerTables::request(kVm);
  static constexpr std::size_t kLoad = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);  // the second program header
};

TEST_F(Core, DumpsAsRawMemoryDoes) {
  const std::string raw =
      text_report({"x", {}}, request, walk(MemoryImage::raw(pool.bytes, pool.address), request));
  EXPECT_EQ(text_report({"x", {}}, request, walk(elf_core(file), request)), raw);
}

TEST_F(Core, TablePagesMayCrossSegments) {
  const std::size_t cut = 0x1234;
  const auto split =
      elf_core_of({{pool.address + cut, pool.bytes.subspan(cut)}, {pool.address, pool.bytes.first(cut)}});
  EXPECT_EQ(text_report({"x", {}}, request, walk(elf_core(split), request)),
            text_report({"x", {}}, request, walk(elf_core(file), request)));
  const auto gap = elf_core_of(
      {{pool.address + cut + 1, pool.bytes.subspan(cut + 1)}, {pool.address, pool.bytes.first(cut)}});
  const Dump dump = walk(elf_core(gap), request);
  ASSERT_GE(dump.violation_count, 1u);
  EXPECT_EQ(dump.violations[0].kind, ViolationKind::not_in_image);
}

TEST_F(Core, EveryTruncationIsRefused) {
  for (std::size_t size = 0; size < file.size(); size += size < 400 ? 1 : 4093) {
    EXPECT_NE(refusal_of(Bytes(file).first(size)).find("truncated"), std::string::npos) << size;
  }
}

TEST_F(Core, DamageIsRefusedWithAReason) {
  const auto intact = file;
  const auto expect = [&](std::size_t offset, auto value, const char* reason) {
    file = intact;
    damage(offset, value);
    EXPECT_NE(refusal_of(file).find(reason), std::string::npos) << reason << ": " << refusal_of(file);
  };
  expect(EI_CLASS, std::uint8_t{ELFCLASS32}, "64-bit");
  expect(EI_DATA, std::uint8_t{ELFDATA2MSB}, "little-endian");
  expect(offsetof(Elf64_Ehdr, e_type), Elf64_Half{ET_EXEC}, "not a core");
  expect(offsetof(Elf64_Ehdr, e_machine), Elf64_Half{EM_X86_64}, "AArch64");
  expect(offsetof(Elf64_Ehdr, e_phentsize), Elf64_Half{55}, "program headers");
  expect(offsetof(Elf64_Ehdr, e_phoff), ~u64{0}, "truncated");
  expect(offsetof(Elf64_Ehdr, e_phnum), Elf64_Half{60000}, "truncated");
  expect(offsetof(Elf64_Ehdr, e_phnum), Elf64_Half{1}, "no memory");
  expect(kLoad + offsetof(Elf64_Phdr, p_offset), ~u64{0}, "truncated");
  expect(kLoad + offsetof(Elf64_Phdr, p_filesz), ~u64{0}, "truncated");
  expect(kLoad + offsetof(Elf64_Phdr, p_paddr), ~u64{0} - 4096, "48-bit");
}

TEST_F(Core, ExtendedNumberingIsRead) {
  Elf64_Shdr section{};
  section.sh_info = 2;
  damage(offsetof(Elf64_Ehdr, e_phnum), Elf64_Half{PN_XNUM});
  EXPECT_NE(refusal_of(file), "");  // no section header: the ELF header is taken for one
  damage(offsetof(Elf64_Ehdr, e_shoff), u64{file.size()});
  const auto* bytes = reinterpret_cast<const std::byte*>(&section);
  file.insert(file.end(), bytes, bytes + sizeof(section));
  EXPECT_EQ(walk(elf_core(file), request).violation_count, 0u);
}

TEST(PtdumpImage, OverlapAndBaseAreRefused) {
  const std::vector<std::byte> bytes(8192);
  EXPECT_THROW(MemoryImage({{0, bytes}, {4096, bytes}}), BadImage);
  EXPECT_THROW(MemoryImage::raw(bytes, 8), BadImage);
  EXPECT_THROW(MemoryImage::raw(bytes, kAddressEnd - 4096), BadImage);
  EXPECT_NO_THROW(MemoryImage({{4096, bytes}, {0, Bytes(bytes).first(4096)}}));
}

TEST(PtdumpAttributes, AreDecoded) {
  const Attributes normal = decode(PAGE_S2_KERNEL), device = decode(PAGE_S2_HOST_DEVICE);
  EXPECT_EQ(normal.access, "rw");
  EXPECT_EQ(normal.execute, "x");
  EXPECT_EQ(normal.memory, "normal-wb");
  EXPECT_EQ(normal.shareability, "inner");
  EXPECT_TRUE(normal.accessed);
  EXPECT_EQ(device.memory, "device-ngnre");
  EXPECT_EQ(device.execute, "-");
  EXPECT_EQ(decode(0x5b).memory, "normal-outer-nc-inner-wt");
  EXPECT_FALSE(has_reserved_encoding(PAGE_S2_KERNEL));
  EXPECT_TRUE(has_reserved_encoding(0x13));  // outer non-cacheable, inner reserved
}

TEST_F(Core, JsonHasNamesAndAddresses) {
  const auto json = nlohmann::json::parse(json_report({"core", 3}, request, walk(elf_core(file), request)));
  EXPECT_EQ(json["name"], "core");
  EXPECT_EQ(json["vmid"], 3);
  ASSERT_EQ(json["ranges"].size(), 3u);
  EXPECT_EQ(json["ranges"][0]["name"], "0x401fe000-0x40201fff");
  EXPECT_EQ(json["ranges"][0]["pa"], "0x50000000");
  EXPECT_EQ(json["ranges"][0]["leaves"]["4 KiB"], 4);
  EXPECT_EQ(json["ranges"][0]["attributes"]["access"], "rw");
  EXPECT_EQ(json["violations"].size(), 0u);
  const std::string strange = json_report({"\xff", {}}, request, Dump{});
  EXPECT_TRUE(nlohmann::json::accept(strange));
}

}  // namespace
}  // namespace redoubt::ptdump
