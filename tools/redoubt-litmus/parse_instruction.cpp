// SPDX-License-Identifier: BSD-3-Clause
// Reads one AArch64 instruction.
#include <algorithm>
#include <charconv>
#include <utility>

#include "tools/redoubt-litmus/parse.hpp"

namespace redoubt::litmus {
namespace {

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  return text;
}

Register need_register(Cursor& cursor) {
  const std::string name = cursor.word();
  const auto found = register_named(name);
  if (!found) {
    cursor.fail(fmt::format("'{}' is not a register (X0 to X30, W0 to W30, XZR, WZR)",
                            name.empty() ? cursor.rest() : name));
  }
  return *found;
}

Operand need_operand(Cursor& cursor) {
  Operand operand;
  const bool immediate = cursor.take("#");
  if (const auto number = cursor.number()) {
    operand.constant = *number;
  } else if (immediate) {
    cursor.fail("a number is missing after '#'");
  } else {
    operand.from = need_register(cursor);
  }
  return operand;
}

// [Xn], [Xn,#8], [Xn,Xm], [Xn,Xm,LSL #3], [Xn,Wm,SXTW], [Xn,Wm,UXTW #3]
void parse_address(Cursor& cursor, Instruction& out) {
  cursor.need("[");
  out.base = need_register(cursor);
  if (!out.base.wide || out.base.number == ZERO_REGISTER) {
    cursor.fail("the base of an address is one of X0 to X30");
  }
  if (cursor.take(",")) {
    out.offset = need_operand(cursor);
    if (cursor.take(",")) {
      const std::string how = upper(cursor.word());
      if (how != "LSL" && how != "SXTW" && how != "UXTW") {
        cursor.fail(fmt::format("'{}' is not LSL, SXTW or UXTW", how));
      }
      out.offset.sign_extend = how == "SXTW";
      if (cursor.take("#")) {
        out.offset.shift = static_cast<unsigned>(cursor.number().value_or(0)) & 63U;
      }
    }
  }
  cursor.need("]");
}

struct MemoryForm {
  std::string_view name;
  Op op;
  bool acquire, acquire_pc, release;
};

constexpr MemoryForm kMemory[] = {
    {"LDR", Op::load, false, false, false},
    {"LDAR", Op::load, true, false, false},
    {"LDAPR", Op::load, false, true, false},
    {"STR", Op::store, false, false, false},
    {"STLR", Op::store, false, false, true},
    {"LDXR", Op::load_exclusive, false, false, false},
    {"LDAXR", Op::load_exclusive, true, false, false},
    {"STXR", Op::store_exclusive, false, false, false},
    {"STLXR", Op::store_exclusive, false, false, true},
};

bool parse_memory(const std::string& name, Cursor& cursor, Instruction& out) {
  const auto* form = std::ranges::find(kMemory, name, &MemoryForm::name);
  if (form == std::end(kMemory)) {
    return false;
  }
  out.op = form->op;
  out.acquire = form->acquire;
  out.acquire_pc = form->acquire_pc;
  out.release = form->release;
  if (out.op == Op::store_exclusive) {
    out.status = need_register(cursor);
    cursor.need(",");
  }
  out.destination = need_register(cursor);
  cursor.need(",");
  parse_address(cursor, out);
  const bool plain = name == "LDR" || name == "STR";
  if (!plain && (out.offset.from || out.offset.constant != 0)) {
    cursor.fail(fmt::format("{} takes an address without offset", name));
  }
  return true;
}

constexpr std::pair<std::string_view, AtomicOp> kAtomic[] = {
    {"ADD", AtomicOp::add}, {"EOR", AtomicOp::exclusive_or}, {"CLR", AtomicOp::clear},
    {"SET", AtomicOp::set}, {"SWP", AtomicOp::swap},         {"CAS", AtomicOp::compare_and_swap},
};

// LDADD, LDEOR, LDCLR, LDSET, SWP, CAS with A, L, AL; STADD and its like with L.
bool parse_atomic(const std::string& name, Cursor& cursor, Instruction& out) {
  const bool store = name.starts_with("ST"), two_letters = store || name.starts_with("LD");
  const std::string stem = name.substr(two_letters ? 2 : 0, 3);
  const auto* found = std::ranges::find(kAtomic, stem, &std::pair<std::string_view, AtomicOp>::first);
  if (found == std::end(kAtomic) || two_letters == (stem == "SWP" || stem == "CAS")) {
    return false;
  }
  const std::string order = name.substr(two_letters ? 5 : 3);
  if (!order.empty() && order != "L" && (store || (order != "A" && order != "AL"))) {
    return false;
  }
  out.op = Op::atomic;
  out.atomic = found->second;
  out.release = order == "L" || order == "AL";
  out.first = need_register(cursor);
  cursor.need(",");
  if (!store) {
    out.destination = need_register(cursor);
    cursor.need(",");
  }
  parse_address(cursor, out);
  if (out.offset.from || out.offset.constant != 0) {
    cursor.fail(fmt::format("{} takes an address without offset", name));
  }
  // What is read into the zero register is not read with acquire semantics (Arm ARM C6.2, LDADD and SWP).
  const bool kept = out.atomic == AtomicOp::compare_and_swap || out.destination.number != ZERO_REGISTER;
  out.no_return = !kept;
  out.acquire = kept && order.starts_with("A");
  if (store) {
    out.destination = {ZERO_REGISTER, out.first.wide};
  }
  return true;
}

bool parse_barrier(const std::string& name, Cursor& cursor, Instruction& out) {
  if (name == "ISB") {
    out.op = Op::isb;
    cursor.take("SY");
    return true;
  }
  if (name != "DMB" && name != "DSB") {
    return false;
  }
  out.op = Op::barrier;
  std::string domain = upper(cursor.word());
  if (domain.ends_with("LD") || domain.ends_with("ST")) {
    out.barrier = domain.ends_with("LD") ? Barrier::loads : Barrier::stores;
    domain.resize(domain.size() - 2);
    domain = domain.empty() ? "SY" : domain;
  }
  if (domain != "SY" && domain != "ISH" && domain != "OSH" && domain != "NSH") {
    cursor.fail(fmt::format("{} takes SY, ISH, OSH or NSH, with LD or ST behind it", name));
  }
  if (domain == "NSH") {
    cursor.fail("a barrier for this CPU alone (NSH) orders nothing that others see: it is not modelled");
  }
  return true;
}

constexpr std::string_view kFlags[] = {"EQ", "NE", "CS", "CC", "MI", "PL",
                                       "HI", "LS", "GE", "LT", "GT", "LE"};

bool parse_branch(const std::string& name, Cursor& cursor, Instruction& out) {
  if (name == "CBZ" || name == "CBNZ") {
    out.op = name == "CBZ" ? Op::branch_zero : Op::branch_nonzero;
    out.first = need_register(cursor);
    cursor.need(",");
  } else if (name == "B") {
    out.op = Op::branch;
  } else if (name.starts_with("B.")) {
    std::string flag = name.substr(2);
    flag = flag == "HS" ? "CS" : flag == "LO" ? "CC" : flag;
    const auto* found = std::ranges::find(kFlags, flag);
    if (found == std::end(kFlags)) {
      return false;
    }
    out.op = Op::branch_if;
    out.flag = static_cast<Flag>(found - std::begin(kFlags));
  } else {
    return false;
  }
  out.label = cursor.word();
  if (out.label.empty()) {
    cursor.fail("a branch needs a label");
  }
  return true;
}

constexpr std::pair<std::string_view, Op> kArithmetic[] = {
    {"ADD", Op::add},         {"SUB", Op::subtract},   {"EOR", Op::exclusive_or},
    {"AND", Op::bitwise_and}, {"ORR", Op::bitwise_or}, {"LSL", Op::shift_left},
};

bool parse_arithmetic(const std::string& name, Cursor& cursor, Instruction& out) {
  if (name == "MOV" || name == "CMP") {
    out.op = name == "MOV" ? Op::move : Op::compare;
    (out.op == Op::move ? out.destination : out.first) = need_register(cursor);
    cursor.need(",");
    out.second = need_operand(cursor);
    return true;
  }
  const auto* found = std::ranges::find(kArithmetic, name, &std::pair<std::string_view, Op>::first);
  if (found == std::end(kArithmetic)) {
    return false;
  }
  out.op = found->second;
  out.destination = need_register(cursor);
  cursor.need(",");
  out.first = need_register(cursor);
  cursor.need(",");
  out.second = need_operand(cursor);
  if (out.op == Op::shift_left && (out.second.from || out.second.constant > 63)) {
    cursor.fail("LSL takes a constant below 64");
  }
  return true;
}

bool is_hint(const std::string& name) {
  return name == "NOP" || name == "YIELD" || name == "WFE" || name == "SEV" || name == "SEVL";
}

[[noreturn]] void refuse(const std::string& name, const Cursor& cursor) {
  if (name == "TLBI") {
    cursor.fail("TLBI: translation caches are not modelled here; write a walk as address-dependent LDR");
  }
  cursor.fail(fmt::format("unknown instruction '{}' (tests/litmus/README.md lists those understood)", name));
}

}  // namespace

std::optional<Register> register_named(const std::string& name) {
  const std::string text = upper(name);
  if (text.size() < 2 || (text[0] != 'X' && text[0] != 'W')) {
    return std::nullopt;
  }
  const bool wide = text[0] == 'X';
  if (text.substr(1) == "ZR") {
    return Register{ZERO_REGISTER, wide};
  }
  unsigned number = ZERO_REGISTER;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number >= ZERO_REGISTER) {
    return std::nullopt;
  }
  return Register{number, wide};
}

Instruction parse_instruction(Cursor& cursor) {
  Instruction out;
  cursor.peek();  // to the line it stands on
  out.line = cursor.line();
  out.text = cursor.rest();
  const std::string name = upper(cursor.word());
  const bool known = is_hint(name) || parse_memory(name, cursor, out) || parse_barrier(name, cursor, out) ||
                     parse_branch(name, cursor, out) || parse_arithmetic(name, cursor, out) ||
                     parse_atomic(name, cursor, out);
  if (!known) {
    refuse(name.empty() ? cursor.rest() : name, cursor);
  }
  if (!cursor.at_end()) {
    cursor.fail(fmt::format("'{}' is too much behind {}", cursor.rest(), name));
  }
  return out;
}

}  // namespace redoubt::litmus
