// SPDX-License-Identifier: BSD-3-Clause
// Reads a litmus test in herd's format for AArch64; README.md of tests/litmus lists what is understood.
#pragma once
#include <string_view>

#include "tools/redoubt-litmus/cursor.hpp"

namespace redoubt::litmus {

inline constexpr std::size_t MAX_FILE = std::size_t{1} << 20;  // bytes
inline constexpr unsigned MAX_THREADS = 8;
inline constexpr unsigned MAX_INSTRUCTIONS = 64;  // a thread
inline constexpr unsigned MAX_NESTING = 64;       // of brackets in a condition

// Throws BadInput.
LitmusTest parse(std::string_view text);

// One instruction without its label, which must end where the cursor does. Throws BadInput.
Instruction parse_instruction(Cursor& cursor);

// X0 to X30, W0 to W30, XZR, WZR.
std::optional<Register> register_named(const std::string& name);

// `exists ...`, `~exists ...` or `forall ...`, to the end of the text.
void parse_condition(Cursor& cursor, LitmusTest& test);

// A number or the address of a location that the test names.
Value parse_value(Cursor& cursor, LitmusTest& test);

// The address of the location of that name; a new one is given an address of its own.
Value address_of(LitmusTest& test, const std::string& name);

}  // namespace redoubt::litmus
