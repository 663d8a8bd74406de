// SPDX-License-Identifier: BSD-3-Clause
// redoubt-litmus: judges litmus tests by the axioms of the Armv8-A memory model. Exit codes: 0 all as
// expected, 1 a verdict differs, 2 usage or bad input, 3 no verdict within the limits.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tools/redoubt-litmus/parse.hpp"
#include "tools/redoubt-litmus/report.hpp"

namespace redoubt::litmus {
namespace {

namespace fs = std::filesystem;

constexpr int kGood = 0, kMismatch = 1, kBadInput = 2, kNoVerdict = 3;

struct Options {
  std::vector<std::string> paths;
  std::string without;
  Limits limits;
  bool json = false, show = false;
};

struct Unusable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Files as named; of a folder, every *.litmus in it, in order of name.
std::vector<std::string> files_of(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().extension() == ".litmus") {
        found.push_back(entry.path().string());
      }
    }
    if (found.empty()) {
      throw Unusable(fmt::format("no *.litmus file in the folder {}", path));
    }
    std::ranges::sort(found);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

std::string read_file(const std::string& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    throw Unusable("no such file (name litmus files or folders of them)");
  }
  if (fs::file_size(path, error) > MAX_FILE) {
    throw Unusable(fmt::format("larger than {} bytes: this is not a litmus test", MAX_FILE));
  }
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) {
    throw Unusable("cannot be read: check its permissions");
  }
  return text;
}

Model model_of(const std::string& without) {
  if (without.empty()) {
    return {};
  }
  const auto clause = clause_named(without);
  if (!clause) {
    throw Unusable(
        fmt::format("--without {}: no such clause; there are {}", without, fmt::join(CLAUSES, ", ")));
  }
  return Model(*clause);
}

Outcome judge(const std::string& file, const Limits& limits, const Model& model) {
  const auto start = std::chrono::steady_clock::now();
  Outcome outcome;
  outcome.file = file;
  try {
    outcome.test = parse(read_file(file));
    outcome.result = check(outcome.test, limits, model);
  } catch (const NoVerdict& problem) {
    outcome.problem = problem.what();
  } catch (const std::runtime_error& problem) {  // BadInput, Unusable
    outcome.problem = problem.what();
    outcome.bad_input = true;
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

int code_of(const Outcome& outcome) {
  if (!outcome.result) {
    return outcome.bad_input ? kBadInput : kNoVerdict;
  }
  return outcome.result->as_claimed ? kGood : kMismatch;
}

void print(const Outcome& outcome, bool details) {
  std::fputs(text_line(outcome).c_str(), outcome.result ? stdout : stderr);
  if (outcome.result && (details || !outcome.result->as_claimed)) {
    std::fputs(text_details(outcome).c_str(), stdout);
  }
  std::fflush(stdout);
}

int run(const Options& options) {
  const Model model = model_of(options.without);
  std::array<unsigned, 4> count{};
  nlohmann::json results = nlohmann::json::array();
  for (const std::string& file : files_of(options.paths)) {
    const Outcome outcome = judge(file, options.limits, model);
    ++count.at(static_cast<std::size_t>(code_of(outcome)));
    if (options.json) {
      results.push_back(json_object(outcome));
    } else {
      print(outcome, options.show);
    }
  }
  if (options.json) {
    fmt::print("{}\n", nlohmann::json{{"results", results},
                                      {"as_expected", count[kGood]},
                                      {"not_as_expected", count[kMismatch]},
                                      {"bad_input", count[kBadInput]},
                                      {"no_verdict", count[kNoVerdict]}}
                           .dump(2));
  } else {
    fmt::print("{} as expected, {} not as expected, {} not understood, {} without a verdict\n", count[kGood],
               count[kMismatch], count[kBadInput], count[kNoVerdict]);
  }
  // The gravest first: what was not judged is worse than a verdict that differs.
  for (const int code : {kNoVerdict, kBadInput, kMismatch}) {
    if (count.at(static_cast<std::size_t>(code)) != 0) {
      return code;
    }
  }
  return kGood;
}

void declare(CLI::App& app, Options& options) {
  app.add_option("PATH", options.paths, "litmus files, or folders: every *.litmus in them")->required();
  app.add_option("--unroll", options.limits.unroll, "times that a backward branch may be taken")
      ->check(CLI::Range(0, 8))
      ->capture_default_str();
  app.add_option("--work", options.limits.work, "steps of the search for one file, at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--without", options.without,
                 "leave this clause of the model out, to see what depends on it");
  app.add_flag("--show", options.show, "final states, and an execution that decides, for every file");
  app.add_flag("--json", options.json, "JSON instead of text");
  app.footer(
      "A file's Expected=Never, Sometimes or Always line, or else its exists, ~exists or forall, is what is "
      "compared.\n"
      "Exit codes: 0 all as expected, 1 a verdict differs, 2 usage or bad input, 3 no verdict within the "
      "limits.");
}

}  // namespace
}  // namespace redoubt::litmus

// NOLINTNEXTLINE(bugprone-exception-escape): only a failed write of the message itself gets out.
int main(int argc, char** argv) {
  CLI::App app("Judges litmus tests in herd's AArch64 format by the axioms of the Armv8-A memory model.",
               "redoubt-litmus");
  redoubt::litmus::Options options;
  try {
    redoubt::litmus::declare(app, options);
    app.parse(argc, argv);
    return redoubt::litmus::run(options);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);  // --help
    }
    fmt::print(stderr, "error: {} (--help lists the options)\n", error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
  }
  return redoubt::litmus::kBadInput;
}
