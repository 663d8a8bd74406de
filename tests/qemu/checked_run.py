# SPDX-License-Identifier: BSD-3-Clause
"""A boot in which one program makes checks, says how many held, and the host powers off: shows its lines, judges them."""

import re
import sys
from contextlib import nullcontext

from console import FATAL, Console, without_time

CHECK = re.compile(r"^check (\S+) \.\.\. (PASS|FAIL) ?(.*)")
TOTAL = re.compile(r"^redoubt: (\d+) checks passed, (\d+) failed")
ENDED = re.compile(r"^redoubt-init: \w+ ended with status (\d+)")
SHOWN = re.compile(r"^(check|note|heading|redoubt) ?.*")


class CheckedRun:
    """What the console said. `uncounted`: checks that the program's total leaves out."""

    def __init__(self, uncounted=()):
        self.uncounted = uncounted
        self.checks = []
        self.total = self.ended = None
        self.fatal = ""
        self.seconds = 0.0
        self.late = self.never_started = False

    def take(self, line):
        if match := CHECK.match(line):
            self.checks.append((match[1], match[2] == "PASS", match[3]))
        elif match := TOTAL.match(line):
            self.total = (int(match[1]), int(match[2]))
        elif match := ENDED.match(line):
            self.ended = int(match[1])
        for pattern, meaning in FATAL:
            if pattern.search(line):
                self.fatal = self.fatal or f"{meaning}: {line}"

    def boot(self, command, limit, keep_log, taking=lambda line: None, shown=SHOWN):
        """Runs the emulator; each line goes to `taking` too, and those that match `shown` are printed."""
        with keep_log.open("w") if keep_log else nullcontext() as log:
            console = Console(command, limit, log)
            for line in console:
                text = without_time(line)
                self.take(text)
                taking(text)
                if shown.match(text):
                    print(text, flush=True)
                if self.fatal:
                    console.stop_within(1.0)
        self.seconds = console.seconds
        self.late = console.timed_out or console.exit_code == 124
        self.never_started = console.exit_code == 2 and not self.checks
        if self.never_started:
            print("error: the emulator did not start", file=sys.stderr)

    def problems(self, limit):
        found = [f"check {name} failed: {seen}" for name, good, seen in self.checks if not good]
        if self.fatal:
            found.append(self.fatal)
        if self.late:
            found.append(f"no end within {limit} s")
        good = [c for c in self.checks if c[1] and c[0] not in self.uncounted]
        if self.total is None or self.ended is None:
            found.append("the program did not come to its end")
        elif self.total != (len(good), 0) or self.ended != 0:
            found.append(f"the program counts {self.total}, ended with status {self.ended}")
        return found


def conclude(problems, figures):
    """Prints problems and verdict; the exit code."""
    for problem in problems:
        print(f"problem: {problem}")
    print(f"verdict: {'FAILED' if problems else 'good'}: {figures}, {len(problems)} problems")
    return 1 if problems else 0
