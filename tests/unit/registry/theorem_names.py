#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that every theorem that the registry cites is one of redoubt-verify's, about that layer, on every platform.

Usage: theorem_names.py PATH-OF-REDOUBT-LAYERS PATH-OF-REDOUBT-VERIFY
"""

import json
import subprocess
import sys


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def known(program):
    """Platforms ("any" is none: theorems about words), and the (platform, layer, theorem) that redoubt-verify lists as `platform/theorem layer statement`."""
    found = set()
    for line in run(program, "--list").splitlines():
        words = line.split()
        if len(words) > 1 and "/" in words[0]:
            found.add((*words[0].split("/", 1), words[1]))
    return {f[0] for f in found} - {"any"}, {(f[0], f[2], f[1]) for f in found}


def main(arguments):
    if len(arguments) != 2:
        print("error: two arguments, the paths of redoubt-layers and redoubt-verify")
        return 2
    platforms, theorems = known(arguments[1])
    problems, cited = [], 0
    for layer in json.loads(run(arguments[0], "--json"))["layers"]:
        for primitive in json.loads(run(arguments[0], layer["name"], "--json"))["primitives"]:
            name = primitive["theorem"]
            if primitive["kind"] != "fresh" or name is None:
                continue
            cited += 1
            for platform in sorted(platforms):
                if (platform, layer["name"], name) not in theorems:
                    problems.append(f"{layer['name']}::{primitive['name']}: no theorem {platform}/{name}")
    for problem in problems:
        print(problem)
    print(f"{cited} theorems cited on {len(platforms)} platforms, {len(problems)} problems")
    return 1 if problems or not cited or not platforms else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
