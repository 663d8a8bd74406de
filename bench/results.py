# SPDX-License-Identifier: BSD-3-Clause
"""What count, measure and plot share: the programs, the facts of the machine, results as JSON lines."""

import json
import os
import platform
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "hosted")
LIBRARIES = {"redoubt": "bench-npt", "empty": "bench-empty"}


class BadInput(Exception):
    """Something the user has to change; exit code 2."""


def programs(build):
    """Paths of the benchmark programs by library."""
    paths = {library: os.path.join(build, "bin", name) for library, name in LIBRARIES.items()}
    for path in paths.values():
        if not os.access(path, os.X_OK):
            raise BadInput(f"no program {path}: build it with 'cmake --preset hosted && cmake --build build/hosted "
                           f"--target {' '.join(LIBRARIES.values())}'")
    return paths


def first_line(command):
    """First line that a command prints, or 'unknown'."""
    try:
        output = subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
        return output.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as stream:
            names = [line.split(":", 1)[1].strip() for line in stream if line.startswith("model name")]
        return names[0] if names else platform.machine()
    except OSError:
        return platform.machine()


def environment(compiler):
    """What a result depends on. `compiler` is the version that the program was built with."""
    return {"compiler": f"g++ {compiler}", "kernel": platform.release(), "machine": platform.machine(),
            "processor": processor(), "valgrind": first_line(["valgrind", "--version"])}


def load(path):
    """Results by workload name from a file of JSON lines."""
    try:
        with open(path, encoding="utf-8") as stream:
            rows = [json.loads(line) for line in stream if line.strip()]
        return {row["name"]: row for row in rows}
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(f"{path} is not a file of JSON lines with a name each") from error


def store(path, rows):
    """Writes results as JSON lines; '-' is standard output."""
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if path == "-":
        sys.stdout.write(text)
        return
    try:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from error


def run(main):
    """Runs main and turns BadInput into a message and exit code 2."""
    try:
        sys.exit(main())
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
