// SPDX-License-Identifier: BSD-3-Clause
// redoubt-sign: the command line. Exit codes: 0 good, 1 not authentic or failed, 2 bad input or usage.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tools/redoubt-sign/bundle.hpp"
#include "tools/redoubt-sign/report.hpp"

namespace redoubt::sign {
namespace {

constexpr int kGood = 0, kFailed = 1, kBadInput = 2;

struct Arguments {
  std::string folder;                                         // keygen
  std::string kernel, raw, initrd, cmdline, memory = "256M";  // bundle
  std::string name, key, output;
  std::uint32_t vcpus = 1;
  std::uint64_t counter = 0;
  std::string bundle;  // show, verify
  bool json = false;
};

File need_file(std::string const& name) {
  auto file = tools::read_file(name);
  if (!file) throw BadInput(fmt::format("{}: cannot be read", name));
  return std::move(*file);
}

tools::KeyBytes need_key(std::string const& name, tools::KeyKind kind) {
  tools::KeyBytes key{};
  auto const error = tools::parse_key(need_file(name), kind, key);
  if (error != tools::KeyError::none) throw BadInput(fmt::format("{}: {}", name, describe(error, kind)));
  return key;
}

// "256M", "1G": bytes with an optional K, M or G.
std::uint64_t size_of(std::string const& text) {
  static constexpr std::string_view units = "KMG";
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view const rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  auto const unit = rest.empty() ? 0 : units.find(rest) + 1;
  bool const known = rest.empty() || (rest.size() == 1 && units.find(rest) != std::string_view::npos);
  if (error != std::errc{} || !known || value >> (64 - 10 * unit - 1) != 0)
    throw BadInput(fmt::format("--memory: '{}' is not a size like 256M or 1G", text));
  return value << 10 * unit;
}

void create_key(std::string const& name, std::string const& text, unsigned permissions) {
  switch (tools::create_file(name, std::as_bytes(std::span(text)), permissions)) {
    case tools::Created::yes:
      return;
    case tools::Created::exists:
      throw BadInput(fmt::format("{}: exists already, and keys are never overwritten", name));
    case tools::Created::failed:
      throw BadInput(fmt::format("{}: cannot be written", name));
  }
}

int keygen(Arguments const& arguments) {
  std::filesystem::path const folder(arguments.folder);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw BadInput(fmt::format("{}: {}", arguments.folder, error.message()));
  std::string const secret = folder / "redoubt.key", open = folder / "redoubt.pub";
  if (std::filesystem::exists(open))
    throw BadInput(fmt::format("{}: exists already, and keys are never overwritten", open));
  auto const keys = new_key_pair();
  create_key(secret, tools::key_text(tools::KeyKind::secret_key, keys.seed), 0600);
  create_key(open, tools::key_text(tools::KeyKind::public_key, keys.public_key), 0644);
  if (arguments.json) {
    nlohmann::json const object = {
        {"secret", secret}, {"public", open}, {"key", tools::hexadecimal(keys.public_key)}};
    fmt::print("{}\n", object.dump());
    return kGood;
  }
  fmt::print("{}: signs bundles, keep it secret\n{}: pack it with redoubt-pack --key\n", secret, open);
  return kGood;
}

int bundle(Arguments const& arguments) {
  VmOptions options;
  options.name = arguments.name;
  options.cmdline = arguments.cmdline;
  options.memory_size = size_of(arguments.memory);
  options.vcpus = arguments.vcpus;
  options.counter = arguments.counter;
  options.raw = !arguments.raw.empty();
  auto const keys = key_pair_of(need_key(arguments.key, tools::KeyKind::secret_key));
  options.kernel = need_file(options.raw ? arguments.raw : arguments.kernel);
  if (!arguments.initrd.empty()) options.initrd = need_file(arguments.initrd);
  auto const file = make_bundle(options, keys);
  if (!tools::write_file(arguments.output, file))
    throw BadInput(fmt::format("{}: cannot be written", arguments.output));
  if (arguments.json) {
    fmt::print("{}", json_report(arguments.output, read_bundle(file)));
  } else {
    fmt::print("{}: {} bytes, VM '{}', {} MiB, {} vCPUs, counter {}\n", arguments.output, file.size(),
               options.name, options.memory_size >> 20, options.vcpus, options.counter);
  }
  return kGood;
}

Bundle need_bundle(std::string const& name, File const& file) {
  try {
    return read_bundle(file);
  } catch (BadInput const& problem) {
    throw BadInput(fmt::format("{}: {}", name, problem.what()));
  }
}

int show(Arguments const& arguments) {
  auto const file = need_file(arguments.bundle);
  auto const contents = need_bundle(arguments.bundle, file);
  fmt::print("{}", arguments.json ? json_report(arguments.bundle, contents)
                                  : text_report(arguments.bundle, contents));
  return kGood;
}

int refute(std::string const& name, std::string const& reason) {
  fmt::print(stderr, "error: {}: {}\n", name, reason);
  return kFailed;
}

int verify(Arguments const& arguments) {
  auto const key = need_key(arguments.key, tools::KeyKind::public_key);
  auto const file = need_file(arguments.bundle);
  auto const contents = need_bundle(arguments.bundle, file);
  if (contents.record.key != key) {
    return refute(arguments.bundle,
                  fmt::format("signed by another key, {}", tools::hexadecimal(contents.record.key)));
  }
  if (!is_signed(contents)) return refute(arguments.bundle, "the signature does not fit the manifest");
  for (std::size_t i = 0; i < contents.images.size(); ++i) {
    if (is_image_intact(contents, i)) continue;
    return refute(arguments.bundle,
                  fmt::format("the image '{}' is not the signed one", contents.manifest.images[i].kind));
  }
  if (arguments.json) {
    fmt::print("{}", json_report(arguments.bundle, contents));
  } else {
    fmt::print("{}: good\n", arguments.bundle);
  }
  return kGood;
}

CLI::App* add_keygen(CLI::App& app, Arguments& arguments) {
  auto* const command = app.add_subcommand("keygen", "makes a key pair: DIR/redoubt.key and DIR/redoubt.pub");
  command->add_option("DIR", arguments.folder, "folder, made if it is missing")->required();
  command->add_flag("--json", arguments.json, "print the result as one JSON object");
  return command;
}

CLI::App* add_bundle(CLI::App& app, Arguments& arguments) {
  auto* const command = app.add_subcommand("bundle", "makes and signs a VM bundle");
  auto* const kernel =
      command->add_option("--kernel", arguments.kernel, "an uncompressed arm64 Image (Debian's vmlinuz)");
  auto* const raw = command->add_option("--raw", arguments.raw, "instead: code, entered at its first byte");
  kernel->excludes(raw);
  command->add_option("--initrd", arguments.initrd, "initial file system (default: none)");
  command->add_option("--cmdline", arguments.cmdline, "kernel command line (default: empty)");
  command->add_option("--memory", arguments.memory, "memory, a multiple of 2M")->capture_default_str();
  command->add_option("--vcpus", arguments.vcpus, "vCPUs, 1 to 8")->capture_default_str();
  command->add_option("--name", arguments.name, "the VM's name")->required();
  command
      ->add_option("--counter", arguments.counter,
                   "version: the core refuses a lower one than it has seen for the name")
      ->capture_default_str();
  command->add_option("--key", arguments.key, "secret key file")->required();
  command->add_option("--output", arguments.output, "bundle to write")->required();
  command->add_flag("--json", arguments.json, "print the result as one JSON object");
  command->final_callback([&arguments] {
    if (arguments.kernel.empty() && arguments.raw.empty()) throw CLI::RequiredError("--kernel or --raw");
  });
  return command;
}

CLI::App* add_reader(CLI::App& app, Arguments& arguments, char const* name, char const* about,
                     bool with_key) {
  auto* const command = app.add_subcommand(name, about);
  command->add_option("BUNDLE", arguments.bundle, "bundle file")->required();
  if (with_key) command->add_option("--key", arguments.key, "public key file")->required();
  command->add_flag("--json", arguments.json, "print the result as one JSON object");
  return command;
}

int start(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"Makes keys, and signed bundles of VMs that a Redoubt core accepts.", "redoubt-sign"};
  app.require_subcommand(1);
  auto const* const keygen_command = add_keygen(app, arguments);
  auto const* const bundle_command = add_bundle(app, arguments);
  auto const* const show_command = add_reader(app, arguments, "show", "prints what a bundle holds", false);
  add_reader(app, arguments, "verify", "judges a bundle as the core would with that key", true);
  try {
    app.parse(argc, argv);
  } catch (CLI::CallForHelp const& help) {
    return app.exit(help);
  } catch (CLI::CallForAllHelp const& help) {
    return app.exit(help);
  } catch (CLI::ParseError const& error) {
    fmt::print(stderr, "error: {} (see redoubt-sign --help)\n", error.what());
    return kBadInput;
  }
  try {
    if (keygen_command->parsed()) return keygen(arguments);
    if (bundle_command->parsed()) return bundle(arguments);
    return show_command->parsed() ? show(arguments) : verify(arguments);
  } catch (BadInput const& problem) {
    fmt::print(stderr, "error: {}\n", problem.what());
    return kBadInput;
  }
}

}  // namespace
}  // namespace redoubt::sign

int main(int argc, char** argv) {
  try {
    return redoubt::sign::start(argc, argv);
  } catch (std::exception const& problem) {
    (void)std::fputs("error: redoubt-sign: ", stderr);
    (void)std::fputs(problem.what(), stderr);
    (void)std::fputs("\n", stderr);
    return redoubt::sign::kFailed;
  }
}
