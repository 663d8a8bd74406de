// SPDX-License-Identifier: BSD-3-Clause
// `redoubt run` as a child whose output is kept, not printed.
#pragma once

#include <sys/types.h>

#include <string>

namespace redoubt::life {

class Run {
 public:
  // Starts `redoubt run --quiet --name NAME BUNDLE`.
  Run(const std::string& bundle, const std::string& name);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  void kill() const;
  // Types a line as soon as the output holds `after`; false: it never did.
  [[nodiscard]] bool answer(const std::string& after, const std::string& line);
  // Reads to the end, waits; the exit code, or -1 - signal. A run that takes longer than `seconds` is killed.
  int finish(int seconds = 60);
  [[nodiscard]] const std::string& output() const { return output_; }

 private:
  [[nodiscard]] std::string threads() const;
  // False: nothing came in time, or the end.
  bool read_some(int milliseconds);

  pid_t child_ = -1;
  int input_ = -1, from_ = -1;
  std::string output_;
};

[[nodiscard]] long now_milliseconds();

}  // namespace redoubt::life
