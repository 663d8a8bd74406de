// SPDX-License-Identifier: BSD-3-Clause
// The key that leaves the console, and what becomes of the terminal meanwhile.
#include "host/cli/terminal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

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

// A terminal of the test's own, with settings that none of its makers would choose.
class OwnTerminal : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_GE(control_ = ::posix_openpt(O_RDWR | O_NOCTTY), 0);
    ASSERT_EQ(::grantpt(control_) | ::unlockpt(control_), 0);
    ASSERT_GE(file_ = ::open(::ptsname(control_), O_RDWR | O_NOCTTY), 0);
    termios settings = now();
    settings.c_cc[VINTR] = 'x';
    settings.c_oflag &= ~static_cast<tcflag_t>(ONLCR);
    ASSERT_EQ(::tcsetattr(file_, TCSANOW, &settings), 0);
  }
  void TearDown() override {
    ::close(file_);
    ::close(control_);
  }
  [[nodiscard]] termios now() const {
    termios settings{};
    EXPECT_EQ(::tcgetattr(file_, &settings), 0);
    return settings;
  }
  int control_ = -1, file_ = -1;
};

TEST_F(OwnTerminal, RawPassesEveryKeyAndStaysSwitchedOn) {
  termios const before = now();
  RawTerminal const raw(file_);
  termios const inside = now();
  EXPECT_EQ(inside.c_lflag & static_cast<tcflag_t>(ICANON | ECHO | ISIG), 0U);
  EXPECT_EQ(inside.c_cc[VMIN], 1);
  EXPECT_NE(inside.c_cflag & static_cast<tcflag_t>(CREAD), 0U);  // a serial line without it receives nothing
  EXPECT_EQ(::cfgetospeed(&inside), ::cfgetospeed(&before));
  EXPECT_EQ(inside.c_oflag, before.c_oflag);
}

TEST_F(OwnTerminal, IsAfterwardsWhatItWas) {
  termios const before = now();
  {
    RawTerminal const raw(file_);
  }
  termios const after = now();
  EXPECT_EQ(after.c_iflag, before.c_iflag);
  EXPECT_EQ(after.c_oflag, before.c_oflag);
  EXPECT_EQ(after.c_cflag, before.c_cflag);
  EXPECT_EQ(after.c_lflag, before.c_lflag);
  EXPECT_TRUE(std::equal(std::begin(before.c_cc), std::end(before.c_cc), std::begin(after.c_cc)));
}

TEST_F(OwnTerminal, TellingNobodyIsNoError) {
  int const saved = ::dup(STDERR_FILENO);
  ::close(control_);  // hangs up
  ASSERT_GE(::dup2(file_, STDERR_FILENO), 0);
  tell("nobody reads this");
  ASSERT_GE(::dup2(saved, STDERR_FILENO), 0);
  ::close(saved);
}

}  // namespace
}  // namespace redoubt::cli
