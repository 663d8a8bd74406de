// SPDX-License-Identifier: BSD-3-Clause
// The page-table benchmarks as a Google Benchmark program; under callgrind, one dump of counts for each
// workload.
#include <benchmark/benchmark.h>
#include <valgrind/callgrind.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "bench/workloads.hpp"

namespace redoubt::bench {
namespace {

// Runs the loop with counting on; seconds.
double timed(const Workload& workload) {
  using Clock = std::chrono::steady_clock;
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  const auto start = Clock::now();
  workload.loop();
  const auto stop = Clock::now();
  CALLGRIND_DUMP_STATS_AT(workload.name.data());
  CALLGRIND_STOP_INSTRUMENTATION;
  return std::chrono::duration<double>(stop - start).count();
}

// A reason why the run does not count, or nothing.
std::string verify(const Workload& workload, const Counters& after) {
  const unsigned long long failed = failures();
  if (library_is_empty()) {
    return "";
  }
  if (failed != 0) {
    return std::to_string(failed) + " operations refused or answered wrongly";
  }
  if (after.tables != workload.tables) {
    return std::to_string(after.tables) + " table pages, expected " + std::to_string(workload.tables);
  }
  return workload.check();
}

void run(benchmark::State& state, const Workload& workload) {
  const auto operations = static_cast<double>(workload.operations);
  for ([[maybe_unused]] auto iteration : state) {
    workload.prepare();
    const Counters before = library_counters();
    state.SetIterationTime(timed(workload));
    const Counters after = library_counters();
    if (const std::string problem = verify(workload, after); !problem.empty()) {
      state.SkipWithError(problem.c_str());
      return;
    }
    const auto per_operation = [&](u64 to, u64 from) { return static_cast<double>(to - from) / operations; };
    state.counters["tlbi"] = per_operation(after.tlbi, before.tlbi);
    state.counters["dsb"] = per_operation(after.dsb, before.dsb);
    state.counters["isb"] = per_operation(after.isb, before.isb);
    state.counters["table_pages"] = per_operation(after.tables, 0);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(workload.operations));
}

double minimum(const std::vector<double>& values) { return *std::min_element(values.begin(), values.end()); }

void register_all() {
  for (const Workload& workload : workloads()) {
    benchmark::RegisterBenchmark(std::string(workload.name).c_str(),
                                 [&workload](benchmark::State& state) { run(state, workload); })
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond)
        ->ComputeStatistics("min", minimum);
  }
}

}  // namespace
}  // namespace redoubt::bench

// Options are Google Benchmark's; 15 interleaved repetitions unless they say otherwise.
int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1,
                   {"--benchmark_repetitions=15", "--benchmark_enable_random_interleaving=true"});
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  redoubt::bench::register_all();
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) {
    return 2;
  }
  benchmark::AddCustomContext("library", redoubt::bench::library_name());
  benchmark::AddCustomContext("compiler", __VERSION__);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
