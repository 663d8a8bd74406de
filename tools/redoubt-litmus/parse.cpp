// SPDX-License-Identifier: BSD-3-Clause
// Reads a litmus test: header, initial state, the table of programs, and hands the condition on.
#include "tools/redoubt-litmus/parse.hpp"

#include <algorithm>
#include <array>

namespace redoubt::litmus {
namespace {

constexpr Value FIRST_ADDRESS = 0x10000, BETWEEN_LOCATIONS = 0x10000;

// Comments, (* nested *), become spaces, so that lines keep their numbers.
std::string without_comments(std::string_view text) {
  std::string out(text);
  unsigned depth = 0, line = 1, opened = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string_view two = text.substr(i, 2);
    line += out[i] == '\n' ? 1 : 0;
    if (two == "(*" || (two == "*)" && depth > 0)) {
      opened = two == "(*" && depth == 0 ? line : opened;
      depth += two == "(*" ? 1 : -1U;
      out[i] = out[i + 1] = ' ';
      ++i;
    } else if (depth > 0 && out[i] != '\n') {
      out[i] = ' ';
    }
  }
  if (depth > 0) {
    throw BadInput(opened, "this comment is not closed");
  }
  return out;
}

std::string_view trim(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) {
    return {};
  }
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

unsigned lines_in(std::string_view text) { return static_cast<unsigned>(std::ranges::count(text, '\n')); }

void read_expectation(LitmusTest& test, unsigned line) {
  const auto found = test.info.find("Expected");
  if (found == test.info.end()) {
    return;
  }
  constexpr std::array<std::string_view, 3> names{"Never", "Sometimes", "Always"};
  const auto* verdict = std::ranges::find(names, found->second);
  if (verdict == names.end()) {
    throw BadInput(line, fmt::format("Expected={} is not Never, Sometimes or Always", found->second));
  }
  test.expected = static_cast<Verdict>(verdict - names.begin());
}

void read_unroll(const LitmusTest& test, unsigned line) {
  const auto found = test.info.find("Unroll");
  if (found != test.info.end() &&
      (found->second.size() != 1 || found->second[0] < '0' || found->second[0] > '8')) {
    throw BadInput(line, fmt::format("Unroll={} is not a number from 0 to 8", found->second));
  }
}

// "AArch64 NAME", then strings and KEY=VALUE lines, all before the '{'.
void parse_header(std::string_view text, LitmusTest& test) {
  unsigned line = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view row = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    if (row.empty() || row.starts_with('"')) {
      continue;
    }
    if (test.name.empty()) {
      if (!row.starts_with("AArch64 ")) {
        throw BadInput(line, "a litmus test starts with 'AArch64' and its name");
      }
      test.name = trim(row.substr(8));
    } else if (const auto equals = row.find('='); equals != std::string_view::npos) {
      test.info[std::string(trim(row.substr(0, equals)))] = trim(row.substr(equals + 1));
      read_expectation(test, line);
      read_unroll(test, line);
    } else {
      throw BadInput(line, fmt::format("'{}' is neither a \"text\" nor KEY=VALUE", row.substr(0, 30)));
    }
  }
  if (test.name.empty()) {
    throw BadInput(1, "a litmus test starts with 'AArch64' and its name");
  }
}

struct RegisterPlace {
  unsigned thread;
  Register reg;
};

// `N:Xn`; the thread's number has been read.
RegisterPlace need_place(Cursor& cursor, Value thread) {
  if (thread >= MAX_THREADS) {
    cursor.fail(fmt::format("thread {}: at most {} threads are checked", thread, MAX_THREADS));
  }
  cursor.need(":");
  const std::string name = cursor.word();
  const auto reg = register_named(name);
  if (!reg || reg->number == ZERO_REGISTER) {
    cursor.fail(fmt::format("'{}' is not a register (X0 to X30, W0 to W30)", name));
  }
  return {static_cast<unsigned>(thread), *reg};
}

void parse_register_value(Cursor& cursor, Value thread, LitmusTest& test) {
  const RegisterPlace place = need_place(cursor, thread);
  cursor.need("=");
  const Value value = parse_value(cursor, test);
  test.registers.resize(std::max<std::size_t>(test.registers.size(), place.thread + 1));
  test.registers[place.thread].at(place.reg.number) = place.reg.wide ? value : value & 0xffffffff;
}

// `x = 1`, `int x`, `uint64_t x = y`, `[x] = 1`, `0:X1 = x`, `uint64_t 0:X1 = 3`
void parse_initial(Cursor& cursor, LitmusTest& test) {
  if (const auto thread = cursor.number()) {
    parse_register_value(cursor, *thread, test);
    return;
  }
  const bool bracket = cursor.take("[");
  std::string name = cursor.word();
  if (bracket) {
    cursor.need("]");
  } else if (const auto thread = cursor.number()) {  // the word was a type
    parse_register_value(cursor, *thread, test);
    return;
  } else if (const char next = cursor.peek(); next != '=' && next != ';') {
    name = cursor.word();
  }
  if (name.empty()) {
    cursor.fail(fmt::format("'{}' is not LOCATION=VALUE or THREAD:REGISTER=VALUE", cursor.rest()));
  }
  const Value address = address_of(test, name);
  if (cursor.take("=")) {
    test.memory[address] = parse_value(cursor, test);
  }
}

void parse_initials(std::string_view text, unsigned line, LitmusTest& test) {
  Cursor cursor(text, line);
  while (!cursor.at_end()) {
    if (cursor.take(";")) {
      continue;
    }
    parse_initial(cursor, test);
    if (!cursor.at_end()) {
      cursor.need(";");
    }
  }
}

struct LabelledProgram {
  Program code;
  std::map<std::string, std::size_t> labels;
};

void parse_cell(std::string_view cell, unsigned line, LabelledProgram& program) {
  Cursor cursor(cell, line);
  if (const auto colon = cell.find(':'); colon != std::string_view::npos) {
    const std::string label = cursor.word();
    cursor.need(":");
    if (label.empty() || !program.labels.emplace(label, program.code.size()).second) {
      cursor.fail(fmt::format("label '{}' is empty or stands twice", label));
    }
  }
  if (cursor.at_end()) {
    return;
  }
  if (program.code.size() == MAX_INSTRUCTIONS) {
    cursor.fail(fmt::format("more than {} instructions in one thread", MAX_INSTRUCTIONS));
  }
  program.code.push_back(parse_instruction(cursor));
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts{text.substr(0, text.find(at))};
  while (parts.back().size() < text.size()) {
    text.remove_prefix(parts.back().size() + 1);
    parts.push_back(text.substr(0, text.find(at)));
  }
  return parts;
}

void check_heading(const std::vector<std::string_view>& cells, unsigned line) {
  if (cells.size() > MAX_THREADS) {
    throw BadInput(line, fmt::format("{} threads: at most {} are checked", cells.size(), MAX_THREADS));
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (trim(cells[i]) != fmt::format("P{}", i)) {
      throw BadInput(line, fmt::format("'P{}' expected in the heading of the programs", i));
    }
  }
}

void resolve_labels(LabelledProgram& program) {
  for (Instruction& instruction : program.code) {
    if (instruction.label.empty()) {
      continue;
    }
    const auto found = program.labels.find(instruction.label);
    if (found == program.labels.end()) {
      throw BadInput(instruction.line, fmt::format("no label '{}' in this thread", instruction.label));
    }
    instruction.target = found->second;
  }
}

bool starts_condition(std::string_view text) {
  return text.starts_with("exists") || text.starts_with("~") || text.starts_with("forall") ||
         text.starts_with("locations") || text.starts_with("filter");
}

// Rows `cell | cell ;` up to the condition, of which the rest of the text is returned.
std::string_view parse_programs(std::string_view text, unsigned& line, LitmusTest& test) {
  std::vector<LabelledProgram> programs;
  while (!trim(text).empty() && !starts_condition(trim(text))) {
    const auto end = text.find(';');
    const std::string_view row = text.substr(0, end);
    const unsigned at = line + lines_in(row.substr(0, row.find_first_not_of(" \t\r\n")));
    if (end == std::string_view::npos) {
      throw BadInput(at, "this row of the programs does not end in ';'");
    }
    const auto cells = split(row, '|');
    if (programs.empty()) {
      check_heading(cells, at);
      programs.resize(cells.size());
    } else if (cells.size() != programs.size()) {
      throw BadInput(at, fmt::format("{} columns, the heading has {}", cells.size(), programs.size()));
    } else {
      for (std::size_t i = 0; i < cells.size(); ++i) {
        parse_cell(trim(cells[i]), at, programs[i]);
      }
    }
    line += lines_in(row);
    text.remove_prefix(end + 1);
  }
  if (programs.empty()) {
    throw BadInput(line, "the programs are missing: a heading 'P0 | P1 ;' and one row an instruction");
  }
  for (LabelledProgram& program : programs) {
    resolve_labels(program);
    test.programs.push_back(std::move(program.code));
  }
  return text;
}

}  // namespace

Value address_of(LitmusTest& test, const std::string& name) {
  const auto [found, fresh] =
      test.addresses.emplace(name, FIRST_ADDRESS + BETWEEN_LOCATIONS * test.addresses.size());
  return found->second;
}

Value parse_value(Cursor& cursor, LitmusTest& test) {
  if (const auto number = cursor.number()) {
    return *number;
  }
  const std::string name = cursor.word();
  if (name.empty()) {
    cursor.fail(fmt::format("a number or a location expected before '{}'", cursor.rest()));
  }
  return address_of(test, name);
}

std::string show_value(const LitmusTest& test, Value value) {
  for (const auto& [name, address] : test.addresses) {
    if (value >= address && value < address + BETWEEN_LOCATIONS) {
      return value == address ? name : fmt::format("{}+{}", name, value - address);
    }
  }
  return fmt::format("{}", value);
}

LitmusTest parse(std::string_view text) {
  if (text.size() > MAX_FILE) {
    throw BadInput(1, fmt::format("{} bytes: a litmus test has at most {}", text.size(), MAX_FILE));
  }
  const std::string clean = without_comments(text);
  const std::string_view view = clean;
  const auto open = view.find('{');
  LitmusTest test;
  parse_header(view.substr(0, open), test);
  const unsigned opened = 1 + lines_in(view.substr(0, open));
  if (open == std::string_view::npos) {
    throw BadInput(opened, "the initial state is missing: '{ ... }'");
  }
  const auto close = view.find('}', open);
  if (close == std::string_view::npos) {
    throw BadInput(opened, "the initial state is not closed: '}' is missing");
  }
  parse_initials(view.substr(open + 1, close - open - 1), opened, test);
  unsigned line = 1 + lines_in(view.substr(0, close));
  const std::string_view rest = parse_programs(view.substr(close + 1), line, test);
  if (test.registers.size() > test.programs.size()) {
    throw BadInput(opened, fmt::format("a register of thread {} is set, but there are {} threads",
                                       test.registers.size() - 1, test.programs.size()));
  }
  test.registers.resize(test.programs.size());
  Cursor cursor(rest, line);
  parse_condition(cursor, test);
  return test;
}

}  // namespace redoubt::litmus
