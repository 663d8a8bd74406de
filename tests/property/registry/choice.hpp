// SPDX-License-Identifier: BSD-3-Clause
// A stream of choices: random cases are decoded from it, so that a failing case shrinks with the stream.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace redoubt::test {

class Choice {
 public:
  explicit Choice(std::vector<std::uint32_t> stream) : stream_(std::move(stream)) {}

  std::uint64_t word() { return at_ < stream_.size() ? stream_[at_++] : 0; }
  std::uint64_t below(std::uint64_t n) { return word() % n; }
  bool one_in(std::uint64_t n) { return below(n) == n - 1; }  // zero, the end of shrinking, is the usual case
  std::uint64_t of(std::initializer_list<std::uint64_t> values) {
    return values.begin()[below(values.size())];
  }
  template <class T>
  const T& of(const std::vector<T>& values) {
    return values[below(values.size())];
  }
  [[nodiscard]] bool empty() const { return at_ >= stream_.size(); }

 private:
  std::vector<std::uint32_t> stream_;
  std::size_t at_ = 0;
};

}  // namespace redoubt::test
