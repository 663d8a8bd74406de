// SPDX-License-Identifier: BSD-3-Clause
// What a debug core's trace says, written to a file as it comes.
#pragma once

#include <cstdio>
#include <mutex>
#include <string>

#include "tests/attack/program/lab.hpp"

namespace redoubt::attack {

class Trace {
 public:
  explicit Trace(const Host& host) : host_(host) {}
  ~Trace() { close(); }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Begins with what the replay must know of the machine. False: no file, or the core has no trace.
  [[nodiscard]] bool open(const std::string& file, u64 mailboxes);
  // Takes over what is new. From any thread; nothing happens where it is not open.
  void drain();
  void close();
  // Records that were overwritten before they were read.
  [[nodiscard]] u64 lost() const { return lost_; }
  [[nodiscard]] u64 records() const { return next_; }
  [[nodiscard]] bool is_open() const { return file_ != nullptr; }

 private:
  const Host& host_;
  std::FILE* file_ = nullptr;
  std::mutex lock_;
  u64 next_ = 0, lost_ = 0;
};

}  // namespace redoubt::attack
