// SPDX-License-Identifier: BSD-3-Clause
// The checker against plain interleaving: with a full barrier between all accesses both allow the same final
// states, and without barriers the checker allows at least those.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tools/redoubt-litmus/check.hpp"
#include "tools/redoubt-litmus/parse.hpp"

namespace redoubt::litmus {
namespace {

enum class Kind { load, store, add };

struct Step {
  Kind kind;
  unsigned location;  // 0: x, 1: y
  unsigned value;
};

using Threads = std::vector<std::vector<Step>>;

// Register X(10+i) of a thread keeps what its step i has read.
std::string instruction(const Step& step, unsigned index) {
  const unsigned base = 1 + step.location, scratch = 20 + step.value;
  switch (step.kind) {
    case Kind::load:
      return fmt::format("LDR X{},[X{}]", 10 + index, base);
    case Kind::store:
      return fmt::format("STR X{},[X{}]", scratch, base);
    default:
      return fmt::format("LDADD X{},X{},[X{}]", scratch, 10 + index, base);
  }
}

LitmusTest test_of(const Threads& threads, bool barriers) {
  std::vector<std::vector<std::string>> columns;
  std::string text = "AArch64 random\n{\n", heading, condition = "x=0 \\/ y=0";
  for (std::size_t t = 0; t < threads.size(); ++t) {
    text += fmt::format("{0}:X1=x; {0}:X2=y; {0}:X21=1; {0}:X22=2;\n", t);
    heading += fmt::format("{}P{}", t == 0 ? "" : " | ", t);
    columns.emplace_back();
    for (unsigned i = 0; i < threads[t].size(); ++i) {
      columns.back().push_back(instruction(threads[t][i], i));
      columns.back().emplace_back(barriers ? "DMB SY" : "NOP");
      condition += fmt::format(" \\/ {}:X{}=0", t, 10 + i);
    }
  }
  text += "}\n" + heading + " ;\n";
  for (std::size_t row = 0; row < 6; ++row) {
    for (std::size_t t = 0; t < columns.size(); ++t) {
      text += (t == 0 ? "" : " | ") + (row < columns[t].size() ? columns[t][row] : "");
    }
    text += " ;\n";
  }
  return parse(text + "exists (" + condition + ")\n");
}

struct State {
  std::vector<unsigned> next;
  std::array<unsigned, 2> memory{};
  std::map<std::string, unsigned> read;
};

void interleave(const Threads& threads, const State& state, std::set<std::string>& ends) {
  bool over = true;
  for (std::size_t t = 0; t < threads.size(); ++t) {
    if (state.next[t] == threads[t].size()) {
      continue;
    }
    over = false;
    State after = state;
    const unsigned index = after.next[t]++;
    const Step& step = threads[t][index];
    unsigned& cell = after.memory.at(step.location);
    if (step.kind != Kind::store) {
      after.read[fmt::format("{}:X{}", t, 10 + index)] = cell;
    }
    cell = step.kind == Kind::load ? cell : step.kind == Kind::store ? step.value : cell + step.value;
    interleave(threads, after, ends);
  }
  if (over) {
    std::map<std::string, unsigned> values = state.read;
    values["x"] = state.memory[0];
    values["y"] = state.memory[1];
    for (std::size_t t = 0; t < threads.size(); ++t) {
      for (unsigned i = 0; i < threads[t].size(); ++i) {
        values.try_emplace(fmt::format("{}:X{}", t, 10 + i), 0);
      }
    }
    std::string text;
    for (const auto& [name, value] : values) {
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
    }
    ends.insert(text);
  }
}

std::set<std::string> states_of(const LitmusTest& test) {
  std::set<std::string> states;
  for (const auto& [state, count] : check(test, {}).states) {
    states.insert(state);
  }
  return states;
}

RC_GTEST_PROP(LitmusSequential, BarriersEverywhereMakeItInterleaving, ()) {
  const auto step =
      rc::gen::construct<Step>(rc::gen::element(Kind::load, Kind::load, Kind::store, Kind::store, Kind::add),
                               rc::gen::inRange(0u, 2u), rc::gen::inRange(1u, 3u));
  const auto lengths =
      *rc::gen::element(std::vector<std::size_t>{3, 3}, std::vector<std::size_t>{2, 2, 2},
                        std::vector<std::size_t>{3, 2, 1}, std::vector<std::size_t>{2, 1, 2, 1});
  Threads threads;
  for (const std::size_t length : lengths) {
    threads.push_back(*rc::gen::container<std::vector<Step>>(length, step));
  }
  std::set<std::string> ends;
  interleave(threads, {std::vector<unsigned>(threads.size()), {}, {}}, ends);
  RC_ASSERT(states_of(test_of(threads, true)) == ends);
  const auto relaxed = states_of(test_of(threads, false));
  RC_ASSERT(std::ranges::includes(relaxed, ends));
}

}  // namespace
}  // namespace redoubt::litmus
