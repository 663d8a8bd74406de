#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs clang-tidy-19 over our translation units of one build directory, one a processor.

A unit whose preprocessed text, flags and checks have not changed since it last passed is not checked again.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import files

# Compiler-specific: precompiled headers of g++ and flags that clang does not know; -Werror would turn what clang only
# remarks into errors, and clang-tidy has rules of its own.
DROP = re.compile(r"\s-Werror(?=\s)|\s-include\s+\S*cmake_pch\.hxx|\s-Winvalid-pch|\s-mno-outline-atomics|\s-f(?:no-)?tree-\S+")


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


def configuration(source):
    """The .clang-tidy files that apply to a source, innermost first."""
    text, folder = b"", os.path.dirname(source)
    while folder.startswith(files.ROOT):
        name = os.path.join(folder, ".clang-tidy")
        if os.path.exists(name):
            with open(name, "rb") as stream:
                text += stream.read()
        folder = os.path.dirname(folder)
    return text


def fingerprint(unit, target):
    """A hash of all that clang-tidy's verdict depends on, or None if the unit does not preprocess."""
    words = shlex.split(unit["command"])
    output = words.index("-o")
    flags = [w for w in words[1:output] + words[output + 2:] if w not in ("-c", unit["file"])]
    compiler = "clang-19" if unit["file"].endswith(".c") else "clang++-19"
    command = [compiler, *([f"--target={target}"] if target else []), *flags, "-w", "-E", "-CC", unit["file"]]
    done = subprocess.run(command, cwd=unit["directory"], capture_output=True, check=False)
    if done.returncode:
        return None
    parts = [" ".join(command).encode(), configuration(unit["file"]), done.stdout]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def check(unit, database, target):
    """(file, exit status, findings, seconds); status 0 and no time if it is known to be clean."""
    start = time.monotonic()
    key = fingerprint(unit, target)
    clean = os.path.join(database, "clean", key) if key else None
    if clean and os.path.exists(clean):
        return unit["file"], 0, "", 0.0
    command = ["clang-tidy-19", "--quiet", "-p", database, unit["file"]]
    command += [f"--extra-arg=--target={target}"] if target else []
    command += ["--extra-arg=-Wno-unknown-warning-option"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if clean and done.returncode == 0:
        with open(clean, "w", encoding="utf-8"):
            pass
    return unit["file"], done.returncode, done.stdout + done.stderr, time.monotonic() - start


def run(build, target, only):
    units = [u for u in translation_units(build) if not only or any(o in u["file"] for o in only)]
    if not units:
        print("error: no translation unit to check", file=sys.stderr)
        return 3
    database = os.path.join(build, "tidy")
    os.makedirs(os.path.join(database, "clean"), exist_ok=True)
    with open(os.path.join(database, "compile_commands.json"), "w", encoding="utf-8") as stream:
        json.dump(units, stream)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(check, unit, database, target) for unit in units]
        for job in concurrent.futures.as_completed(jobs):
            source, status, findings, seconds = job.result()
            verdict = "ok    " if status == 0 else "FAILED"
            print(f"{verdict} {seconds:5.1f} s  {os.path.relpath(source, files.ROOT)}", flush=True)
            if status:
                failed += 1
                print(findings, flush=True)
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
