// SPDX-License-Identifier: BSD-3-Clause
// Schedules as text: which CPU takes the next step, with repeat counts: "0*12 1 0*3".
#pragma once
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace redoubt::explorer {

using Schedule = std::vector<unsigned>;  // CPU numbers, first step first

inline std::string to_text(const Schedule& schedule) {
  std::string text;
  for (std::size_t i = 0; i < schedule.size();) {
    std::size_t run = 1;
    while (i + run < schedule.size() && schedule[i + run] == schedule[i]) {
      ++run;
    }
    if (!text.empty()) {
      text += ' ';
    }
    text += std::to_string(schedule[i]);
    if (run > 1) {
      text += '*' + std::to_string(run);
    }
    i += run;
  }
  return text;
}

// Nothing if the text is not a schedule: numbers separated by single blanks, each with an optional "*count",
// and at most a million steps in all.
inline std::optional<Schedule> from_text(std::string_view text) {
  constexpr std::size_t most_steps = 1'000'000;
  Schedule schedule;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  const auto number = [&](std::size_t& value) {
    const auto [rest, error] = std::from_chars(at, end, value);
    at = rest;
    return error == std::errc{};
  };
  while (at != end) {
    std::size_t cpu = 0, count = 1;
    if (!schedule.empty()) {
      if (*at != ' ') {
        return std::nullopt;
      }
      ++at;
    }
    if (!number(cpu) || cpu > 63) {
      return std::nullopt;
    }
    if (at != end && *at == '*') {
      ++at;
      if (at == end || !number(count) || count == 0) {
        return std::nullopt;
      }
    }
    if (count > most_steps - schedule.size()) {
      return std::nullopt;
    }
    schedule.insert(schedule.end(), count, static_cast<unsigned>(cpu));
  }
  return schedule;
}

}  // namespace redoubt::explorer
