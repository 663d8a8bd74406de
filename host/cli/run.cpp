// SPDX-License-Identifier: BSD-3-Clause
// redoubt run: one VM from its bundle to its end.
#include <fmt/core.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "host/cli/commands.hpp"
#include "host/cli/console.hpp"
#include "host/cli/error.hpp"
#include "host/cli/names.hpp"
#include "host/cli/terminal.hpp"

namespace redoubt::cli {
namespace {

Session* running = nullptr;  // for the signal handler alone

void on_signal(int /*signal*/) {
  if (running != nullptr) running->end(Outcome::kSignal);
}

// While it lives, a request to end goes to the session.
class SignalScope {
 public:
  explicit SignalScope(Session& session) {
    running = &session;
    struct sigaction action{};
    action.sa_handler = on_signal;
    for (int const signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
  }
  ~SignalScope() {
    struct sigaction action{};
    action.sa_handler = SIG_DFL;
    for (int const signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
    running = nullptr;
  }
  SignalScope(SignalScope const&) = delete;
  SignalScope& operator=(SignalScope const&) = delete;
};

nlohmann::json exits_of(Figures const& figures) {
  auto exits = nlohmann::json::object();
  for (unsigned i = 0; i < REDOUBT_EXIT_KINDS; ++i) exits[exit_name(i)] = figures.vm.exits[i];
  return exits;
}

void write_report(std::string const& file, std::string const& name, Outcome outcome, Figures const& figures) {
  nlohmann::json const report = {{"name", name},
                                 {"outcome", static_cast<int>(outcome)},
                                 {"create_ns", figures.create},
                                 {"load_ns", figures.load},
                                 {"verify_ns", figures.verify},
                                 {"run_ns", figures.run},
                                 {"pages", figures.vm.pages},
                                 {"shared_pages", figures.vm.shared_pages},
                                 {"blocks", figures.vm.blocks},
                                 {"single_pages", figures.vm.single_pages},
                                 {"exits", exits_of(figures)}};
  std::ofstream stream(file);
  stream << report.dump(1) << '\n';
  stream.flush();
  if (!stream) throw Error(kFailed, fmt::format("{}: the report cannot be written", file));
}

void summarize(std::string const& name, Figures const& figures) {
  std::uint64_t exits = 0;
  for (auto const count : figures.vm.exits) exits += count;
  tell(fmt::format("redoubt: {}: ran {:.3f} s after {:.3f} s of loading and verifying; {} pages, {} exits",
                   name, static_cast<double>(figures.run) / 1e9,
                   static_cast<double>(figures.create + figures.load + figures.verify) / 1e9,
                   figures.vm.pages, exits));
}

int conclude(std::string const& name, Session const& session, Outcome outcome) {
  switch (outcome) {
    case Outcome::kPoweredOff:
      return kGood;
    case Outcome::kReset:
      throw Error(
          kFailed,
          fmt::format("{}: the guest asked for a restart; VMs are started anew by redoubt run", name));
    case Outcome::kStopped:
      throw Error(kFailed, fmt::format("{}: stopped by the host", name));
    case Outcome::kConsoleLost:
      throw Error(kFailed, fmt::format("{}: the terminal is gone; the VM was stopped", name));
    case Outcome::kSignal:
      throw Error(kFailed, fmt::format("{}: ended by a signal; the VM was stopped", name));
    default:
      throw Error(kFailed, fmt::format("{}: {}", name, session.reason()));
  }
}

int run_here(Driver const& driver, Bundle const& bundle, std::string const& name, RunOptions const& options,
             ConsoleFiles console) {
  Session session(driver, bundle, name, console, options.quiet);
  Outcome outcome = Outcome::kNone;
  {
    SignalScope const scope(session);
    outcome = session.run();
  }
  end_console(console);
  if (!options.quiet) summarize(name, session.figures());
  if (!options.report.empty()) write_report(options.report, name, outcome, session.figures());
  return conclude(name, session, outcome);
}

}  // namespace

int run(RunOptions const& options) {
  Bundle const bundle = read_bundle(options.bundle);
  std::string const name = options.name.empty() ? bundle.name() : options.name;
  Driver const driver;
  ::signal(SIGPIPE, SIG_IGN);
  return with_console(name,
                      [&](ConsoleFiles console) { return run_here(driver, bundle, name, options, console); });
}

}  // namespace redoubt::cli
