// SPDX-License-Identifier: BSD-3-Clause
// The user's terminal.
#include "host/cli/terminal.hpp"

#include <unistd.h>

#include <cerrno>

namespace redoubt::cli {

Typed split_at_detach(std::string_view input) {
  auto const position = input.find(kDetachKey);
  return {std::string(input.substr(0, position)), position != std::string_view::npos};
}

RawTerminal::RawTerminal(int file) : file_(file), changed_(::tcgetattr(file, &before_) == 0) {
  if (!changed_) return;
  termios raw = before_;
  ::cfmakeraw(&raw);
  raw.c_oflag = before_.c_oflag;
  ::tcsetattr(file_, TCSADRAIN, &raw);
}

RawTerminal::~RawTerminal() {
  if (changed_) ::tcsetattr(file_, TCSADRAIN, &before_);
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    ssize_t const length = ::write(file, text.data(), text.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return true;
}

void tell(std::string const& text) { write_all(STDERR_FILENO, text + '\n'); }

}  // namespace redoubt::cli
