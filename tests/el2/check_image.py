#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks redoubt-core.elf: text size, no FP or SIMD outside libfdt, only relative relocations.

Usage: check_image.py [--objdump PROGRAM] [--limit BYTES] FILE
Exit codes: 0 good, 1 a check failed, 2 bad input.
"""
import re
import subprocess
import sys

TEXT_LIMIT = 128 * 1024
CRYPTO_LIMIT = 32 * 1024
# Prebuilt functions of libfdt use SIMD registers to copy structures; they run before the host only. The other four
# are the world switch's own (machine/el2/fpsimd.S).
EXEMPT = re.compile(r"^(?:fdt_[\w.]+|(?:fpsimd|sve)_(?:save|restore)_words)$")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\s+([a-z][a-z0-9.]*)\s*(.*?)(?://.*)?(?:<.*)?$")
# V, Q, D, S, H, B registers, SVE Z and P registers, and the FP control registers.
VECTOR_OPERAND = re.compile(r"(?<![\w.#])(?:[vqdshbz](?:[12]?\d|3[01])(?![\w])(?:\.\w+)?|p(?:\d|1[0-5])/[mz]|fpcr|fpsr)")


def run(objdump, *arguments):
    try:
        return subprocess.run([objdump, *arguments], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"error: {arguments[-1]}: {problem}", file=sys.stderr)
        sys.exit(2)


def vector_instructions(disassembly):
    """Pairs (function, line) of every instruction with a vector or FP operand outside the exempted functions."""
    found, function = [], ""
    for line in disassembly.splitlines():
        if match := FUNCTION.match(line):
            function = match[1]
        elif (match := INSTRUCTION.match(line)) and not EXEMPT.match(function):
            if VECTOR_OPERAND.search(match[2]):
                found.append((function, line.strip()))
    return found


def section_size(headers, name):
    for line in headers.splitlines():
        fields = line.split()
        if len(fields) > 3 and fields[1] == name:
            return int(fields[2], 16)
    return 0


def other_relocations(listing):
    rows = [line.split() for line in listing.splitlines() if re.match(r"^[0-9a-f]{16} R_", line)]
    return [" ".join(row) for row in rows if row[1] not in ("R_AARCH64_RELATIVE", "R_AARCH64_NONE")]


def check(objdump, file, limit):
    problems = []
    headers = run(objdump, "-h", file)
    size, crypto = section_size(headers, ".text"), section_size(headers, ".text.crypto")
    if not 0 < size <= limit:
        problems.append(f"text is {size} bytes, the limit is {limit}")
    if not 0 < crypto <= CRYPTO_LIMIT:
        problems.append(f"libsodium's text is {crypto} bytes, the limit is {CRYPTO_LIMIT}")
    disassembly = run(objdump, "-d", "--no-show-raw-insn", file)
    if disassembly.count("\n") < 1000:
        problems.append("hardly any code: is this the image?")
    problems += [f"vector instruction in {function}: {line}" for function, line in vector_instructions(disassembly)]
    problems += [f"relocation that start.S does not apply: {row}" for row in other_relocations(run(objdump, "-R", file))]
    print(f"text: {size} bytes of {limit}, and libsodium's: {crypto} bytes of {CRYPTO_LIMIT}")
    return problems


def main(arguments):
    options = {"--objdump": "aarch64-linux-gnu-objdump", "--limit": str(TEXT_LIMIT)}
    while arguments and arguments[0] in options and len(arguments) > 1:
        options[arguments[0]] = arguments[1]
        arguments = arguments[2:]
    if arguments in (["--help"], ["-h"]):
        print(__doc__)
        return 0
    if len(arguments) != 1 or arguments[0].startswith("-") or not options["--limit"].isdigit():
        print("error: give one ELF file (see --help)", file=sys.stderr)
        return 2
    problems = check(options["--objdump"], arguments[0], int(options["--limit"]))
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
