# SPDX-License-Identifier: BSD-3-Clause
"""Runs the emulator and hands out its console line by line, within a time limit, leaving no process behind."""

import re
import selectors
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GRACE = 3.0  # seconds between the order to end and the kill

# Lines after which nothing good can follow, with what they mean.
FATAL = [
    (re.compile(r"Kernel panic - not syncing: (.*)"), "the host kernel panicked"),
    (re.compile(r"^redoubt: machine stopped, (.*)"), "the core stopped the machine"),
    (re.compile(r"redoubt: (oracle: .*)"), "the oracle saw a call differ from its specification"),
    (re.compile(r"Fixing recursive fault but reboot is needed"), "the host kernel is stuck in an oops"),
    (re.compile(r"^qemu-system-aarch64: (?!terminating|warning)(.*)"), "QEMU refuses to run"),
]
REFUSED = re.compile(r"^redoubt: error: (.*)")


class Console:
    """One emulator run. Iterate over it for lines; then `exit_code`, `timed_out` and `seconds` are set."""

    def __init__(self, command, limit, log=None):
        self.command = command
        self.limit = limit
        self.log = log
        self.exit_code = None
        self.timed_out = False
        self.seconds = 0.0
        self._process = None
        self._stop_at = None

    def stop_within(self, seconds):
        """Ends the run in so many seconds if it does not end by itself."""
        self._stop_at = min(self._stop_at or float("inf"), time.monotonic() + seconds)

    def __iter__(self):
        start = time.monotonic()
        deadline = start + self.limit
        self._process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, start_new_session=True)
        try:
            yield from self._lines(deadline)
        finally:
            self._end()
            self.seconds = time.monotonic() - start

    def _lines(self, deadline):
        selector = selectors.DefaultSelector()
        selector.register(self._process.stdout, selectors.EVENT_READ)
        pending = b""
        while True:
            until = min(deadline, self._stop_at or deadline)
            if time.monotonic() >= until:
                self.timed_out = until == deadline
                break
            if not selector.select(until - time.monotonic()):
                continue
            data = self._process.stdout.read1(65536)
            if not data:
                break
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                yield self._text(line)
        if pending:
            yield self._text(pending)

    def _text(self, line):
        text = line.decode("utf-8", "replace").rstrip("\r")
        if self.log:
            self.log.write(text + "\n")
        return text

    def _end(self):
        for order in (None, signal.SIGTERM, signal.SIGKILL):
            if order is not None:
                self._process.send_signal(order)
            try:
                self.exit_code = self._process.wait(GRACE if order or not self.timed_out else 0.1)
                break
            except subprocess.TimeoutExpired:
                continue
        self._process.stdout.close()


def without_time(line):
    """The line without the kernel's time stamp."""
    return re.sub(r"^\[ *\d+\.\d+\] ", "", line)


def qemu(arguments, extra=()):
    """The command line of scripts/qemu."""
    command = [str(ROOT / "scripts" / "qemu"), *arguments]
    return command + (["--", *extra] if extra else [])
