// SPDX-License-Identifier: BSD-3-Clause
// redoubt-pack: the command line. Exit codes: 0 written, 2 bad input or usage.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tools/redoubt-pack/pack.hpp"

namespace {

namespace pack = redoubt::pack;
using File = std::vector<std::byte>;

constexpr int kGood = 0, kBadInput = 2;

struct Options {
  std::string core, kernel, keys, output;
  bool json = false;
};

int fail(std::string const& file, std::string const& problem) {
  fmt::print(stderr, "error: {}: {}\n", file, problem);
  return kBadInput;
}

std::optional<File> read_file(std::string const& name) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(name, error)) return std::nullopt;
  std::ifstream stream(name, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string const text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) return std::nullopt;
  auto const* const begin = reinterpret_cast<std::byte const*>(text.data());
  return File(begin, begin + text.size());
}

// Written under another name and renamed, so that no half file carries the wanted name.
bool write_file(std::string const& name, File const& bytes) {
  std::string const partial = name + ".part";
  std::error_code error;
  {
    std::ofstream stream(partial, std::ios::binary | std::ios::trunc);
    stream.write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    stream.flush();
    if (!stream) {
      std::filesystem::remove(partial, error);
      return false;
    }
  }
  std::filesystem::rename(partial, name, error);
  if (!error) return true;
  std::filesystem::remove(partial, error);
  return false;
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
  auto const keys = options.keys.empty() ? File{} : read_file(options.keys);
  if (!keys) return fail(options.keys, "cannot be read");

  if (auto const error = pack::check_core(*core); error != pack::Error::none)
    return fail(options.core, pack::describe(error));
  if (auto const error = pack::check_kernel(*kernel); error != pack::Error::none)
    return fail(options.kernel, pack::describe(error));
  if (auto const error = pack::check_keys(*core, *keys); error != pack::Error::none)
    return fail(options.keys.empty() ? options.core : options.keys, pack::describe(error));

  auto const packed = pack::join(*core, *kernel, *keys);
  if (!write_file(options.output, packed)) return fail(options.output, "cannot be written");
  report(options, packed, kernel->size(), keys->size() / redoubt::kKeySize);
  return kGood;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Joins the Redoubt core, a key set and an arm64 Linux Image into one bootable file.",
               "redoubt-pack"};
  app.add_option("--core", options.core, "redoubt-core.img of the el2 build")->required();
  app.add_option("--kernel", options.kernel,
                 "the host's kernel: an uncompressed arm64 Image (Debian's vmlinuz)")
      ->required();
  app.add_option("--keys", options.keys,
                 "32-byte Ed25519 public keys, one after the other, at most 16 (default: none)");
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
