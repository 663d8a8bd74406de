// SPDX-License-Identifier: BSD-3-Clause
// Names of events, counters, states and exits.
#include "host/cli/names.hpp"

#include <gtest/gtest.h>

#include <set>

#include "abi/redoubt_ioctl.h"

namespace redoubt::cli {
namespace {

TEST(Names, AreInPlace) {
  EXPECT_EQ(event_name(REDOUBT_EVENT_VM_DESTROYED), "vm-destroyed");
  EXPECT_EQ(event_name(REDOUBT_EVENT_HOST_ABORT), "host-abort");
  EXPECT_EQ(counter_name(REDOUBT_COUNTER_VM_EXITS), "vm-exits");
  EXPECT_EQ(counter_name(REDOUBT_COUNTER_CORE_DATA_BASE), "core-data-base");
  EXPECT_EQ(state_name(REDOUBT_VM_VERIFIED), "verified");
  EXPECT_EQ(exit_name(REDOUBT_EXIT_ERROR), "error");
}

TEST(Names, OfUnknownNumbersHoldTheNumber) {
  EXPECT_EQ(event_name(99), "event-99");
  EXPECT_EQ(counter_name(REDOUBT_COUNTER_COUNT), "counter-" + std::to_string(REDOUBT_COUNTER_COUNT));
}

TEST(Names, AreDistinct) {
  std::set<std::string> names;
  for (unsigned i = 0; i < REDOUBT_COUNTER_COUNT; ++i) names.insert(counter_name(i));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(REDOUBT_COUNTER_COUNT));
}

}  // namespace
}  // namespace redoubt::cli
