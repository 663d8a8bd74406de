# SPDX-License-Identifier: BSD-3-Clause
"""Which instructions of the core a run of QEMU executed, from its log of `-d in_asm,exec -dfilter ...`.

in_asm writes a straight piece of code when it is translated, exec a line when it is first run (and at times later),
with flags that tell the exception level. A guest may run code at the core's addresses, too: a piece counts only if its
instructions are those of the image and it was run at the exception level at which the image starts.
"""

import re

START = "IN: "
WORD = re.compile(r"^0x([0-9a-f]+):\s+([0-9a-f]{8})\s")
RUN = re.compile(r"^Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/([0-9a-f]+)/[0-9a-f]+\]")
# QEMU's flags of a piece of code: bits 4 to 7 number the translation regime, which EL2 has to itself.
REGIME_SHIFT, REGIME_MASK = 4, 15


class Log:
    """What one log says: translated pieces and where code was run, each once."""

    def __init__(self):
        self.pieces = set()   # (address, words...)
        self.runs = set()     # (address, regime)
        self.first_run = {}   # address -> regime when it was run for the first time
        self._piece = []

    def take(self, line):
        if line.startswith("0x"):
            if match := WORD.match(line):
                if not self._piece:
                    self._piece.append(int(match[1], 16))
                self._piece.append(int(match[2], 16))
        elif line.startswith("Trace"):
            if match := RUN.match(line):
                address, regime = int(match[1], 16), int(match[2], 16) >> REGIME_SHIFT & REGIME_MASK
                self.runs.add((address, regime))
                self.first_run.setdefault(address, regime)
        elif self._piece:
            self.pieces.add(tuple(self._piece))
            self._piece = []

    def read(self, lines):
        for line in lines:
            self.take(line)
        self.take("")  # a log that was cut off
        return self


def of_the_image(piece, base, image):
    """The offsets of a piece whose instructions are the image's, else nothing."""
    start, *words = piece
    offsets = range(start - base, start - base + 4 * len(words), 4)
    return offsets if all(image.get(offset) == word for offset, word in zip(offsets, words)) else ()


def executed(log, bases, image, entry):
    """Offsets of the image's instructions that were run.

    bases: addresses at which a loader may have put the image; entry: offset of what runs first; image: offset -> word.
    """
    offsets = set()
    for base in bases:
        regime = log.first_run.get(base + entry)
        if regime is None:
            continue
        for piece in log.pieces:
            if (piece[0], regime) in log.runs:
                offsets.update(of_the_image(piece, base, image))
    return offsets
