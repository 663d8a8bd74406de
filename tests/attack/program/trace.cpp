// SPDX-License-Identifier: BSD-3-Clause
// A line of text a record: CPU, kind, place in the order, arguments, results, in hexadecimal.
#include "tests/attack/program/trace.hpp"

#include <cinttypes>

#include "guest/checks/memory_scan.hpp"

namespace redoubt::attack {
namespace {

constexpr std::size_t kFirstArgument = 4, kMostArguments = 6, kFirstResult = 10, kMostResults = 4;

}  // namespace

bool Trace::open(const std::string& file, u64 mailboxes) {
  const checks::Registers x = host_.call(REDOUBT_TEST_HVC_0, {REDOUBT_HOST_TRACE_READ, 0});
  if (static_cast<std::int64_t>(x[0]) != REDOUBT_SUCCESS) return false;
  file_ = std::fopen(file.c_str(), "we");
  if (file_ == nullptr) return false;
  const checks::Span ram = checks::machine_ram();
  std::fprintf(file_, "ram %" PRIx64 " %" PRIx64 "\nmailboxes %" PRIx64 "\n", ram.base, ram.size, mailboxes);
  for (const checks::Span& range : checks::core_ranges(host_))
    std::fprintf(file_, "core %" PRIx64 " %" PRIx64 "\n", range.base, range.size);
  drain();
  return true;
}

void Trace::drain() {
  if (file_ == nullptr) return;
  const std::lock_guard guard(lock_);
  for (;;) {
    const checks::Registers x = host_.call(REDOUBT_TEST_HVC_0, {REDOUBT_HOST_TRACE_READ, next_});
    if (static_cast<std::int64_t>(x[0]) != REDOUBT_SUCCESS) return;
    lost_ += x[1] - next_;
    next_ = x[1] + 1;
    const u64 kind = x[3] & 0xffffffff;
    // Only calls use all the words.
    const std::size_t arguments = kind == REDOUBT_TRACE_CALL ? kMostArguments : 3;
    const std::size_t results = kind == REDOUBT_TRACE_CALL ? kMostResults : 3;
    std::fprintf(file_, "%" PRIx64 " %" PRIx64 " %" PRIx64, x[3] >> 32, kind, x[2]);
    for (std::size_t i = 0; i < arguments; ++i) std::fprintf(file_, " %" PRIx64, x[kFirstArgument + i]);
    for (std::size_t i = 0; i < results; ++i) std::fprintf(file_, " %" PRIx64, x[kFirstResult + i]);
    std::fputc('\n', file_);
  }
}

void Trace::close() {
  if (file_ != nullptr) std::fclose(file_);
  file_ = nullptr;
}

}  // namespace redoubt::attack
