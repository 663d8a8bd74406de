# SPDX-License-Identifier: BSD-3-Clause
"""What a good run's console looks like, and the judgement of a run."""

import re
from dataclasses import dataclass, field

from console import FATAL, REFUSED, without_time

CHECK = re.compile(r"^check (\S+) \.\.\. (PASS|FAIL) ?(.*)")
HEADING = re.compile(r"^heading (.*)")
NOTE = re.compile(r"^note (.*)")
TOTAL = re.compile(r"^redoubt: (\d+) checks passed, (\d+) failed")
CORE = re.compile(r"^redoubt: (?!error)(.*)")
GUEST = re.compile(r"^guest\| (.*)")

# What must appear, in this order. The first two are the core's own.
CORE_LINES = [("the core's banner", re.compile(r"^redoubt: version ")),
              ("the core's memory use", re.compile(r"^redoubt: core memory: "))]
KERNEL_LINES = [("the kernel's version", re.compile(r"Linux version \d")),
                ("all CPUs at EL1", re.compile(r"CPU: All CPU\(s\) started at EL1")),
                ("user space", re.compile(r"^redoubt-init: user space up"))]
END_LINES = [("the power-off", re.compile(r"reboot: Power down"))]
TOTAL_LINE = [("the total", TOTAL)]

# One check of each group at least, so that a story cut short cannot pass.
NEEDED = ["core-present", "call-version", "smc-system-suspend", "register-HCR_EL2", "core-user-image-first",
          "core-user-data-last", "core-kernel-image-first", "core-kernel-data-last", "core-kernel-walk-image-first",
          "core-user-walk-data-first", "core-user-walk-level-2-image-first", "device-fw-cfg-dma", "device-its",
          "node-qemu,fw-cfg-mmio", "redistributor-0-lpis", "cpus-online", "memory-pattern", "memory-covered",
          "vm-kernel", "vm-user-space", "vm-cpus", "vm-secret", "vm-scan-control", "vm-scan-secret", "vm-scan-refused", "vm-user-0",
          "vm-kernel-0", "vm-user-2", "vm-kernel-2", "vm-shared-found", "vm-unshared-refused", "vm-name-taken", "vm-intact",
          "vm-stopped", "vm-returned", "vm-killed", "vm-again", "vm-killed-returned", "bundle-good", "bundle-image", "bundle-signature", "bundle-truncated",
          "alive-core",
          "counter-blocks", "counter-tables", "counter-mapped"]


@dataclass
class Run:
    """What the console said."""
    lines: list = field(default_factory=list)      # without time stamps
    checks: list = field(default_factory=list)     # (name, passed, detail)
    notes: list = field(default_factory=list)
    total: tuple = None                            # (passed, failed)
    refusals: list = field(default_factory=list)   # texts after `redoubt: error:`
    fatal: str = ""

    def take(self, line):
        """Sorts one line; returns True if nothing good can follow."""
        self.lines.append(line)
        if match := CHECK.match(line):
            self.checks.append((match[1], match[2] == "PASS", match[3]))
        elif match := NOTE.match(line):
            self.notes.append(match[1])
        elif match := TOTAL.match(line):
            self.total = (int(match[1]), int(match[2]))
        elif match := REFUSED.match(line):
            self.refusals.append(match[1])
            return True
        if GUEST.match(line):
            return False
        for pattern, meaning in FATAL:
            if pattern.search(line):
                self.fatal = f"{meaning}: {line.strip()}"
                return True
        return False


def missing(lines, expected):
    """What of `expected` is absent or out of order."""
    problems, position = [], 0
    for name, pattern in expected:
        found = next((i for i in range(position, len(lines)) if pattern.search(lines[i])), None)
        if found is None:
            late = any(pattern.search(line) for line in lines)
            problems.append(f"{name} {'comes too early' if late else 'never appeared'}")
        else:
            position = found + 1
    return problems


def judge_end(run, console):
    problems = [run.fatal] if run.fatal else []
    problems += [f"the core refused to start: {text}" for text in run.refusals]
    if console.timed_out:
        problems.append(f"no end within {console.limit} s; last line: {run.lines[-1] if run.lines else '(none)'}")
    elif not problems and console.exit_code != 0:
        problems.append(f"QEMU ended with status {console.exit_code}")
    return problems


def judge_checks(run, cpus):
    problems = [f"check {name} failed: {detail}" for name, passed, detail in run.checks if not passed]
    names = [name for name, _, _ in run.checks]
    passed = sum(1 for _, good, _ in run.checks if good)
    if run.total is not None and run.total != (passed, len(names) - passed):
        problems.append(f"the total says {run.total}, the lines say {(passed, len(names) - passed)}")
    problems += [f"check {name} appears twice" for name in sorted({n for n in names if names.count(n) > 1})]
    needed = NEEDED + ([f"cpu-{cpu}-off-on" for cpu in range(1, cpus)]) + [f"redistributor-{cpus - 1}-lpis"]
    problems += [f"check {name} never ran" for name in dict.fromkeys(needed) if name not in names]
    online = next((detail for name, _, detail in run.checks if name == "cpus-online"), None)
    if online is not None and online != f"{cpus} of {cpus}":
        problems.append(f"the host runs on {online} CPUs, not on {cpus}")
    return problems


def judge(run, console, mode, cpus, bare=False):
    """All that is wrong with a run; empty if it is good."""
    expected = ([] if bare and mode != "story" else CORE_LINES) + KERNEL_LINES
    if mode != "measure":
        expected = expected + TOTAL_LINE
    problems = judge_end(run, console) + missing(run.lines, expected + END_LINES)
    if mode == "story":
        problems += judge_checks(run, cpus)
    elif mode != "measure":
        problems += [f"check {name} failed: {detail}" for name, passed, detail in run.checks if not passed]
    return problems


def judge_stop(run, console, pattern):
    """A run in which the core had to stop the machine: one record that matches, and nothing of the host."""
    records = [line for line in run.lines if line.startswith("redoubt: machine stopped, ")]
    problems = [f"the core refused to start: {text}" for text in run.refusals]
    if len(records) != 1:
        problems.append(f"{len(records)} lines 'redoubt: machine stopped, ...' instead of one")
    elif not re.search(pattern, records[0]):
        problems.append(f"the record '{records[0]}' does not match '{pattern}'")
    return problems + judge_no_host(run, console)


def judge_no_host(run, console):
    problems = ["the host kernel started all the same"] if any("Linux version" in line for line in run.lines) else []
    return problems + (["nothing happened within the time limit"] if console.timed_out else [])


def judge_refusal(run, console, pattern):
    """A run that had to be refused: one message that matches, and nothing of the host."""
    problems = [run.fatal] if run.fatal else []
    if len(run.refusals) != 1:
        problems.append(f"{len(run.refusals)} messages 'redoubt: error: ...' instead of one")
    elif not re.search(pattern, run.refusals[0]):
        problems.append(f"the message '{run.refusals[0]}' does not match '{pattern}'")
    return problems + judge_no_host(run, console)


def render(line):
    """A console line as the reader sees it, or None if it is of no interest."""
    if match := CHECK.match(line):
        return f"      {'ok  ' if match[2] == 'PASS' else 'FAIL'} {match[1]:34} {match[3]}"
    if match := HEADING.match(line):
        return f"    {match[1]}"
    if match := NOTE.match(line):
        return f"      {match[1]}"
    if GUEST.match(line):
        return f"        {line}"
    interesting = CORE.match(line) or REFUSED.match(line) or line.startswith("redoubt-init:")
    if interesting or any(pattern.search(line) for _, pattern in KERNEL_LINES + END_LINES):
        return f"  {line}"
    if any(pattern.search(line) for pattern, _ in FATAL):
        return f"  {line}"
    return None


def plain(line):
    return without_time(line)
