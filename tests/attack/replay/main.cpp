// SPDX-License-Identifier: BSD-3-Clause
// redoubt-replay: does the specification, in the order of the core's locks, answer each call as the core did?
// Exit codes: 0 yes, 1 no, 2 bad input.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <random>
#include <span>
#include <string>

#include "tests/attack/replay/calls.hpp"
#include "tests/attack/replay/sections.hpp"

namespace redoubt::replay {
namespace {

constexpr int kGood = 0, kRefuted = 1, kUsage = 2;
constexpr std::size_t kMostShown = 10;

struct Outcome {
  std::size_t sections = 0, wrong = 0;
  CallTally calls;
};

std::string describe(const Entry& entry) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(),
                "place %" PRIu64 ", CPU %" PRIu64 ", kind %" PRIu64 " (%" PRIx64 ", %" PRIx64 ", %" PRIx64
                ")",
                entry.sequence, entry.cpu, entry.kind, entry.a[0], entry.a[1], entry.a[2]);
  return text.data();
}

void say(bool quiet, Outcome& outcome, const std::string& what) {
  if (!quiet && outcome.wrong < kMostShown) std::printf("different: %s\n", what.c_str());
  ++outcome.wrong;
}

Outcome replay(const TraceFile& trace, const std::vector<Bundle>& bundles, bool quiet) {
  Outcome outcome;
  Sections sections(trace, bundles);
  std::vector<const Entry*> order;
  for (const Entry& entry : trace.entries)
    if (entry.kind != REDOUBT_TRACE_CALL) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->sequence < b->sequence; });
  for (const Entry* const entry : order) {
    ++outcome.sections;
    if (const std::string wrong = sections.step(*entry); !wrong.empty()) {
      say(quiet, outcome, describe(*entry) + ": " + wrong);
      if (quiet || outcome.wrong >= kMostShown) return outcome;  // what follows from a difference says little
    }
  }
  for (const std::string& wrong : check_calls(trace, sections, outcome.calls)) say(quiet, outcome, wrong);
  return outcome;
}

// A replay that no wrong answer disturbs would show nothing: one result is changed, which must be found.
bool notices_a_change(TraceFile trace, const std::vector<Bundle>& bundles, u64 seed) {
  std::mt19937_64 random(seed);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < trace.entries.size(); ++i) {
    const u64 kind = trace.entries[i].kind;
    if (kind != REDOUBT_TRACE_BEGIN && kind != REDOUBT_TRACE_FREE && kind != REDOUBT_TRACE_CALL)
      places.push_back(i);
  }
  Entry& entry = trace.entries[places[random() % places.size()]];
  entry.r[0] ^= 1;
  const bool noticed = replay(trace, bundles, true).wrong != 0;
  std::printf("control: a changed result at %s is %s\n", describe(entry).c_str(),
              noticed ? "noticed" : "NOT NOTICED");
  return noticed;
}

int run(std::span<char*> arguments) {
  if (arguments.size() < 3 || std::string(arguments[1]).starts_with("-")) {
    std::fputs(
        "Usage: redoubt-replay TRACE BUNDLE...\n"
        "Takes the specification through the trace of a debug core (tests/attack/run-attacks --trace) and "
        "compares "
        "each answer.\n  BUNDLE  every bundle of which a VM was made\n"
        "Exit codes: 0 all are equal, 1 some are not, 2 bad input.\n",
        stderr);
    return arguments.size() == 2 && std::string(arguments[1]) == "--help" ? kGood : kUsage;
  }
  const TraceFile trace = read_trace(arguments[1]);
  std::vector<Bundle> bundles;
  for (char* const name : arguments.subspan(2)) bundles.push_back(read_bundle(name));
  const Outcome outcome = replay(trace, bundles, false);
  std::printf(
      "replayed: %zu sections, %zu calls; left out: %zu calls (%zu VM_CREATE refused by page, manifest or "
      "key, %zu "
      "VCPU_RUN of a vCPU that was off)\n",
      outcome.sections, outcome.calls.compared, outcome.calls.creations + outcome.calls.off,
      outcome.calls.creations, outcome.calls.off);
  bool good = outcome.wrong == 0;
  constexpr u64 kControls = 3;
  for (u64 seed = 1; good && seed <= kControls; ++seed) good = notices_a_change(trace, bundles, seed);
  std::printf("verdict: %s: %zu differences\n", good ? "good" : "FAILED", outcome.wrong);
  return good ? kGood : kRefuted;
}

}  // namespace
}  // namespace redoubt::replay

int main(int count, char** arguments) {
  try {
    return redoubt::replay::run({arguments, static_cast<std::size_t>(count)});
  } catch (const redoubt::replay::BadInput& bad) {
    std::fprintf(stderr, "error: %s\n", bad.what());
    return redoubt::replay::kUsage;
  }
}
