// SPDX-License-Identifier: BSD-3-Clause
// The user's terminal: raw while a VM's console is on it, and the key that leaves the console.
#pragma once

#include <termios.h>

#include <string>
#include <string_view>

namespace redoubt::cli {

inline constexpr char kDetachKey = 0x1d;  // Ctrl-]

// What of typed text goes to the guest, and whether the user left.
struct Typed {
  std::string text;
  bool detach = false;
};
[[nodiscard]] Typed split_at_detach(std::string_view input);

// Raw input until destroyed; output stays as it was.
class RawTerminal {
 public:
  explicit RawTerminal(int file);
  ~RawTerminal();
  RawTerminal(RawTerminal const&) = delete;
  RawTerminal& operator=(RawTerminal const&) = delete;

 private:
  int file_;
  termios before_{};  // before changed_, whose initialiser fills it
  bool changed_;
};

// Writes all of it; false if the other side is gone.
bool write_all(int file, std::string_view text);

// A line for the user on the error output. That nobody can read it any more is no error.
void tell(std::string const& text);

}  // namespace redoubt::cli
