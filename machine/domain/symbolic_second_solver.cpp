// SPDX-License-Identifier: BSD-3-Clause
// The second opinion: another solver, as a process of its own, reads the obligation as SMT-LIB.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <vector>

#include "machine/domain/symbolic_solver.hpp"

namespace redoubt::smt {
namespace {

std::vector<std::string> arguments(const std::string& command, unsigned timeout_ms) {
  if (command == "z3") {
    return {command, "-smt2", "-in", "-T:" + std::to_string(timeout_ms / 1000 + 1)};
  }
  return {command, "--lang=smt2", "--tlimit=" + std::to_string(timeout_ms)};
}

// Starts the solver with the script as its input; its output can be read from `output`.
pid_t start(const std::string& command, unsigned timeout_ms, std::FILE* input, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(input), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  std::vector<std::string> words = arguments(command, timeout_ms);
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  pid_t child = -1;
  const int error = posix_spawnp(&child, command.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw EngineError("cannot start the second solver '" + command + "': is its package installed?");
  }
  return child;
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = read(descriptor, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

Answer ask_second_solver(const std::string& command, const std::string& script, unsigned timeout_ms) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> input(std::tmpfile(), std::fclose);
  std::array<int, 2> ends{};
  if (!input || pipe(ends.data()) != 0) {
    throw EngineError("no temporary file for the second solver");
  }
  std::fwrite(script.data(), 1, script.size(), input.get());
  if (std::fseek(input.get(), 0, SEEK_SET) != 0) {
    throw EngineError("no temporary file for the second solver");
  }
  pid_t child = -1;
  try {
    child = start(command, timeout_ms, input.get(), ends[1]);
  } catch (const EngineError&) {
    close(ends[0]);
    close(ends[1]);
    throw;
  }
  close(ends[1]);
  const std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (text.starts_with("unsat")) {
    return Answer::impossible;
  }
  if (text.starts_with("sat")) {
    return Answer::possible;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    throw EngineError("cannot start the second solver '" + command + "': is its package installed?");
  }
  if (text.starts_with("unknown") || text.find("timeout") != std::string::npos || text.empty()) {
    return Answer::unknown;
  }
  throw EngineError("the second solver does not understand an obligation: " + text.substr(0, 200));
}

}  // namespace redoubt::smt
