// SPDX-License-Identifier: BSD-3-Clause
// redoubt-ptdump: decodes a stage-2 table from a memory image, given its root. Exit codes: 0 good, 1
// violations, 2 bad input.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>

#include "core/machine/field.hpp"
#include "tools/redoubt-ptdump/mapped_file.hpp"
#include "tools/redoubt-ptdump/report.hpp"

namespace redoubt::ptdump {
namespace {

struct BadOption : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Options {
  std::string image, root, vttbr, raw, pool;
  unsigned start_level = 0, ipa_bits = 0;
  u64 max_tables = Request{}.max_tables, max_ranges = Request{}.max_ranges;
  bool json = false;
};

u64 number(std::string_view text, std::string_view option) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = hexadecimal ? text.substr(2) : text;
  u64 value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    throw BadOption(
        fmt::format("{} '{}' is not a 64-bit number (decimal, or hexadecimal with 0x)", option, text));
  }
  return value;
}

Pool pool_of(const std::string& text) {
  const auto plus = text.find('+');
  if (plus == std::string::npos) {
    throw BadOption(fmt::format("--pool '{}': give it as ADDRESS+SIZE", text));
  }
  return {number(text.substr(0, plus), "--pool address"), number(text.substr(plus + 1), "--pool size")};
}

Request request_of(const Options& options, Title& title) {
  using BaseAddress = Field<47, 1>;
  using Vmid = Field<63, 48>;
  Request request;
  if (!options.vttbr.empty()) {
    const u64 vttbr = number(options.vttbr, "--vttbr");
    request.root = BaseAddress::put(BaseAddress::get(vttbr));
    title.vmid = static_cast<unsigned>(Vmid::get(vttbr));
  } else {
    request.root = number(options.root, "--root");
  }
  request.start_level = options.start_level;
  const unsigned usual = options.start_level == 0 ? 48 : 40;
  request.ipa_bits = options.ipa_bits == 0 ? usual : options.ipa_bits;
  if (!options.pool.empty()) {
    request.pool = pool_of(options.pool);
  }
  request.max_tables = options.max_tables;
  request.max_ranges = options.max_ranges;
  if (const auto problem = refusal(request)) {
    throw BadOption(*problem);
  }
  return request;
}

MemoryImage image_of(const Options& options, Bytes file) {
  if (!options.raw.empty()) {
    return MemoryImage::raw(file, number(options.raw, "--raw"));
  }
  if (is_elf(file)) {
    return elf_core(file);
  }
  constexpr std::string_view kCompressed = "KDUMP   ";
  const std::string_view text(reinterpret_cast<const char*>(file.data()),
                              std::min<std::size_t>(8, file.size()));
  if (text == kCompressed) {
    throw BadImage(
        "a kdump-compressed dump cannot be read: write an ELF core (dump-guest-memory without -z, -l, -s)");
  }
  throw BadImage("the image is not an ELF core; if it is raw memory, say --raw ADDRESS of its first byte");
}

void declare(CLI::App& app, Options& options) {
  app.add_option("image", options.image, "memory image: ELF core of QEMU's dump-guest-memory, or raw memory")
      ->required();
  auto* root = app.add_option("--root", options.root, "physical address of the root table");
  auto* vttbr = app.add_option("--vttbr", options.vttbr, "or the VTTBR_EL2 value that names it");
  root->excludes(vttbr);
  app.add_option(
      "--start-level", options.start_level,
      "level of the root: 0 (default), or 1 for concatenated level-1 tables, as hardware walks them");
  app.add_option("--ipa-bits", options.ipa_bits, "input address width (default 48 at level 0, 40 at level 1)")
      ->check(CLI::PositiveNumber);
  app.add_option("--raw", options.raw, "the image is raw memory from this physical address on");
  app.add_option("--pool", options.pool, "ADDRESS+SIZE of the table pool: tables outside it are violations");
  app.add_option("--max-tables", options.max_tables, "table pages to read, at most")->capture_default_str();
  app.add_option("--max-ranges", options.max_ranges, "ranges to list, at most")->capture_default_str();
  app.add_flag("--json", options.json, "JSON instead of text");
  app.footer(
      "Numbers are decimal, or hexadecimal with 0x.\n"
      "Exit codes: 0 no violation, 1 violations found, 2 usage or bad input.");
}

int run(const Options& options) {
  if (options.root.empty() && options.vttbr.empty()) {
    throw BadOption("which table? Give --root ADDRESS or --vttbr VALUE");
  }
  Title title{options.image, std::nullopt};
  const Request request = request_of(options, title);
  const MappedFile file(options.image);
  const Dump dump = walk(image_of(options, file.bytes()), request);
  const auto report = options.json ? json_report : text_report;
  std::fputs(report(title, request, dump).c_str(), stdout);
  return dump.violation_count == 0 ? 0 : 1;
}

}  // namespace
}  // namespace redoubt::ptdump

// NOLINTNEXTLINE(bugprone-exception-escape): only a failed write of the message itself gets out.
int main(int argc, char** argv) {
  CLI::App app(
      "Decodes a stage-2 page table from a memory image: ranges, attributes, table pages, violations.",
      "redoubt-ptdump");
  redoubt::ptdump::Options options;
  try {
    declare(app, options);
    app.parse(argc, argv);
    return redoubt::ptdump::run(options);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);  // --help
    }
    fmt::print(stderr, "error: {} (--help lists the options)\n", error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
  }
  return 2;
}
