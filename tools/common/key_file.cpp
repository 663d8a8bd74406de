// SPDX-License-Identifier: BSD-3-Clause
// The format of key_file.hpp.
#include "tools/common/key_file.hpp"

#include <algorithm>
#include <string_view>

namespace redoubt::tools {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

constexpr std::string_view prefix(KeyKind kind) {
  return kind == KeyKind::public_key ? "redoubt-public-key ed25519 " : "redoubt-secret-key ed25519 ";
}

bool parse_digits(std::string_view digits, KeyBytes& key) {
  if (digits.size() != 2 * key.size()) return false;
  for (std::size_t i = 0; i < key.size(); ++i) {
    auto const high = kDigits.find(digits[2 * i]), low = kDigits.find(digits[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    key[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

}  // namespace

std::string hexadecimal(std::span<std::uint8_t const> bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (unsigned const byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string key_text(KeyKind kind, KeyBytes const& key) {
  return std::string(prefix(kind)) + hexadecimal(key) + "\n";
}

KeyError parse_key(Bytes text, KeyKind wanted, KeyBytes& key) {
  std::string_view line(reinterpret_cast<char const*>(text.data()), text.size());
  if (line.ends_with('\n')) line.remove_suffix(1);
  auto const other = wanted == KeyKind::public_key ? KeyKind::secret_key : KeyKind::public_key;
  if (line.starts_with(prefix(other))) return KeyError::other_half;
  if (!line.starts_with(prefix(wanted))) return KeyError::not_a_key;
  return parse_digits(line.substr(prefix(wanted).size()), key) ? KeyError::none : KeyError::not_a_key;
}

char const* describe(KeyError error, KeyKind wanted) {
  bool const is_public = wanted == KeyKind::public_key;
  switch (error) {
    case KeyError::none:
      return "no error";
    case KeyError::not_a_key:
      return is_public ? "not a public key: give the redoubt.pub that redoubt-sign keygen wrote"
                       : "not a secret key: give the redoubt.key that redoubt-sign keygen wrote";
    case KeyError::other_half:
      return is_public ? "a secret key, which must stay with its owner: give the redoubt.pub beside it"
                       : "a public key: signing needs the redoubt.key beside it";
  }
  return "unknown error";
}

}  // namespace redoubt::tools
