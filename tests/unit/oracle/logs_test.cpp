// SPDX-License-Identifier: BSD-3-Clause
// The oracle's bounded logs, and its domain over a state that a function gives.
#include <gtest/gtest.h>

#include <memory>

#include "machine/domain/live.hpp"
#include "machine/oracle/call_record.hpp"

namespace redoubt {
namespace {

using oracle::CallRecord;
using oracle::CellLog;
using oracle::Field;

TEST(CellLog, FindsWhatWasPutAndForgetsIt) {
  CellLog<8> log;
  log.put(1, 2, 3, 40);
  log.put(1, 3, 2, 50);
  log.put(1, 2, 3, 41);
  ASSERT_NE(log.find(1, 2, 3), nullptr);
  EXPECT_EQ(log.find(1, 2, 3)->value, 41U);
  EXPECT_EQ(log.find(1, 3, 2)->value, 50U);
  EXPECT_EQ(log.find(2, 2, 3), nullptr);
  EXPECT_EQ(log.end() - log.begin(), 2);
  log.clear();
  EXPECT_EQ(log.find(1, 2, 3), nullptr);
  EXPECT_EQ(log.begin(), log.end());
}

TEST(CellLog, KeepsTheFirstValueWhereAsked) {
  CellLog<8> log;
  log.put_first(0, 0, 0, 7);
  log.put_first(0, 0, 0, 8);
  EXPECT_EQ(log.find(0, 0, 0)->value, 7U);
}

TEST(CellLog, SaysThatItIsFull) {
  CellLog<8> log;
  for (std::uint64_t n = 0; n < 8; ++n) {
    log.put(0, n, n << 32, n);
  }
  EXPECT_FALSE(log.overflow());
  log.put(0, 3, std::uint64_t{3} << 32, 30);  // there already
  EXPECT_FALSE(log.overflow());
  log.put(0, 8, 0, 1);
  EXPECT_TRUE(log.overflow());
  for (std::uint64_t n = 0; n < 8; ++n) {
    EXPECT_EQ(log.find(0, n, n << 32)->value, n == 3 ? 30U : n);
  }
}

TEST(CallRecord, SuppliesByPrincipalInOrder) {
  const auto record = std::make_unique<CallRecord>();
  record->begin();
  record->supplied(1, 10);
  record->supplied(0, 20);
  record->supplied(1, 11);
  EXPECT_EQ(record->tape(1, 0), 10U);
  EXPECT_EQ(record->tape(1, 1), 11U);
  EXPECT_EQ(record->tape(0, 0), 20U);
  EXPECT_EQ(record->tape_length(1), 2U);
  for (std::size_t n = 0; n <= CallRecord::kTape; ++n) {
    record->supplied(2, n);
  }
  EXPECT_TRUE(record->incomplete());
  record->begin();
  EXPECT_FALSE(record->incomplete());
}

TEST(Live, ReadsThroughAndWritesToItsLog) {
  const auto domain = std::make_unique<Live>();
  domain->begin([](Field, std::uint64_t k0, std::uint64_t k1) { return 100 * k0 + k1; });
  Live::Map map(*domain, "page");
  EXPECT_EQ(map.read(2, 3), 203U);
  map.write(2, 3, 5);
  EXPECT_EQ(map.read(2, 3), 5U);
  EXPECT_EQ(map.base(2, 3), 203U);
  map.zero_row(2);
  EXPECT_EQ(map.read(2, 3), 0U);
  EXPECT_EQ(map.read(2, 4), 0U);
  EXPECT_EQ(map.read(3, 4), 304U);
  map.write(2, 4, 6);
  EXPECT_EQ(map.read(2, 4), 6U);
  EXPECT_FALSE(domain->unknown());
}

TEST(Live, NotesWhatItDoesNotKnow) {
  const auto domain = std::make_unique<Live>();
  const auto zero = [](Field, std::uint64_t, std::uint64_t) { return std::uint64_t{0}; };
  domain->begin(zero);
  Live::Map(*domain, "spt_root").write(0, 0, 1);
  EXPECT_TRUE(domain->unknown());
  domain->begin(zero);
  domain->rely("first", true);
  EXPECT_TRUE(domain->stuck().empty());
  domain->rely("second", false);
  domain->rely("third", false);
  EXPECT_EQ(domain->stuck(), "second");
}

}  // namespace
}  // namespace redoubt
