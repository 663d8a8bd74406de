#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the layout of every tracked C and C++ file with clang-format-19; --fix rewrites them."""

import collections
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import files


def main(arguments):
    if arguments in (["--help"], ["-h"]):
        print("Usage: scripts/lint/format.py [--fix]\n" + __doc__)
        return 0
    if arguments not in ([], ["--fix"]):
        print("error: unknown argument (--help lists the options)", file=sys.stderr)
        return 2
    names = [n for n in files.tracked() if n.endswith(files.CODE)]
    mode = ["-i"] if arguments else ["--dry-run", "-Werror"]
    try:
        done = subprocess.run(["clang-format-19", *mode, *names], cwd=files.ROOT, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        print("error: clang-format-19 is missing: install the Debian package of that name", file=sys.stderr)
        return 2
    places = re.findall(r"^(\S+?):(\d+):\d+: error", done.stderr, re.M)
    first = {name: line for name, line in reversed(places)}
    for name, count in sorted(collections.Counter(name for name, _ in places).items()):
        print(f"{name}:{first[name]}: {count} places differ from the layout in .clang-format")
    if done.returncode and not places:
        print(done.stderr)
    print(f"{len(names)} files" + ("" if done.returncode == 0 else ": some differ, scripts/lint/format.py --fix"))
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
