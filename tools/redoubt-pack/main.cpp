// SPDX-License-Identifier: BSD-3-Clause
// redoubt-pack: the command line. Exit codes: 0 written, 1 out of memory or no console, 2 bad input or usage.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/common/file.hpp"
#include "tools/common/key_file.hpp"
#include "tools/redoubt-pack/pack.hpp"

namespace {

namespace pack = redoubt::pack;
using redoubt::tools::File;
using redoubt::tools::read_file;
using redoubt::tools::write_file;

constexpr int kGood = 0, kFailed = 1, kBadInput = 2;

struct Options {
  std::string core, kernel, output;
  std::vector<std::string> keys;
  bool json = false;
};

int fail(std::string const& file, std::string const& problem) {
  fmt::print(stderr, "error: {}: {}\n", file, problem);
  return kBadInput;
}

// The keys one after the other, as the packed file has them.
std::optional<File> read_keys(std::vector<std::string> const& names) {
  File keys;
  for (auto const& name : names) {
    auto const text = read_file(name);
    if (!text) {
      fail(name, "cannot be read");
      return std::nullopt;
    }
    redoubt::tools::KeyBytes key;
    constexpr auto kind = redoubt::tools::KeyKind::public_key;
    if (auto const error = parse_key(*text, kind, key); error != redoubt::tools::KeyError::none) {
      fail(name, describe(error, kind));
      return std::nullopt;
    }
    auto const bytes = std::as_bytes(std::span(key));
    keys.insert(keys.end(), bytes.begin(), bytes.end());
  }
  return keys;
}

void report(Options const& options, File const& packed, std::size_t kernel_bytes, std::size_t keys) {
  if (options.json) {
    nlohmann::json const object = {{"name", options.output},
                                   {"bytes", packed.size()},
                                   {"kernel_offset", redoubt::kBlockSize},
                                   {"kernel_bytes", kernel_bytes},
                                   {"keys", keys}};
    fmt::print("{}\n", object.dump());
    return;
  }
  fmt::print("{}: {} bytes, kernel of {} bytes at {:#x}, {} keys\n", options.output, packed.size(),
             kernel_bytes, redoubt::kBlockSize, keys);
}

int run(Options const& options) {
  auto const core = read_file(options.core);
  if (!core) return fail(options.core, "cannot be read");
  auto const kernel = read_file(options.kernel);
  if (!kernel) return fail(options.kernel, "cannot be read");
  auto const keys = read_keys(options.keys);
  if (!keys) return kBadInput;

  if (auto const error = pack::check_core(*core); error != pack::Error::none)
    return fail(options.core, pack::describe(error));
  if (auto const error = pack::check_kernel(*kernel); error != pack::Error::none)
    return fail(options.kernel, pack::describe(error));
  if (auto const error = pack::check_keys(*core, *keys); error != pack::Error::none)
    return fail(options.output, pack::describe(error));

  auto const packed = pack::join(*core, *kernel, *keys);
  if (!write_file(options.output, packed)) return fail(options.output, "cannot be written");
  report(options, packed, kernel->size(), keys->size() / redoubt::kKeySize);
  return kGood;
}

int start(int argc, char** argv) {
  Options options;
  CLI::App app{"Joins the Redoubt core, a key set and an arm64 Linux Image into one bootable file.",
               "redoubt-pack"};
  app.add_option("--core", options.core, "redoubt-core.img of the el2 build")->required();
  app.add_option("--kernel", options.kernel,
                 "the host's kernel: an uncompressed arm64 Image (Debian's vmlinuz)")
      ->required();
  app.add_option("--key", options.keys,
                 "public key whose VMs may run, made by redoubt-sign keygen; up to 8 (default: none)");
  app.add_option("--output", options.output, "file to write")->required();
  app.add_flag("--json", options.json, "print the result as one JSON object");
  try {
    app.parse(argc, argv);
  } catch (CLI::CallForHelp const& help) {
    return app.exit(help);
  } catch (CLI::ParseError const& error) {
    fmt::print(stderr, "error: {} (see redoubt-pack --help)\n", error.what());
    return kBadInput;
  }
  return run(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return start(argc, argv);
  } catch (...) {  // no memory, no output: nothing can be said by means that may fail the same way
    (void)std::fputs("error: redoubt-pack: not enough memory, or the output cannot be written\n", stderr);
    return kFailed;
  }
}
