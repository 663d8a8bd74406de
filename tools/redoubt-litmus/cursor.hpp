// SPDX-License-Identifier: BSD-3-Clause
// Reads tokens from a piece of text and knows the line it is on.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tools/redoubt-litmus/error.hpp"
#include "tools/redoubt-litmus/program.hpp"

namespace redoubt::litmus {

class Cursor {
 public:
  Cursor(std::string_view text, unsigned line) : text_(text), line_(line) {}

  [[nodiscard]] unsigned line() const { return line_; }
  [[noreturn]] void fail(const std::string& what) const { throw BadInput(line_, what); }

  bool at_end();
  char peek();  // 0 at the end
  // Takes exactly this text if it comes next.
  bool take(std::string_view token);
  void need(std::string_view token);
  // An identifier: letters, digits, `_` and `.`; empty if none comes next.
  std::string word();
  // Decimal or 0x, with an optional minus sign; nothing if no number comes next.
  std::optional<Value> number();
  // What is left, for messages.
  std::string rest();

 private:
  void skip_space();

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned line_;
};

}  // namespace redoubt::litmus
