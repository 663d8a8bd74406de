// SPDX-License-Identifier: BSD-3-Clause
// A litmus test as data: initial state, one program a thread, and the condition on final states.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace redoubt::litmus {

using Value = std::uint64_t;

inline constexpr unsigned ZERO_REGISTER = 31;
inline constexpr unsigned REGISTERS = 32;

struct Register {
  unsigned number = ZERO_REGISTER;
  bool wide = true;  // X rather than W
};

enum class Op {
  nothing,  // NOP and the hints: no memory effect
  move,
  add,
  subtract,
  exclusive_or,
  bitwise_and,
  bitwise_or,
  shift_left,
  compare,
  branch,
  branch_if,       // B.cond
  branch_zero,     // CBZ
  branch_nonzero,  // CBNZ
  load,
  store,
  load_exclusive,
  store_exclusive,
  atomic,  // LDADD and its like: one instruction that reads and writes
  barrier,
  isb
};

enum class AtomicOp { add, exclusive_or, clear, set, swap, compare_and_swap };
enum class Barrier { full, loads, stores };
enum class Flag { eq, ne, cs, cc, mi, pl, hi, ls, ge, lt, gt, le };

// A register or a constant; as an offset, the register may be sign-extended from 32 bits and shifted.
struct Operand {
  std::optional<Register> from;
  Value constant = 0;
  unsigned shift = 0;
  bool sign_extend = false;
};

struct Instruction {
  Op op = Op::nothing;
  unsigned line = 0;
  std::string text;
  Register destination, first, status;  // data: Rd or Rt; Rn or Rs; Ws of a store-exclusive
  Operand second;
  Register base;  // of an address
  Operand offset;
  bool acquire = false, acquire_pc = false, release = false;  // A, Q (LDAPR), L
  AtomicOp atomic = AtomicOp::add;
  bool no_return = false;  // an atomic that keeps nothing of what it read
  Barrier barrier = Barrier::full;
  Flag flag = Flag::eq;
  std::string label;       // of a branch
  std::size_t target = 0;  // index of the instruction behind that label
};

using Program = std::vector<Instruction>;

// One atom of the condition: register `thread:number`, or a location, equals a value.
struct Atom {
  std::optional<unsigned> thread;
  Register reg;
  Value address = 0;
  Value equals = 0;
  std::string name;  // as written
};

struct Condition {
  enum class Kind { truth, atom, negation, conjunction, disjunction };
  Kind kind = Kind::truth;
  std::size_t atom = 0;  // index into LitmusTest::atoms
  std::vector<Condition> parts;
};

enum class Quantifier { exists, not_exists, forall };
enum class Verdict { never, sometimes, always };

struct LitmusTest {
  std::string name;
  std::map<std::string, std::string> info;  // the header's KEY=VALUE lines
  std::map<std::string, Value> addresses;   // of locations, by name
  std::map<Value, Value> memory;            // initial, by address; whatever is not named is 0
  std::vector<std::array<Value, REGISTERS>> registers;
  std::vector<Program> programs;
  std::vector<Atom> atoms;
  Condition condition;
  Quantifier quantifier = Quantifier::exists;
  std::optional<Verdict> expected;  // from the header's Expected=
};

// The name of an address or the number itself: `x`, `x+8`, `3`.
std::string show_value(const LitmusTest& test, Value value);

}  // namespace redoubt::litmus
