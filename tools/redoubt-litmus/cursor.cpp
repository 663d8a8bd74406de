// SPDX-License-Identifier: BSD-3-Clause
// Reads tokens from a piece of text.
#include "tools/redoubt-litmus/cursor.hpp"

#include <cctype>
#include <charconv>

namespace redoubt::litmus {
namespace {

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void Cursor::skip_space() {
  while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
    line_ += text_[at_] == '\n' ? 1 : 0;
    ++at_;
  }
}

bool Cursor::at_end() {
  skip_space();
  return at_ == text_.size();
}

char Cursor::peek() { return at_end() ? '\0' : text_[at_]; }

bool Cursor::take(std::string_view token) {
  skip_space();
  if (!text_.substr(at_).starts_with(token)) {
    return false;
  }
  at_ += token.size();
  return true;
}

void Cursor::need(std::string_view token) {
  if (!take(token)) {
    fail(at_end() ? fmt::format("'{}' is missing at the end", token)
                  : fmt::format("'{}' expected before '{}'", token, rest()));
  }
}

std::string Cursor::word() {
  skip_space();
  const std::size_t from = at_;
  while (at_ < text_.size() && in_word(text_[at_])) {
    ++at_;
  }
  return std::string(text_.substr(from, at_ - from));
}

std::optional<Value> Cursor::number() {
  skip_space();
  std::string_view left = text_.substr(at_);
  const bool negative = left.starts_with('-');
  left.remove_prefix(negative ? 1 : 0);
  if (left.empty() || !is_digit(left.front())) {
    return std::nullopt;
  }
  const bool hexadecimal = left.starts_with("0x") || left.starts_with("0X");
  left.remove_prefix(hexadecimal ? 2 : 0);
  Value value = 0;
  const auto [end, error] =
      std::from_chars(left.data(), left.data() + left.size(), value, hexadecimal ? 16 : 10);
  if (error != std::errc{}) {
    fail(fmt::format("'{}' is not a 64-bit number", rest()));
  }
  at_ = static_cast<std::size_t>(end - text_.data());
  return negative ? Value{0} - value : value;
}

std::string Cursor::rest() {
  skip_space();
  constexpr std::size_t enough = 30;
  const std::string_view left = text_.substr(at_);
  return std::string(left.substr(0, std::min(enough, left.find('\n'))));
}

}  // namespace redoubt::litmus
