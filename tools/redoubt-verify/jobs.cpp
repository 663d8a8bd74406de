// SPDX-License-Identifier: BSD-3-Clause
// Forked workers with one pipe each.
#include "tools/redoubt-verify/jobs.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <vector>

namespace redoubt::verify {
namespace {

using nlohmann::json;

struct Worker {
  std::size_t index;
  pid_t process;
  int pipe;
  std::string text;
};

Worker start(std::size_t index, const std::function<json(std::size_t)>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    throw std::runtime_error("cannot make a pipe for a worker");
  }
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process < 0) {
    throw std::runtime_error("cannot start a worker process");
  }
  if (process > 0) {
    close(ends[1]);
    return {index, process, ends[0], {}};
  }
  close(ends[0]);
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // no worker outlives the main process
  const std::string text = work(index).dump();
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = write(ends[1], text.data() + sent, text.size() - sent);
    if (n <= 0) {
      _exit(3);
    }
    sent += static_cast<std::size_t>(n);
  }
  _exit(0);
}

// How a worker ended, if not well.
std::string why(int status) {
  if (WIFSIGNALED(status)) {
    return "the worker process was killed by signal " + std::to_string(WTERMSIG(status));
  }
  if (WEXITSTATUS(status) != 0) {
    return "the worker process ended with " + std::to_string(WEXITSTATUS(status));
  }
  return {};
}

void wait_for_output(std::vector<Worker>& workers) {
  std::vector<pollfd> polls;
  polls.reserve(workers.size());
  for (const Worker& worker : workers) {
    polls.push_back({worker.pipe, POLLIN, 0});
  }
  poll(polls.data(), polls.size(), -1);
}

// Reads what is there; true: the worker has closed its end.
bool ended(Worker& worker) {
  pollfd one{worker.pipe, POLLIN, 0};
  if (poll(&one, 1, 0) <= 0) {
    return false;
  }
  std::array<char, 65536> buffer{};
  const ssize_t n = read(worker.pipe, buffer.data(), buffer.size());
  if (n > 0) {
    worker.text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return n <= 0;
}

}  // namespace

void run_jobs(std::size_t count, unsigned jobs, const std::function<json(std::size_t)>& work,
              const std::function<void(std::size_t, const json&, const std::string&)>& done) {
  std::size_t next = 0;
  for (; jobs == 0 && next < count; ++next) {
    done(next, work(next), {});
  }
  std::vector<Worker> workers;
  while (next < count || !workers.empty()) {
    while (next < count && workers.size() < jobs) {
      workers.push_back(start(next++, work));
    }
    wait_for_output(workers);
    for (auto worker = workers.begin(); worker != workers.end();) {
      if (!ended(*worker)) {
        ++worker;
        continue;
      }
      close(worker->pipe);
      int status = 0;
      waitpid(worker->process, &status, 0);
      const std::string trouble = why(status);
      const json result = json::parse(worker->text, nullptr, false);
      const bool good = trouble.empty() && !result.is_discarded();
      done(worker->index, good ? result : json(),
           good || !trouble.empty() ? trouble : "the worker sent no result");
      worker = workers.erase(worker);
    }
  }
}

}  // namespace redoubt::verify
