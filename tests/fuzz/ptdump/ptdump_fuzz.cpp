// SPDX-License-Identifier: BSD-3-Clause
// Fuzzes the image readers and the walker of redoubt-ptdump: any file, any root; no crash, bounded work,
// sound answers.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "tools/redoubt-ptdump/report.hpp"

namespace {

using namespace redoubt::ptdump;

constexpr u64 kMaxTables = 64, kMaxRanges = 256;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// What holds for every dump, whatever the image.
void check(const Request& request, const Dump& dump) {
  require(dump.table_pages() <= request.max_tables && dump.ranges.size() <= request.max_ranges);
  require(dump.violations.size() <= Dump::kMaxViolations && dump.violations.size() <= dump.violation_count);
  u64 free_from = 0;
  for (const MappedRange& range : dump.ranges) {
    require(range.size >= kTableSize && range.ipa >= free_from);
    free_from = range.ipa + range.size;
    require(free_from <= u64{1} << request.ipa_bits);
    u64 size = 0;
    for (unsigned level = 0; level < range.leaves.size(); ++level) {
      size += range.leaves[level] << (39 - 9 * level);
    }
    require(size == range.size);
  }
  require(!text_report({"fuzz", 1}, request, dump).empty());
}

Request draw_request(FuzzedDataProvider& data) {
  Request request;
  request.root = data.ConsumeIntegral<u64>() & (kAddressEnd - 1) & ~(kTableSize - 1);
  request.start_level = data.ConsumeIntegralInRange<unsigned>(0, 2);
  request.ipa_bits = data.ConsumeIntegralInRange<unsigned>(30, 49);
  if (data.ConsumeBool()) {
    request.pool = Pool{data.ConsumeIntegral<u64>(), data.ConsumeIntegral<u64>()};
  }
  request.max_tables = kMaxTables;
  request.max_ranges = kMaxRanges;
  return request;
}

void walk_image(const MemoryImage& image, Request request) {
  if (refusal(request)) {
    const auto segments = image.segments();  // most draws are refused or miss: take a root inside the image
    request = {.root = segments.empty() ? 0 : segments.front().address & ~(16 * kTableSize - 1),
               .max_tables = kMaxTables,
               .max_ranges = kMaxRanges};
  }
  check(request, walk(image, request));
}

}  // namespace

// NOLINTNEXTLINE(misc-unused-parameters): the name and the parameters are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const Bytes file = std::as_bytes(std::span(bytes, size));
  FuzzedDataProvider data(bytes, size);
  try {
    if (is_elf(file)) {
      const MemoryImage image = elf_core(file);
      walk_image(image, {.root = 1});  // refused: the first segment is the root
    } else {
      const Request request = draw_request(data);
      const u64 base = data.ConsumeBool() ? request.root : data.ConsumeIntegral<u64>();
      const auto memory = data.ConsumeRemainingBytes<std::uint8_t>();
      walk_image(MemoryImage::raw(std::as_bytes(std::span(memory)), base), request);
    }
  } catch (const BadImage&) {  // refused with a message
  }
  return 0;
}
