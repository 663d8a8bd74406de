// SPDX-License-Identifier: BSD-3-Clause
// Formats a dump as text or as JSON.
#include "tools/redoubt-ptdump/report.hpp"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "tools/redoubt-ptdump/attributes.hpp"

namespace redoubt::ptdump {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> kLeafNames{"512 GiB", "1 GiB", "2 MiB", "4 KiB"};

std::string hex(u64 value) { return fmt::format("{:#x}", value); }
std::string span_of(u64 from, u64 size) { return fmt::format("{:#014x}-{:#014x}", from, from + size - 1); }

std::string size_text(u64 bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes % 1024 == 0 && bytes != 0 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{} {}", bytes, kUnits[unit]);
}

std::string leaves_text(const MappedRange& range) {
  std::string text;
  for (std::size_t level = 0; level < kLeafNames.size(); ++level) {
    if (range.leaves[level] != 0) {
      text += fmt::format("{}{} x {}", text.empty() ? "" : " + ", range.leaves[level], kLeafNames[level]);
    }
  }
  return text;
}

std::string attributes_text(const MappedRange& range) {
  if (range.marker) {
    return fmt::format("marker {:#x}", range.entry);
  }
  const Attributes a = decode(range.entry);
  std::string text = fmt::format("{} {} {} sh-{}", a.access, a.execute, a.memory, a.shareability);
  text += a.accessed ? " af" : "";
  text += a.contiguous ? " contiguous" : "";
  return a.software == 0 ? text : text + fmt::format(" sw{:#x}", a.software);
}

Json range_json(const MappedRange& range) {
  Json json{{"name", fmt::format("{:#x}-{:#x}", range.ipa, range.ipa + range.size - 1)},
            {"ipa", hex(range.ipa)},
            {"size", range.size},
            {"marker", range.marker}};
  for (std::size_t level = 0; level < kLeafNames.size(); ++level) {
    if (range.leaves[level] != 0) {
      json["leaves"][std::string(kLeafNames[level])] = range.leaves[level];
    }
  }
  if (range.marker) {
    json["entry"] = hex(range.entry);
    return json;
  }
  const Attributes a = decode(range.entry);
  json["pa"] = hex(range.pa);
  json["attributes"] = {{"access", a.access},     {"execute", a.execute},
                        {"memory", a.memory},     {"shareability", a.shareability},
                        {"accessed", a.accessed}, {"contiguous", a.contiguous},
                        {"software", a.software}};
  return json;
}

}  // namespace

std::string text_report(const Title& title, const Request& request, const Dump& dump) {
  std::string text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{}: root {:#x}{}, {} table{} of level {}, {}-bit IPA\n", title.image, request.root,
                 title.vmid ? fmt::format(" (VMID {})", *title.vmid) : "", root_tables(request),
                 root_tables(request) == 1 ? "" : "s", request.start_level, request.ipa_bits);
  if (!dump.ranges.empty()) {
    fmt::format_to(out, "{:<30} {:<30} {:>10}  {:<24} {}\n", "IPA", "PA", "size", "leaves", "attributes");
  }
  for (const MappedRange& range : dump.ranges) {
    fmt::format_to(out, "{:<30} {:<30} {:>10}  {:<24} {}\n", span_of(range.ipa, range.size),
                   range.marker ? "-" : span_of(range.pa, range.size), size_text(range.size),
                   leaves_text(range), attributes_text(range));
  }
  fmt::format_to(
      out, "{} ranges, {} table pages ({}): {} of level 0, {} of level 1, {} of level 2, {} of level 3\n",
      dump.ranges.size(), dump.table_pages(), size_text(dump.table_pages() * kTableSize), dump.tables[0],
      dump.tables[1], dump.tables[2], dump.tables[3]);
  for (const Violation& violation : dump.violations) {
    fmt::format_to(out, "violation {}: level {}, entry {:#x} at {:#x}, IPA {:#x}: {}\n",
                   name_of(violation.kind), violation.level, violation.entry, violation.slot, violation.ipa,
                   text_of(violation.kind));
  }
  if (dump.violation_count > dump.violations.size()) {
    fmt::format_to(out, "and {} more\n", dump.violation_count - dump.violations.size());
  }
  fmt::format_to(out, "{} violations\n",
                 dump.violation_count == 0 ? "no" : std::to_string(dump.violation_count));
  return text;
}

std::string json_report(const Title& title, const Request& request, const Dump& dump) {
  Json json{{"name", title.image},
            {"root", hex(request.root)},
            {"start_level", request.start_level},
            {"root_tables", root_tables(request)},
            {"ipa_bits", request.ipa_bits},
            {"table_pages", dump.table_pages()},
            {"tables_by_level", dump.tables},
            {"ranges", Json::array()},
            {"violations", Json::array()},
            {"violation_count", dump.violation_count}};
  if (title.vmid) {
    json["vmid"] = *title.vmid;
  }
  for (const MappedRange& range : dump.ranges) {
    json["ranges"].push_back(range_json(range));
  }
  for (const Violation& violation : dump.violations) {
    json["violations"].push_back({{"name", name_of(violation.kind)},
                                  {"text", text_of(violation.kind)},
                                  {"level", violation.level},
                                  {"slot", hex(violation.slot)},
                                  {"entry", hex(violation.entry)},
                                  {"ipa", hex(violation.ipa)}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace redoubt::ptdump
