// SPDX-License-Identifier: BSD-3-Clause
// The runs that one thread can make, given the values that its reads may return.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "tools/redoubt-litmus/error.hpp"
#include "tools/redoubt-litmus/program.hpp"
#include "tools/redoubt-litmus/relation.hpp"

namespace redoubt::litmus {

struct Limits {
  unsigned unroll = 1;               // times that each backward branch may be taken
  std::uint64_t work = 200'000'000;  // steps of the search, a unit of well under a microsecond
};

// Counts the steps of a search and ends it at the limit.
class Work {
 public:
  explicit Work(std::uint64_t limit) : left_(limit), limit_(limit) {}
  void step() {
    if (left_-- == 0) {
      throw NoVerdict(
          fmt::format("no verdict within {} steps: make the test smaller or raise --work", limit_));
    }
  }
  [[nodiscard]] std::uint64_t used() const { return limit_ - left_; }

 private:
  std::uint64_t left_, limit_;
};

struct Event {
  enum class Kind { read, write, barrier, isb };
  Kind kind = Kind::read;
  const Instruction* from = nullptr;
  Value address = 0, value = 0;
  bool acquire = false, acquire_pc = false, release = false;
  bool no_return = false;
  bool single = false;           // of a single atomic instruction, as opposed to an exclusive pair
  std::optional<unsigned> pair;  // of the write of a successful atomic access: its read
  // Earlier reads of this trace on which the event depends: by address, by data, by a branch before it.
  EventSet by_address = 0, by_data = 0, by_control = 0;

  [[nodiscard]] bool read() const { return kind == Kind::read; }
  [[nodiscard]] bool write() const { return kind == Kind::write; }
  [[nodiscard]] bool memory() const { return read() || write(); }
};

// Events in program order, what the model orders among them, and the registers at the end.
struct Trace {
  std::vector<Event> events;
  Relation ordered;  // lws | dob | aob | bob between memory events
  std::array<Value, REGISTERS> registers{};
};

// The values that a read of an address may return, and which width each address is used with.
class Domain {
 public:
  explicit Domain(const LitmusTest& test);

  // Each value with the least number of writes to that location that must come before and with it.
  const std::map<Value, unsigned>& of(Value address);
  [[nodiscard]] Value initial(Value address) const;

  // Throws BadInput unless the access is aligned, in a location, and as wide as all others to that word.
  void check(const Instruction& access, Value address, bool wide);

  // Adds what the traces of all threads write; true if that was news.
  bool absorb(const std::vector<std::vector<Trace>>& traces);

 private:
  const LitmusTest& test_;
  std::map<Value, std::map<Value, unsigned>> values_;
  std::map<Value, bool> wide_;
};

struct Traces {
  std::vector<std::vector<Trace>> by_thread;
  std::uint64_t cut = 0;  // runs given up because a loop was to be repeated more often than allowed
};

// All runs of all threads, over every value that can be in a location. Throws BadInput, NoVerdict.
Traces all_traces(const LitmusTest& test, const Limits& limits, Work& work);

}  // namespace redoubt::litmus
