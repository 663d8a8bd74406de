// SPDX-License-Identifier: BSD-3-Clause
// Formatting only.
#include "tools/redoubt-verify/show.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/machine/constants.hpp"

namespace redoubt::verify {
namespace {

std::size_t covered(const Theorem& theorem, const smt::Outcome& outcome) {
  return static_cast<std::size_t>(
      std::count_if(theorem.covers.begin(), theorem.covers.end(), [&](const auto& cover) {
        const auto found = outcome.covers.find(cover);
        return found != outcome.covers.end() && found->second;
      }));
}

// The fields of a page-table entry, by the map that holds it; empty for other maps.
std::string entry_fields(const std::string& map, std::uint64_t entry) {
  const bool leaf_table = map == "pmd";
  if (map != "root" && map != "pgd" && map != "pud" && !leaf_table) {
    return {};
  }
  if (entry == 0) {
    return "  (nothing)";
  }
  const std::uint64_t type = entry & PMD_TYPE_MASK, address = phys_page(entry);
  const char* kind = (type & DESC_VALID) == 0 ? "invalid, a marker"
                     : type == PMD_TYPE_BLOCK ? (leaf_table ? "reserved type" : "block")
                     : leaf_table             ? "page"
                                              : "table";
  return fmt::format("  ({}, address {:#x}, other bits {:#x})", kind, address,
                     entry & ~(PHYS_MASK & PAGE_MASK));
}

std::string cells_text(const Concrete::Inputs& inputs) {
  std::string text;
  for (const auto& [map, cells] : inputs.maps) {
    for (const auto& [key, value] : cells) {
      text += fmt::format("    {}[{:#x}, {:#x}] = {:#x}{}\n", map, key.first, key.second, value,
                          entry_fields(map, value));
    }
  }
  return text;
}

}  // namespace

std::string table_line(const Theorem& theorem, const Report& r) {
  const smt::Outcome& o = r.outcome;
  const std::string covers = fmt::format("covers {}/{}", covered(theorem, o), theorem.covers.size());
  std::string line = fmt::format("  {:<26} {:<8} {:>3} paths {:>4} obligations {:>6.1f} s   {}", r.name,
                                 to_string(r.verdict), o.paths, o.obligations, o.seconds, covers);
  if (o.cross_checked != 0) {
    line += fmt::format("   {} cross-checked", o.cross_checked);
  }
  if (!r.message.empty()) {
    line += "\n      " + r.message;
  }
  return line + "\n";
}

std::string summary_line(const std::vector<Report>& reports, double seconds) {
  const auto count = [&](Verdict verdict) {
    return std::count_if(reports.begin(), reports.end(),
                         [&](const Report& r) { return r.verdict == verdict; });
  };
  unsigned obligations = 0;
  unsigned paths = 0;
  for (const Report& r : reports) {
    obligations += r.outcome.obligations;
    paths += r.outcome.paths;
  }
  return fmt::format(
      "{} proved, {} failed, {} unknown, {} vacuous, {} errors in {:.1f} s ({} paths, {} obligations)\n",
      count(Verdict::proved), count(Verdict::refuted), count(Verdict::unknown), count(Verdict::vacuous),
      count(Verdict::error), seconds, paths, obligations);
}

std::string failure_text(const Report& report, const Failure& failure, const std::string& command) {
  const smt::Counterexample& e = failure.example;
  std::string text =
      fmt::format("\n{}: {}violated: {}\n  at {}:{}\n  inputs:\n", report.id,
                  e.kind == smt::Kind::precondition ? "precondition " : "", e.label, e.file, e.line);
  for (const auto& [name, value] : e.inputs.names) {
    text += fmt::format("    {} = {:#x}\n", name, value);
  }
  text += "  memory and state that matter, by (principal, address or index):\n" + cells_text(e.inputs);
  text += "  path:\n";
  for (const std::string& step : e.path) {
    text += "    " + step + "\n";
  }
  text += fmt::format("  replay: {}\n  again:  {}\n", failure.replay, command);
  return text;
}

std::string fault_line(const FaultResult& r) {
  const std::string how = r.theorem.empty()
                              ? "NOT REFUTED"
                              : fmt::format("refuted by {}: {}; replay {}", r.theorem, r.property, r.replay);
  return fmt::format("  {:>3} {:<24} {:>5.1f} s  {}\n", r.seed.label(), r.seed.name, r.seconds, how);
}

std::string list_text(const std::vector<Theorem>& theorems) {
  std::string text;
  for (const Theorem& t : theorems) {
    text += fmt::format("{:<28} {:<12} {}{}\n", t.id(), t.layer, t.statement,
                        t.open        ? " (open: not proved)"
                        : t.only_long ? " (--long)"
                                      : "");
  }
  return text;
}

std::string trusted_text() {
  return "Assumed, not proved:\n"
         "  1 the machines: a few hundred lines of one-line functions between the layers and the hardware\n"
         "  2 boot and vector assembly, and the code that zeroes the table pools at boot\n"
         "  3 the compiler: source templates are proven, not the binary\n"
         "  4 the proof engine and Z3; --cross-check=cvc5 takes the solver out of this list\n"
         "  5 the specification says what is meant; seeded faults show that it is not too weak\n"
         "  6 tables change under their lock only, so that a section is sequential; other CPUs' sections, "
         "which keep the\n"
         "    same invariants, are the arbitrary state at its start\n"
         "  7 hardware walkers read single entries atomically and see stores in any order within a barrier "
         "epoch\n"
         "  8 the board's pool base: page aligned, 4 KiB modulo 8 KiB, the area below 2^40 (asserted at "
         "boot)\n";
}

}  // namespace redoubt::verify
