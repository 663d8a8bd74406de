// SPDX-License-Identifier: BSD-3-Clause
// The log ring: INV-LOG-1, and what a reader that lags behind gets.
#include "boot/log.hpp"

#include <gtest/gtest.h>

namespace redoubt {
namespace {

TEST(Log, KeepsTheLastRecords) {
  Log<4> log;
  LogRecord record;
  EXPECT_FALSE(log.read(0, record));
  for (std::uint64_t i = 0; i < 10; ++i) log.append(100 + i, i);
  EXPECT_EQ(log.next(), 10u);
  ASSERT_TRUE(log.read(0, record));  // overwritten: the oldest kept one
  EXPECT_EQ(record.sequence, 6u);
  for (std::uint64_t i = 6; i < 10; ++i) {
    ASSERT_TRUE(log.read(i, record));
    EXPECT_EQ(record.sequence, i);
    EXPECT_EQ(record.word, 100 + i);
    EXPECT_EQ(record.value, i);
  }
  EXPECT_FALSE(log.read(10, record));
  EXPECT_FALSE(log.read(~0ull, record));
}

TEST(Log, WordHoldsEventCpuAndTime) {
  EXPECT_EQ(log_word(5, 3, 0x1234), 5ull << 56 | 3ull << 48 | 0x1234);
  EXPECT_EQ(log_word(5, 3, ~0ull), 5ull << 56 | 3ull << 48 | 0xffff'ffff'ffff);
}

}  // namespace
}  // namespace redoubt
