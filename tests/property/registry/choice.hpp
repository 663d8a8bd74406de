// SPDX-License-Identifier: BSD-3-Clause
// A stream of choices: random cases are decoded from it, so that a failing case shrinks with the stream.
#pragma once
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <random>
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
  // A stream of its own, as long as a case may want, that this one decides by two words.
  Choice branch() {
    std::seed_seq seed{static_cast<std::uint32_t>(word()), static_cast<std::uint32_t>(word())};
    std::mt19937 draw(seed);
    std::vector<std::uint32_t> stream(6000);
    std::generate(stream.begin(), stream.end(), [&] { return static_cast<std::uint32_t>(draw()); });
    return Choice(std::move(stream));
  }
  [[nodiscard]] bool empty() const { return at_ >= stream_.size(); }

 private:
  std::vector<std::uint32_t> stream_;
  std::size_t at_ = 0;
};

}  // namespace redoubt::test
