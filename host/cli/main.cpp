// SPDX-License-Identifier: BSD-3-Clause
// redoubt: the command line. Exit codes: 0 good, 1 failed, 2 bad input or usage, 3 the command itself is
// broken.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <string>

#include "host/cli/commands.hpp"
#include "host/cli/error.hpp"
#include "host/cli/terminal.hpp"

namespace {

namespace cli = redoubt::cli;

struct Options {
  cli::RunOptions run;
  std::string name;
  bool all = false, json = false;
  std::uint64_t since = 0;
};

void declare(CLI::App& app, Options& options, int& result) {
  app.require_subcommand(1);
  app.add_flag("--json", options.json, "JSON for scripts");
  app.fallthrough();
  app.footer(
      "Needs root and redoubt.ko. Exit codes: 0 good (run: the guest powered off), 1 failed, 2 bad input.");

  auto* const run = app.add_subcommand("run", "run a VM; its console is on the standard input and output");
  run->add_option("BUNDLE", options.run.bundle, "made by redoubt-sign")->required();
  run->add_option("--name", options.run.name, "name on this host (default: the bundle's)");
  run->add_option("--report", options.run.report, "write figures of the run to this file, as JSON");
  run->add_flag("--quiet", options.run.quiet, "nothing but the console, and errors");
  run->callback([&] { result = cli::run(options.run); });

  app.add_subcommand("ps", "list the VMs")->callback([&] { result = cli::list(options.json); });

  auto* const stop = app.add_subcommand("stop", "stop a VM; its memory comes back");
  auto* const name = stop->add_option("NAME", options.name, "as redoubt ps shows it");
  stop->add_flag("--all", options.all, "every VM")->excludes(name);
  stop->callback([&] {
    if (!options.all && options.name.empty()) throw CLI::RequiredError("NAME or --all");
    result = cli::stop(options.name, options.all);
  });

  auto* const log = app.add_subcommand("log", "print what the core logged");
  log->add_option("--since", options.since, "first sequence number");
  log->callback([&] { result = cli::log(options.since, options.json); });

  app.add_subcommand("info", "print the core's version and counters")->callback([&] {
    result = cli::info(options.json);
  });
  app.add_subcommand("audit", "let a debug core check all page tables")->callback([&] {
    result = cli::audit(options.json);
  });
}

int run(int count, char** arguments) {
  CLI::App app{"Runs protected VMs on a host below which Redoubt's core runs.", "redoubt"};
  Options options;
  int result = cli::kGood;
  declare(app, options, result);
  try {
    app.parse(count, arguments);
  } catch (CLI::Success const& help) {
    return app.exit(help);
  } catch (CLI::ParseError const& error) {
    cli::tell(fmt::format("error: {}\n(redoubt --help lists commands and options)", error.what()));
    return cli::kBadInput;
  }
  return result;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run(count, arguments);
  } catch (cli::Error const& error) {
    cli::tell(fmt::format("error: {}", error.what()));
    return error.code();
  } catch (std::exception const& error) {
    cli::tell(fmt::format("error: {}", error.what()));
    return 3;
  }
}
