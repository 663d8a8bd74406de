# SPDX-License-Identifier: BSD-3-Clause
"""Which files of the project the lint checks read."""

import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CODE = (".cpp", ".hpp", ".c", ".h")
SOURCE = CODE + (".S", ".ld", ".py", ".sh", ".cmake", ".gdb")


def tracked():
    """Paths relative to the root: what git tracks or would track; without git, everything outside build/."""
    try:
        command = ["git", "-C", ROOT, "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"]
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, folders, files in os.walk(ROOT):
            folders[:] = [f for f in folders if f not in ("build", ".git")]
            names += [os.path.relpath(os.path.join(folder, f), ROOT) for f in files]
    return sorted(n for n in set(names) if os.path.isfile(os.path.join(ROOT, n)))


def read(name):
    """The text of a file, or None if it is not text."""
    try:
        with open(os.path.join(ROOT, name), encoding="utf-8") as stream:
            return stream.read()
    except UnicodeDecodeError:
        return None


def is_source(name, text):
    """Sources carry a licence line and obey the size limits; data, lists and documents do not."""
    base = os.path.basename(name)
    return base.endswith(SOURCE) or base in ("CMakeLists.txt", "Kbuild") or text.startswith("#!")
