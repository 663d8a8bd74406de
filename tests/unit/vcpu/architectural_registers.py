#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Asks binutils for every system register of EL1 and EL0 that it knows, and PROGRAM whether each has a row.

Usage: architectural_registers.py PROGRAM
The encodings are assembled as numbers; the disassembler prints the names of those that exist in the architecture.
"""

import os
import re
import subprocess
import sys
import tempfile

PREFIX = "aarch64-linux-gnu-"
WRITE = 0xD5100000
READ = 0x00200000
UNNAMED = re.compile(r"s[0-3]_\d+_c\d+_c\d+_\d+$", re.I)


def encodings():
    for op0 in (2, 3):
        for op1 in range(4):
            for number in range(16 * 16 * 8):
                yield op0, op1, number >> 7, number >> 3 & 15, number & 7


def assemble(folder, keys):
    source, target = os.path.join(folder, "all.s"), os.path.join(folder, "all.o")
    with open(source, "w", encoding="ascii") as stream:
        for op0, op1, crn, crm, op2 in keys:
            word = WRITE | (op0 & 1) << 19 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5
            stream.write(f".inst {word | READ:#x}\n.inst {word:#x}\n")
    subprocess.run([PREFIX + "as", source, "-o", target], check=True)
    return subprocess.run([PREFIX + "objdump", "-d", target], check=True, capture_output=True, text=True).stdout


def names(text):
    """The register that each instruction names, or None."""
    for line in text.splitlines():
        match = re.match(r" +[0-9a-f]+:\t[0-9a-f]+ \t(?:mrs\tx0, (\w+)|msr\t(\w+), x0|)", line)
        if match:
            name = match.group(1) or match.group(2)
            yield name if name and not UNNAMED.match(name) else None


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    keys = list(encodings())
    with tempfile.TemporaryDirectory() as folder:
        found = list(names(assemble(folder, keys)))
    if len(found) != 2 * len(keys):
        print(f"error: {len(found)} lines of the disassembler for {2 * len(keys)} instructions", file=sys.stderr)
        return 2
    lines = [" ".join(map(str, key)) + f" {read or write}\n"
             for key, read, write in zip(keys, found[::2], found[1::2]) if read or write]
    if len(lines) < 600:
        print(f"error: the disassembler knows only {len(lines)} registers", file=sys.stderr)
        return 2
    return subprocess.run([sys.argv[1]], input="".join(lines), text=True).returncode


if __name__ == "__main__":
    sys.exit(main())
