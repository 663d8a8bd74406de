// SPDX-License-Identifier: BSD-3-Clause
// Raw calls, blocks of pages, views, bundles.
#include "tests/attack/program/lab.hpp"

#include <sched.h>
#include <sys/ioctl.h>

#include <cstdio>
#include <cstring>

namespace redoubt::attack {

Result call(const Host& host, u64 function, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5) {
  const checks::Registers x = host.call(REDOUBT_TEST_HVC_0, {function, x1, x2, x3, x4, x5});
  return {static_cast<std::int64_t>(x[0]), x[1], x[2], x[3]};
}

const char* name_of(std::int64_t status) {
  static constexpr std::array kNames{"SUCCESS",   "NOT_SUPPORTED", "INVALID_PARAMETER",
                                     "NOT_FOUND", "DENIED",        "NO_MEMORY",
                                     "BUSY",      "EXISTS",        "AGAIN"};
  const auto index = static_cast<u64>(-status);
  return index < kNames.size() ? kNames[index] : "no status at all";
}

void move_to_cpu(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ::sched_setaffinity(0, sizeof(set), &set);
}

Block::Block(const Host& host, unsigned order) : host_(host), order_(order) {
  redoubt_test_block request{0, order, 0};
  if (::ioctl(host.device(), REDOUBT_TEST_BLOCK, &request) == 0) physical_ = request.physical;
}

Block::~Block() {
  if (physical_ == 0 || abandoned_) return;
  redoubt_test_block request{physical_, order_, 0};
  ::ioctl(host_.device(), REDOUBT_TEST_BLOCK, &request);
}

void View::fill(u64 seed) const {
  for (u64 i = 0; i < kPageSize / 8; ++i) words()[i] = pattern(seed, i);
}

bool View::is_zero() const {
  u64 all = 0;
  for (u64 i = 0; i < kPageSize / 8; ++i) all |= words()[i];
  return all == 0;
}

bool Bundle::read(const std::string& name) {
  std::FILE* const file = std::fopen(name.c_str(), "re");
  if (file == nullptr) return false;
  std::array<unsigned char, kPageSize> part{};
  for (std::size_t got = 1; got != 0;) {
    got = std::fread(part.data(), 1, part.size(), file);
    bytes_.insert(bytes_.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
  }
  std::fclose(file);
  return bytes_.size() > kPageSize;
}

u64 Bundle::all_pages() const {
  u64 pages = 0;
  for (unsigned i = 0; i < manifest().image_count; ++i) pages += image_pages(i);
  return pages;
}

std::span<const unsigned char> Bundle::image(unsigned index) const {
  u64 page = 1;
  for (unsigned i = 0; i < index; ++i) page += image_pages(i);
  return std::span(bytes_).subspan(page * kPageSize, manifest().images[index].size);
}

void Bundle::copy_page(unsigned image, u64 index, const View& to) const {
  u64 page = 1 + index;
  for (unsigned i = 0; i < image; ++i) page += image_pages(i);
  for (u64 i = 0; i < kPageSize / 8; ++i) {
    u64 value = 0;
    std::memcpy(&value, bytes_.data() + page * kPageSize + 8 * i, sizeof(value));
    to.words()[i] = value;
  }
}

}  // namespace redoubt::attack
