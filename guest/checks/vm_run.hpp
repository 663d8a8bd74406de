// SPDX-License-Identifier: BSD-3-Clause
// `redoubt run` as a child: its console line by line, and what the module tells of its VM.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "abi/redoubt_ioctl.h"

namespace redoubt::checks {

class VmRun {
 public:
  // Starts `redoubt` with these arguments. Each line of its output is printed behind "guest| ".
  explicit VmRun(const std::vector<std::string>& arguments);
  ~VmRun();
  VmRun(const VmRun&) = delete;
  VmRun& operator=(const VmRun&) = delete;

  // The next line that begins with `start`, without it; nullopt: none came within `seconds`, or the run
  // ended.
  [[nodiscard]] std::optional<std::string> expect(const std::string& start, int seconds = 60);
  // Types a line.
  void send(const std::string& line) const;
  void kill(int signal) const;
  // Reads to the end; the exit code, or -1 - signal.
  int finish();
  // All lines so far that the command itself wrote.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  [[nodiscard]] std::optional<std::string> next_line(int milliseconds);

  pid_t child_ = -1;
  int input_ = -1, output_ = -1;
  std::string pending_;
  std::vector<std::string> remarks_;
};

[[nodiscard]] long now_milliseconds();

// Runs the command to its end; returns its exit code, and the last line it wrote itself.
int run_and_end(const std::vector<std::string>& arguments, std::string& last);

// A VM by its name, as the module lists it.
[[nodiscard]] std::optional<redoubt_ioc_vm> find_vm(const std::string& name);

}  // namespace redoubt::checks
