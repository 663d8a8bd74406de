#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs clang-tidy-19 over our translation units of one build directory, two at a time."""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import files

# Compiler-specific: precompiled headers of g++ and flags that clang does not know.
DROP = re.compile(r"\s-include\s+\S*cmake_pch\.hxx|\s-Winvalid-pch|\s-mno-outline-atomics|\s-fno-var-tracking\S*")
JOBS = 2


def translation_units(build):
    """Compile commands of tracked sources, each file once, fit for clang."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as stream:
        commands = json.load(stream)
    tracked = {os.path.join(files.ROOT, n) for n in files.tracked()}
    units = {}
    for entry in commands:
        if entry["file"] in tracked and entry["file"].endswith((".cpp", ".c")):
            entry["command"] = DROP.sub("", entry["command"])
            units.setdefault(entry["file"], entry)
    return list(units.values())


def check(source, database, target):
    command = ["clang-tidy-19", "--quiet", "-p", database, f"--config-file={files.ROOT}/.clang-tidy", source]
    command += [f"--extra-arg=--target={target}"] if target else []
    command += ["--extra-arg=-Wno-unknown-warning-option"]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return source, done.returncode, done.stdout, done.stderr, time.monotonic() - start


def run(build, target, only):
    units = [u for u in translation_units(build) if not only or any(o in u["file"] for o in only)]
    database = os.path.join(build, "tidy")
    os.makedirs(database, exist_ok=True)
    with open(os.path.join(database, "compile_commands.json"), "w", encoding="utf-8") as stream:
        json.dump(units, stream)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        jobs = [pool.submit(check, u["file"], database, target) for u in units]
        for job in concurrent.futures.as_completed(jobs):
            source, status, out, err, seconds = job.result()
            print(f"{'ok    ' if status == 0 else 'FAILED'} {seconds:5.1f} s  {os.path.relpath(source, files.ROOT)}", flush=True)
            if status:
                failed += 1
                print(out + err, flush=True)
    print(f"{len(units)} translation units, {failed} with findings")
    return 1 if failed else 0


def main(arguments):
    if arguments in (["--help"], ["-h"]):
        print("Usage: scripts/lint/tidy.py BUILD_DIR [--target=TRIPLE] [PART_OF_A_PATH...]\n" + __doc__)
        return 0
    target = "".join(a.removeprefix("--target=") for a in arguments if a.startswith("--target="))
    names = [a for a in arguments if not a.startswith("-")]
    if not names or any(a.startswith("-") and not a.startswith("--target=") for a in arguments):
        print("error: one build directory is needed (--help lists the options)", file=sys.stderr)
        return 2
    build = os.path.abspath(names[0])
    if not os.path.isfile(os.path.join(build, "compile_commands.json")):
        print(f"error: no compile_commands.json in {names[0]}: configure that preset first", file=sys.stderr)
        return 2
    return run(build, target, names[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
