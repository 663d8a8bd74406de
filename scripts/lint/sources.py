#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks every tracked file: licence line, sizes, addresses and words that do not belong in it."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import files
import functions

FILE_LINES = 400
FUNCTION_LINES = 40
ADDRESS = re.compile("https?:" + "//")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:home|work|tmp)/\w")
UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
BAD_SPACE = re.compile(r"[ \t]+$", re.M)


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


def check_licence(name, text):
    if "SPDX-License-Identifier: " not in "\n".join(text.split("\n", 3)[:3]):
        yield 1, "no SPDX licence line in the first three lines"


def check_sizes(name, text):
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines > FILE_LINES:
        yield FILE_LINES, f"{lines} lines, the limit is {FILE_LINES}"
    if name.endswith(files.CODE):
        for line, length, function in functions.too_long(text, FUNCTION_LINES):
            yield line, f"{function}: {length} lines, the limit is {FUNCTION_LINES} (or say '// long: reason' above)"


def check_text(name, text):
    if not (name.startswith("docs/") and name.endswith(".md")):
        for match in ADDRESS.finditer(text):
            yield line_of(text, match), "a network address (allowed in docs/*.md only)"
    if not name.startswith("guest/"):  # runs in a file system of its own
        for match in MACHINE_PATH.finditer(text):
            yield line_of(text, match), "a path of one machine"
    for match in UNFINISHED.finditer(text):
        yield line_of(text, match), f"unfinished work: {match.group(0)}"


def problems(name):
    text = files.read(name)
    if text is None:
        yield 1, "not a text file in UTF-8"
        return
    yield from check_text(name, text)
    if files.is_source(name, text):
        yield from check_licence(name, text)
        yield from check_sizes(name, text)
        for match in BAD_SPACE.finditer(text):
            yield line_of(text, match), "white space at the end of the line"


def main(arguments):
    if arguments in (["--help"], ["-h"]):
        print("Usage: scripts/lint/sources.py [FILE...]\n" + __doc__)
        return 0
    if any(a.startswith("-") for a in arguments):
        print("error: unknown option (--help lists the options)", file=sys.stderr)
        return 2
    names = [os.path.relpath(os.path.abspath(a), files.ROOT) for a in arguments] or files.tracked()
    count = 0
    for name in names:
        if not os.path.isfile(os.path.join(files.ROOT, name)):
            print(f"error: no such file: {name}", file=sys.stderr)
            return 2
        for line, message in problems(name):
            print(f"{name}:{line}: {message}")
            count += 1
    print(f"{len(names)} files, {count} problems")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
