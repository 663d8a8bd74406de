// SPDX-License-Identifier: BSD-3-Clause
// Work spread over forked processes: each has its own solver, and a crash cannot be mistaken for a result.
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace redoubt::verify {

// Runs `work(i)` for i < count, at most `jobs` at a time, each in a process of its own. `done(i, result)` is
// called here as they end, in any order; `result` is null and `why` says what happened if the process died.
// jobs == 0: no processes, one after the other here, for a debugger.
void run_jobs(std::size_t count, unsigned jobs, const std::function<nlohmann::json(std::size_t)>& work,
              const std::function<void(std::size_t, const nlohmann::json&, const std::string& why)>& done);

}  // namespace redoubt::verify
