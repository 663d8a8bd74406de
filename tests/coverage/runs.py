# SPDX-License-Identifier: BSD-3-Clause
"""The runs whose coverage is merged: the same commands as the tests', with QEMU's log of code on."""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import code_trace
from image import Unreadable

ROOT = Path(__file__).resolve().parents[2]
QEMU_TESTS = ROOT / "tests" / "qemu"
# Where a core may lie: by QEMU's loader; by the stub of bad-input, and by its case image-misaligned.
BASES = (0x40200000, 0x50000000, 0x50001000)
ENTRY = 0  # offset of what runs first


class Failed(Exception):
    """A run that did not do its work; exit code 1."""


@dataclass
class Files:
    """What the runs boot."""
    boot: Path  # made by scripts/make-boot
    elf: Path

    def image(self):
        return self.boot / "redoubt.img"

    def initrd(self):
        return self.boot / "initramfs.cpio.gz"


    def check(self, words):
        """Stops if there is nothing to boot, or another core."""
        for path in (self.image(), self.initrd()):
            if not path.is_file():
                raise Unreadable(f"no such file: {path}: make it with ./run or scripts/make-boot")
        with self.image().open("rb") as stream:
            content = stream.read(max(words) + 4)
        for offset, word in words.items():
            if content[offset:offset + 4] != word.to_bytes(4, "little"):
                raise Unreadable(f"{self.image()} holds another core than {self.elf}: make it again with scripts/make-boot")


@dataclass
class Run:
    """One named run."""
    name: str
    what: str
    command: list
    says: str = ""  # must stand in its output


def story(files, name, what, *options):
    return Run(name, what, [QEMU_TESTS / "story", f"--image={files.image()}", f"--initrd={files.initrd()}", *options])


def attacks(files, name, what, *options):
    return Run(name, what, [ROOT / "tests" / "attack" / "run-attacks", f"--image={files.image()}",
                            f"--initrd={files.initrd()}", "--timeout=900", *options])


def interrupts(files, count):
    append = "--append=console=ttyAMA0 quiet panic=-1 nokaslr redoubt.mode=vm redoubt.bundle=interrupts"
    return Run(f"interrupts-{count}", f"a bare guest's interrupts, timer and second vCPU; {count} CPUs",
               [ROOT / "scripts" / "qemu", f"--image={files.image()}", f"--initrd={files.initrd()}", f"--cpus={count}",
                "--timeout=300", append], "interrupts: done")


def all_runs(files):
    """Every run, in order."""
    return [
        story(files, "story", "the short story: checks, hotplug, a protected Debian guest", "--timeout=600"),
        story(files, "story-small", "the checks on a CPU without SVE, 1 CPU", "--cpu=cortex-a76", "--cpus=1", "--memory=512M",
              "--timeout=600"),
        story(files, "story-n2", "a boot on another CPU with SVE, 2 CPUs", "--cpu=neoverse-n2", "--cpus=2", "--memory=1G",
              "--mode=boot", "--timeout=600"),
        story(files, "smmu", "a boot with an SMMU, which the core makes abort everything", "--cpus=2", "--memory=1G", "--mode=boot",
              "--timeout=600", "--qemu=-machine", "--qemu=iommu=smmuv3"),
        *[interrupts(files, count) for count in (1, 2, 4)],
        attacks(files, "attacks", "all attacks, CPUs in parallel", "--attacks=all", "--at-least=123"),
        attacks(files, "edges", "calls at their edges, and on all of 8 CPUs at once", "--attacks=group,edges", "--cpus=8",
                "--memory=2G"),
        Run("power-off", "the machine is switched off while VMs run",
            [ROOT / "tests" / "attack" / "power-off", f"--image={files.image()}", f"--initrd={files.initrd()}", "--timeout=300"]),
        Run("life", "VMs live and end, some by the death of their VMM",
            [ROOT / "tests" / "life" / "run-life", f"--image={files.image()}", f"--initrd={files.initrd()}", "--cycles=5",
             "--together=4", "--kills=5", "--timeout=300"]),
        attacks(files, "fuzz", "random calls on two CPUs", "--attacks=fuzz,6000,1"),
        Run("bad-input", "device trees, images and machines that must be refused",
            [QEMU_TESTS / "bad-input", f"--image={files.image()}", f"--initrd={files.initrd()}", f"--elf={files.elf}"]),
        Run("debug", "a debugger makes one CPU stop the machine",
            [ROOT / "tests" / "el2" / "halt_test.sh", files.elf, files.image(), files.initrd(), "3467"], "OK: 4 CPUs stopped"),
    ]


def ranges(size):
    """The argument of QEMU's -dfilter."""
    return ",".join(f"{base:#x}..{base + size - 1:#x}" for base in (BASES[0], BASES[1]))


def perform(run, words, output=sys.stderr):
    """Makes the run; returns the offsets of the instructions executed in it."""
    with tempfile.TemporaryDirectory(prefix="redoubt-coverage-") as folder:
        environment = {**os.environ, "REDOUBT_TRACE": f"{folder},{ranges(max(words) + 4)}"}
        done = subprocess.run([str(word) for word in run.command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=environment)
        said = done.stdout + done.stderr
        if done.returncode == 2:
            raise Unreadable(f"the run '{run.name}' cannot start: {said.strip()[-400:]}")
        if done.returncode or not re.search(run.says, said):
            print(said, file=output)
            raise Failed(f"the run '{run.name}' failed (exit code {done.returncode}); its output stands above")
        offsets, logs = set(), sorted(Path(folder).glob("*.trace"))
        for log in logs:
            with log.open(encoding="utf-8", errors="replace") as lines:
                offsets |= code_trace.executed(code_trace.Log().read(lines), BASES, words, ENTRY)
        if not offsets:
            raise Failed(f"the run '{run.name}' left no trace of the image ({len(logs)} logs)")
        return offsets
