#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the layout of every tracked C and C++ file with clang-format-19; --fix rewrites them."""

import os
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
        done = subprocess.run(["clang-format-19", *mode, *names], cwd=files.ROOT, check=False)
    except FileNotFoundError:
        print("error: clang-format-19 is missing: install the Debian package of that name", file=sys.stderr)
        return 2
    print(f"{len(names)} files" + ("" if done.returncode == 0 else ": some differ, scripts/lint/format.py --fix"))
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
