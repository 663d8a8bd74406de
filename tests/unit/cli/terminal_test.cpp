// SPDX-License-Identifier: BSD-3-Clause
// The key that leaves the console.
#include "host/cli/terminal.hpp"

#include <gtest/gtest.h>

namespace redoubt::cli {
namespace {

TEST(Terminal, PassesTextOn) {
  auto const typed = split_at_detach("ls\r\x03\x1b[A");
  EXPECT_EQ(typed.text, "ls\r\x03\x1b[A");
  EXPECT_FALSE(typed.detach);
}

TEST(Terminal, DetachKeyEndsTheText) {
  auto const typed = split_at_detach(
      "ab\x1d"
      "cd");
  EXPECT_EQ(typed.text, "ab");
  EXPECT_TRUE(typed.detach);
}

}  // namespace
}  // namespace redoubt::cli
