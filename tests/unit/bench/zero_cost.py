#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compiles the EL2 page-table walk and the same walk in C, and compares their instructions function by function.

Passes if no function is longer than the C one by more than 10 percent, rounded up. Prints both disassemblies."""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

FUNCTIONS = ("walk_pgd", "walk_pud", "walk_pmd", "walk_pte", "set_pmd", "set_pte")
HEADER = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\t(\S.*)$")
RELOCATION = re.compile(r"^\s+[0-9a-f]+: R_AARCH64_(?:CALL26|JUMP26|CONDBR19)\s+([^\s+]+)")


class Failure(Exception):
    """Something that keeps the comparison from being made."""


def run(command):
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed: run ./test, or install the package of that name") from None
    if result.returncode != 0:
        raise Failure(f"{' '.join(command)} failed:\n{result.stderr}")
    return result.stdout


def disassemble(objdump, path):
    """Symbol -> (its instructions, the symbols that it calls or jumps to)."""
    symbols, current = {}, None
    for line in run([objdump, "-dr", "--no-show-raw-insn", path]).splitlines():
        if match := HEADER.match(line):
            current = symbols.setdefault(match.group(1), ([], set()))
        elif current and (match := RELOCATION.match(line)):
            current[1].add(match.group(1))
        elif current and (match := INSTRUCTION.match(line)):
            if match.group(1).split()[0] != "nop":  # alignment
                current[0].append(match.group(1))
    return symbols


def closure(symbols, name):
    """The function and everything of the same object that it reaches: cold parts and helpers that were not inlined."""
    reached, todo = [], [name]
    while todo:
        symbol = todo.pop()
        if symbol in symbols and symbol not in reached:
            reached.append(symbol)
            todo += sorted(symbols[symbol][1])
    return reached


def body(symbols, name):
    if name not in symbols:
        raise Failure(f"no function {name} in the object")
    lines = []
    for symbol in closure(symbols, name):
        lines += [f"{symbol}:"] if symbol != name else []
        lines += symbols[symbol][0]
    return lines


def length(lines):
    return sum(not line.endswith(":") for line in lines)


def compare(ours, reference):
    """Prints the comparison; the names of the functions that are too long."""
    too_long = []
    print(f"{'function':<10} {'template':>8} {'C':>8}  instructions (limit: C + 10 %)")
    for name in FUNCTIONS:
        mine, theirs = length(body(ours, name)), length(body(reference, name))
        limit = theirs + -(-theirs // 10)
        if mine > limit:
            too_long.append(name)
        print(f"{name:<10} {mine:>8} {theirs:>8}  {'ok' if mine <= limit else f'too long, the limit is {limit}'}")
    for name in FUNCTIONS:
        mine, theirs = body(ours, name), body(reference, name)
        print(f"\n{name + ': template':<52}{name}: C")
        for i in range(max(len(mine), len(theirs))):
            left = mine[i].expandtabs(8) if i < len(mine) else ""
            print(f"  {left:<50}  {theirs[i].expandtabs(8) if i < len(theirs) else ''}".rstrip())
    return too_long


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cc", required=True, help="cross C compiler")
    parser.add_argument("--cxx", required=True, help="cross C++ compiler")
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--cflags", default="", help="EL2 flags for C, as one string")
    parser.add_argument("--cxxflags", default="", help="EL2 flags for C++, as one string")
    parser.add_argument("--reference", help="another C file to compare with")
    arguments = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(os.path.dirname(here)))
    reference = arguments.reference or os.path.join(here, "zero_cost_reference.c")
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = os.path.join(folder, "ours.o"), os.path.join(folder, "c.o")
        run([arguments.cxx, "-std=c++20", "-O2", "-I", root, *shlex.split(arguments.cxxflags), "-c",
             os.path.join(here, "zero_cost.cpp"), "-o", ours])
        run([arguments.cc, "-std=c11", "-O2", *shlex.split(arguments.cflags), "-c", reference, "-o", theirs])
        too_long = compare(disassemble(arguments.objdump, ours), disassemble(arguments.objdump, theirs))
    if too_long:
        print(f"\nFAILED: longer than C by more than 10 %: {', '.join(too_long)}")
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        sys.exit(2)
