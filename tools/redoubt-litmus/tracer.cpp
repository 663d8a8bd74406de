// SPDX-License-Identifier: BSD-3-Clause
// Runs one thread along every choice.
#include "tools/redoubt-litmus/tracer.hpp"

#include <utility>

namespace redoubt::litmus {
namespace {

constexpr Value LOW_HALF = 0xffffffff;
constexpr std::size_t MAX_TRACES = 200'000;

Value narrow(Value value, bool wide) { return wide ? value : value & LOW_HALF; }

Value combine(Op op, Value a, Value b) {
  switch (op) {
    case Op::add:
      return a + b;
    case Op::subtract:
      return a - b;
    case Op::exclusive_or:
      return a ^ b;
    case Op::bitwise_and:
      return a & b;
    case Op::bitwise_or:
      return a | b;
    default:
      return a << b;  // shift_left; the parser lets only small constants through
  }
}

Value combine(AtomicOp op, Value old, Value operand) {
  switch (op) {
    case AtomicOp::add:
      return old + operand;
    case AtomicOp::exclusive_or:
      return old ^ operand;
    case AtomicOp::clear:
      return old & ~operand;
    case AtomicOp::set:
      return old | operand;
    default:
      return operand;  // swap, compare_and_swap
  }
}

}  // namespace

Tracer::Word Tracer::read(const State& state, Register reg) {
  const Word word = state.registers.at(reg.number);
  return {narrow(word.value, reg.wide), word.from};
}

void Tracer::set(State& state, Register reg, Word word) {
  if (reg.number != ZERO_REGISTER) {
    state.registers.at(reg.number) = {narrow(word.value, reg.wide), word.from};
  }
}

Tracer::Word Tracer::operand(const State& state, const Operand& operand) {
  if (!operand.from) {
    return {operand.constant << operand.shift, 0};
  }
  Word word = read(state, *operand.from);
  if (operand.sign_extend && (word.value & 0x80000000) != 0) {
    word.value |= ~LOW_HALF;
  }
  word.value <<= operand.shift;
  return word;
}

Tracer::Word Tracer::address(const State& state, const Instruction& instruction) {
  const Word base = read(state, instruction.base), offset = operand(state, instruction.offset);
  return {base.value + offset.value, base.from | offset.from};
}

bool Tracer::flag(const State& state, Flag flag) {
  const unsigned shift = state.wide ? 0 : 32;  // puts the sign of a W register where that of an X register is
  const Value a = state.left.value << shift, b = state.right.value << shift;
  const auto signed_less = static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b);
  switch (flag) {
    case Flag::eq:
      return a == b;
    case Flag::ne:
      return a != b;
    case Flag::cs:
      return a >= b;
    case Flag::cc:
      return a < b;
    case Flag::mi:
      return static_cast<std::int64_t>(a - b) < 0;
    case Flag::pl:
      return static_cast<std::int64_t>(a - b) >= 0;
    case Flag::hi:
      return a > b;
    case Flag::ls:
      return a <= b;
    case Flag::ge:
      return !signed_less;
    case Flag::lt:
      return signed_less;
    case Flag::gt:
      return !signed_less && a != b;
    default:
      return signed_less || a == b;  // le
  }
}

unsigned Tracer::add(State& state, Event event) {
  if (state.events.size() == MAX_EVENTS) {
    throw NoVerdict(fmt::format("a thread makes more than {} events: make the test smaller", MAX_EVENTS));
  }
  event.by_control = state.control;
  state.events.push_back(event);
  return static_cast<unsigned>(state.events.size() - 1);
}

Event Tracer::access(const State& state, const Instruction& instruction, Event::Kind kind, bool wide) {
  const Word where = address(state, instruction);
  domain_.check(instruction, where.value, wide);
  Event event;
  event.kind = kind;
  event.from = &instruction;
  event.address = where.value;
  event.by_address = where.from;
  const bool reads = kind == Event::Kind::read;
  event.acquire = reads && instruction.acquire;
  event.acquire_pc = reads && instruction.acquire_pc;
  event.no_return = reads && instruction.no_return;
  event.release = !reads && instruction.release;
  event.single = instruction.op == Op::atomic;
  return event;
}

void Tracer::load(const State& state, const Instruction& instruction) {
  const bool wide = instruction.destination.wide;
  Event event = access(state, instruction, Event::Kind::read, wide);
  const auto values = domain_.of(event.address);  // a copy: what follows may look up other addresses
  for (const auto& [value, writes] : values) {
    State next = state;
    event.value = narrow(value, wide);
    const unsigned number = add(next, event);
    set(next, instruction.destination, {event.value, only(number)});
    if (instruction.op == Op::load_exclusive) {
      next.monitor = number;
    }
    finish(std::move(next));
  }
}

// Succeeds only right after a load-exclusive of the same location; may always fail. Nothing depends on its
// status but the program's own branches: the architecture takes no dependency from it.
void Tracer::store_exclusive(const State& state, const Instruction& instruction) {
  State failed = state;
  failed.monitor.reset();
  set(failed, instruction.status, {1, 0});
  finish(std::move(failed));
  Event event = access(state, instruction, Event::Kind::write, instruction.destination.wide);
  if (!state.monitor || state.events[*state.monitor].address != event.address) {
    return;
  }
  State done = state;
  const Word data = read(state, instruction.destination);
  event.value = data.value;
  event.by_data = data.from;
  event.pair = state.monitor;
  add(done, event);
  done.monitor.reset();
  set(done, instruction.status, {0, 0});
  finish(std::move(done));
}

void Tracer::atomic(const State& state, const Instruction& instruction) {
  const bool wide = instruction.first.wide;
  const bool compares = instruction.atomic == AtomicOp::compare_and_swap;
  Event reading = access(state, instruction, Event::Kind::read, wide);
  Event writing = access(state, instruction, Event::Kind::write, wide);
  const Word first = read(state, instruction.first);
  const Word data = compares ? read(state, instruction.destination) : first;
  const auto values = domain_.of(reading.address);
  for (const auto& [value, writes] : values) {
    State next = state;
    reading.value = narrow(value, wide);
    const unsigned number = add(next, reading);
    if (!compares || reading.value == first.value) {
      writing.value = narrow(combine(instruction.atomic, reading.value, data.value), wide);
      writing.by_data = data.from;
      writing.pair = number;
      add(next, writing);
    }
    set(next, compares ? instruction.first : instruction.destination, {reading.value, only(number)});
    finish(std::move(next));
  }
}

void Tracer::store(State& state, const Instruction& instruction) {
  Event event = access(state, instruction, Event::Kind::write, instruction.destination.wide);
  const Word data = read(state, instruction.destination);
  event.value = data.value;
  event.by_data = data.from;
  add(state, event);
}

void Tracer::fence(State& state, const Instruction& instruction) {
  Event event;
  event.kind = instruction.op == Op::isb ? Event::Kind::isb : Event::Kind::barrier;
  event.from = &instruction;
  add(state, event);
}

void Tracer::compute(State& state, const Instruction& instruction) {
  const Word right = operand(state, instruction.second);
  if (instruction.op == Op::move) {
    set(state, instruction.destination, right);
    return;
  }
  const Word left = read(state, instruction.first);
  if (instruction.op == Op::compare) {
    state.left = left;
    state.right = {narrow(right.value, instruction.first.wide), right.from};
    state.wide = instruction.first.wide;
    return;
  }
  set(state, instruction.destination,
      {combine(instruction.op, left.value, right.value), left.from | right.from});
}

// True if this run goes on.
bool Tracer::branch(State& state, const Instruction& instruction) {
  bool taken = true;
  if (instruction.op == Op::branch_if) {
    state.control |= state.left.from | state.right.from;
    taken = flag(state, instruction.flag);
  } else if (instruction.op != Op::branch) {
    const Word word = read(state, instruction.first);
    state.control |= word.from;
    taken = (word.value == 0) == (instruction.op == Op::branch_zero);
  }
  if (!taken) {
    return true;
  }
  const std::size_t here = state.next - 1;
  if (instruction.target <= here && ++state.repeated[here] > limits_.unroll) {
    ++cut_;
    return false;
  }
  state.next = instruction.target;
  return true;
}

bool Tracer::step(State& state) {
  work_.step();
  const Instruction& instruction = test_.programs[thread_][state.next++];
  switch (instruction.op) {
    case Op::nothing:
      return true;
    case Op::branch:
    case Op::branch_if:
    case Op::branch_zero:
    case Op::branch_nonzero:
      return branch(state, instruction);
    case Op::load:
    case Op::load_exclusive:
      load(state, instruction);
      return false;
    case Op::store_exclusive:
      store_exclusive(state, instruction);
      return false;
    case Op::atomic:
      atomic(state, instruction);
      return false;
    case Op::store:
      store(state, instruction);
      return true;
    case Op::barrier:
    case Op::isb:
      fence(state, instruction);
      return true;
    default:
      compute(state, instruction);
      return true;
  }
}

void Tracer::finish(State state) {  // NOLINT(misc-no-recursion): one level an event, at most MAX_EVENTS
  while (state.next < test_.programs[thread_].size()) {
    if (!step(state)) {
      return;
    }
  }
  if (traces_.size() == MAX_TRACES) {
    throw NoVerdict(
        fmt::format("thread {} has more than {} runs: make the test smaller", thread_, MAX_TRACES));
  }
  Trace trace;
  for (unsigned i = 0; i < REGISTERS; ++i) {
    trace.registers.at(i) = state.registers.at(i).value;
  }
  trace.events = std::move(state.events);
  traces_.push_back(std::move(trace));
}

std::vector<Trace> Tracer::run() {
  State state;
  for (unsigned i = 0; i < REGISTERS; ++i) {
    state.registers.at(i).value = test_.registers[thread_].at(i);
  }
  state.registers.at(ZERO_REGISTER) = {};
  state.repeated.resize(test_.programs[thread_].size());
  finish(std::move(state));
  return std::move(traces_);
}

}  // namespace redoubt::litmus
