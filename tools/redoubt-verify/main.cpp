// SPDX-License-Identifier: BSD-3-Clause
// redoubt-verify: proves the shipped layers, refutes the seeded faults, and says what is assumed.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "machine/domain/symbolic_solver.hpp"
#include "tools/redoubt-verify/baseline.hpp"
#include "tools/redoubt-verify/jobs.hpp"
#include "tools/redoubt-verify/memory.hpp"
#include "tools/redoubt-verify/prover.hpp"
#include "tools/redoubt-verify/show.hpp"
#include "tools/redoubt-verify/theorem_page.hpp"

namespace redoubt::verify {
namespace {

using nlohmann::json;
constexpr int kGood = 0, kRefuted = 1, kUsage = 2, kNoProof = 3;

struct Request {
  std::vector<std::string> only;
  std::string fault, dump, cross_check, baseline, pick = "0", markdown;
  bool faults = false, as_json = false, trust = false, list = false, with_long = false, in_process = false;
  bool update_baseline = false;
  unsigned share = 1;
  long memory_limit = 0;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  std::uint64_t budget = smt::Options{}.obligation_budget;
};

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void declare(CLI::App& app, Request& r) {
  app.add_option(
      "--only", r.only,
      "Theorems of this id, name or layer, as model/walk_pgd, walk_pgd or PTWalk; if there is none, those "
      "whose id contains the text (repeatable)");
  app.add_option(
      "--fault", r.fault,
      "Seed this fault of the code or (S1, ...) of the specification first, by number or name: the "
      "proof must fail");
  app.add_flag("--faults", r.faults,
               "Seed every fault in turn: each must be refuted and confirmed by replay");
  app.add_option("--share", r.share, "With --faults: one of so many equal shares of them")
      ->check(CLI::Range(1u, 100u));
  app.add_option("--pick", r.pick, "With --share: which one, as a hexadecimal text such as a commit's hash");
  app.add_flag("--json", r.as_json, "Write the results as JSON");
  app.add_option("--dump", r.dump, "Write every obligation to this folder as SMT-LIB");
  app.add_option("--cross-check", r.cross_check,
                 "A second solver that must agree on every obligation (cvc5 or z3)")
      ->check(CLI::IsMember({"cvc5", "z3"}));
  app.add_option("--jobs", r.jobs, "Theorems proved at the same time")->check(CLI::Range(1u, 256u));
  app.add_option("--baseline", r.baseline,
                 "Compare paths, obligations and solver steps with this record (10 %)");
  app.add_flag("--update-baseline", r.update_baseline, "Write the record instead (needs --baseline)");
  app.add_option("--budget", r.budget, "Solver steps for one obligation; running out is 'unknown'");
  app.add_option("--memory-limit", r.memory_limit,
                 "Most memory that a process may take, in MiB; more is a failure (0: no limit)")
      ->check(CLI::Range(0L, 1L << 30));
  app.add_flag("--long", r.with_long, "Slow theorems too");
  app.add_flag("--in-process", r.in_process, "No worker processes: for a debugger");
  app.add_flag("--list", r.list, "List the theorems and faults");
  app.add_option("--markdown", r.markdown,
                 "Write the reference page of all theorems to this file, with the counts of --baseline");
  app.add_flag("--trust", r.trust, "List what is assumed, not proved");
}

// A layer's name does not stand for its open theorems.
bool is_named(const Theorem& t, const std::string& text) {
  return (t.layer == text && !t.open) || t.name == text || t.id() == text;
}

std::vector<Theorem> chosen(const Request& r) {
  std::vector<Theorem> theorems = all_theorems();
  const std::vector<Theorem> all = theorems;
  std::erase_if(theorems, [&](const Theorem& t) {
    if (r.only.empty()) {
      return t.open || (t.only_long && !r.with_long);
    }
    return std::none_of(r.only.begin(), r.only.end(), [&](const std::string& text) {
      const bool exact =
          std::any_of(all.begin(), all.end(), [&](const Theorem& other) { return is_named(other, text); });
      return exact ? is_named(t, text) : t.id().find(text) != std::string::npos;
    });
  });
  if (theorems.empty()) {
    throw UsageError("no theorem matches --only: redoubt-verify --list names them");
  }
  return theorems;
}

smt::Options options_for(const Request& r) {
  smt::Options options;
  options.obligation_budget = r.budget;
  options.export_directory = r.dump;
  options.second_solver = r.cross_check;
  if (!r.dump.empty() && (!std::filesystem::is_directory(r.dump) || access(r.dump.c_str(), W_OK) != 0)) {
    throw UsageError("cannot write to the folder " + r.dump + ": make it first");
  }
  if (!r.cross_check.empty()) {
    try {
      smt::ask_second_solver(r.cross_check, "(set-logic QF_BV)\n(check-sat)\n", 1000);
    } catch (const smt::EngineError& error) {
      throw UsageError(error.what());
    }
  }
  return options;
}

std::string command_for(const Request& r, const Report& report) {
  const std::string fault = r.fault.empty() ? "" : " --fault " + r.fault;
  return "gdb -ex 'catch throw redoubt::Refuted' --args redoubt-verify --in-process --only " + report.id +
         fault;
}

// Reports come in any order and are shown in the theorems' order, each as soon as all before it are there.
class Printer {
 public:
  Printer(const Request& request, const std::vector<Theorem>& theorems)
      : request_(request), theorems_(theorems), ready_(theorems.size()) {}

  void add(std::size_t index, const std::vector<Report>& reports) {
    ready_.at(index) = true;
    ++finished_;
    if (request_.as_json) {
      return;
    }
    for (; shown_ < ready_.size() && ready_.at(shown_); ++shown_) {
      show(theorems_.at(shown_), reports.at(shown_));
    }
    if (isatty(STDERR_FILENO) != 0) {
      fmt::print(stderr, "\r{}/{} \r", finished_, ready_.size());
    }
    std::fflush(stdout);
  }

 private:
  void show(const Theorem& theorem, const Report& report) {
    if (const std::string title = theorem.layer + ", " + theorem.set; title != title_) {
      fmt::print("{}\n", title);
      title_ = title;
    }
    fmt::print("{}", table_line(theorem, report));
    for (const Failure& failure : report.failures) {
      fmt::print("{}\n", failure_text(report, failure, command_for(request_, report)));
    }
  }

  const Request& request_;
  const std::vector<Theorem>& theorems_;
  std::vector<bool> ready_;
  std::size_t shown_ = 0, finished_ = 0;
  std::string title_;
};

std::vector<Report> run_theorems(const Request& r, const std::vector<Theorem>& theorems,
                                 const smt::Options& options) {
  std::vector<Report> reports(theorems.size());
  Printer printer(r, theorems);
  const auto work = [&](std::size_t i) {
    smt::Options own = options;
    own.export_prefix = theorems.at(i).set + "-" + theorems.at(i).name;
    return to_json(prove(theorems.at(i), own));
  };
  run_jobs(theorems.size(), r.in_process ? 0 : r.jobs, work,
           [&](std::size_t i, const json& result, const std::string& why) {
             if (result.is_null()) {
               const Theorem& t = theorems.at(i);
               reports.at(i) = {t.id(), t.set, t.layer, t.name, Verdict::error, why, {}, {}, 0};
             } else {
               reports.at(i) = report_from(result);
             }
             printer.add(i, reports);
           });
  return reports;
}

int check_baseline(const Request& r, const std::vector<Report>& reports, json& out) {
  if (r.baseline.empty()) {
    return kGood;
  }
  if (r.update_baseline) {
    update_baseline(r.baseline, reports);
    return kGood;
  }
  std::string note;
  const auto lines = compare_with_baseline(r.baseline, reports, note);
  if (!note.empty()) {
    fmt::print(stderr, "note: {}\n", note);
  }
  for (const std::string& line : lines) {
    fmt::print(stderr, "baseline: {}\n", line);
  }
  out["baseline"] = lines;
  return lines.empty() ? kGood : kRefuted;
}

int check_memory(const Request& r, const std::vector<Report>& reports, const Memory& memory) {
  const auto lines = beyond(reports, memory, r.memory_limit);
  for (const std::string& line : lines) {
    fmt::print(stderr, "error: {}\n", line);
  }
  return lines.empty() ? kGood : kRefuted;
}

int worst(const std::vector<Report>& reports) {
  int code = kGood;
  for (const Report& report : reports) {
    if (report.verdict == Verdict::refuted) {
      return kRefuted;
    }
    if (report.verdict != Verdict::proved) {
      code = kNoProof;
    }
  }
  return code;
}

int prove_all(const Request& r) {
  if (r.update_baseline && r.baseline.empty()) {
    throw UsageError("--update-baseline needs --baseline FILE");
  }
  const std::vector<Theorem> theorems = chosen(r);
  const smt::Options options = options_for(r);
  if (!r.fault.empty()) {
    plant(seed_named(r.fault));
  }
  if (!r.as_json) {
    fmt::print("redoubt-verify (Z3 {}, 64-bit words, all inputs, {} jobs)\n", smt::solver_version(), r.jobs);
  }
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Report> reports = run_theorems(r, theorems, options);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  json out{{"solver", smt::solver_version()}, {"seconds", seconds}, {"theorems", json::array()}};
  for (const Report& report : reports) {
    out["theorems"].push_back(to_json(report));
  }
  const unsigned workers = r.in_process ? 0 : r.jobs;
  const Memory memory = memory_of(reports, workers);
  out["memory"] = to_json(memory);
  int code = worst(reports);
  if (code == kGood) {
    code = std::max(check_baseline(r, reports, out), check_memory(r, reports, memory));
  }
  if (r.as_json) {
    fmt::print("{}\n", out.dump(1));
  } else {
    fmt::print("{}assumed, not proved: listed with --trust\n{}", memory_line(memory, workers),
               summary_line(reports, seconds));
  }
  return code;
}

int fault_matrix(const Request& r) {
  if (!r.fault.empty()) {
    throw UsageError("--faults seeds every fault: leave out --fault");
  }
  if (r.pick.empty() || r.pick.find_first_not_of("0123456789abcdef") != std::string::npos) {
    throw UsageError("--pick takes hexadecimal digits, as a commit's hash");
  }
  Request with_slow = r;
  with_slow.with_long = true;  // some faults are asked of these first
  const std::vector<Theorem> theorems = chosen(with_slow);
  const std::vector<Seed> seeds = share_of(all_seeds(), r.share, r.pick);
  if (r.share != 1 && !r.as_json) {
    fmt::print("one of {} shares of the seeded faults, picked by {}\n", r.share, r.pick);
  }
  const auto show = [&](const FaultResult& result) {
    if (!r.as_json) {
      fmt::print("{}", fault_line(result));
    }
    std::fflush(stdout);
  };
  const auto results = run_fault_matrix(theorems, seeds, options_for(r), r.in_process ? 0 : r.jobs, show);
  const auto good =
      std::count_if(results.begin(), results.end(), [](const FaultResult& f) { return f.good(); });
  json out = json::array();
  for (const FaultResult& f : results) {
    out.push_back({{"number", f.seed.label()},
                   {"name", f.seed.name},
                   {"effect", f.seed.effect},
                   {"theorem", f.theorem},
                   {"property", f.property},
                   {"replay", f.replay},
                   {"seconds", f.seconds}});
  }
  if (r.as_json) {
    fmt::print("{}\n", out.dump(1));
  } else {
    fmt::print("seeded faults: {} of {} refuted and confirmed by replay\n", good, results.size());
  }
  return static_cast<std::size_t>(good) == results.size() ? kGood : kRefuted;
}

int run(const Request& r) {
  if (r.trust) {
    fmt::print("{}", trusted_text());
    return kGood;
  }
  if (r.list) {
    fmt::print("{}\nfaults:\n", list_text(all_theorems()));
    for (const Seed& s : all_seeds()) {
      fmt::print("{:>4} {:<24} {}\n", s.label(), s.name, s.effect);
    }
    return kGood;
  }
  if (!r.markdown.empty()) {
    write_theorem_page(r.markdown, all_theorems(), r.baseline);
    return kGood;
  }
  return r.faults ? fault_matrix(r) : prove_all(r);
}

}  // namespace
}  // namespace redoubt::verify

int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): when nothing can be printed
  using namespace redoubt::verify;
  CLI::App app{
      "Proves that the shipped layers refine their specification and keep their invariants, for all inputs.\n"
      "Exit codes: 0 proved, 1 refuted, 2 usage, 3 unknown, vacuous or engine error."};
  Request request;
  declare(app, request);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);
    }
    fmt::print(stderr, "error: {}\nredoubt-verify --help lists the options\n", error.what());
    return kUsage;
  }
  try {
    return run(request);
  } catch (const UsageError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return kUsage;
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return kUsage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return kNoProof;
  }
}
