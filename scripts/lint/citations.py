#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that every cited section of the digests, defect W, ruling R and invariant INV exists.

Cited are: "digest 4.1.1", "lower 5.7", "upper 1.2", "W6", "R5", "INV-NPT-3". Sections and defects are those of docs/spec;
an invariant exists where its statement stands (a line that begins with its number, or an entry of the registry).
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import files

RULINGS = range(1, 26)
NUMBER = r"\d+(?:\.\d+)+|\d+(?=[\"'\])])"
SECTION = re.compile(rf"\b(?:(lower|upper)(?:\s+digest)?|(?<!upper\n  )(?<!upper )(digest)(?: sections?)?) ((?:{NUMBER})(?:(?:, | and |-|–| to )(?:\d+(?:\.\d+)+))*)")
DEFECT = re.compile(r"(?<![\w/#-])W(\d{1,2})\b(?![-/])")
WORKLOAD = re.compile(r"workloads? W\d\w?(?:(?:, | and |-| to )W\d\w?)*")
RULING = re.compile(r"(?<![\w/#\"-])R(\d{1,2})\b(?![\w=])")
INVARIANT = re.compile(r"INV-([A-Z]+)-(\d+)\b(?: to (?:INV-[A-Z]+-)?(\d+))?")
DEFINED = re.compile(r"^\W*(?:\"|Invariant |\w+ = \d+, *// *)?INV-([A-Z]+)-(\d+)(?:  |:)|number = \"INV-([A-Z]+)-(\d+)\"", re.M)
SKIPPED = ("docs/spec/", "docs/reference/", "LICENSE", "scripts/lint/citations.py", "tests/unit/registry/",
           "tests/litmus/", "tests/unit/litmus/", "tools/redoubt-litmus/")  # there W0 to W30 are registers


def sections(name):
    return set(re.findall(r"^#+ (\d+(?:\.\d+)*)\.? ", files.read(f"docs/spec/{name}"), re.M))


def defects():
    return {int(n) for n in re.findall(r"^\| W(\d+) \|", files.read("docs/spec/kcore-lower-layers.md"), re.M)}


def invariants(texts):
    """Numbers that are stated somewhere; those of the locks stand in a table of their own."""
    found = set()
    for text in texts.values():
        for match in DEFINED.finditer(text):
            found.add((match.group(1) or match.group(3), int(match.group(2) or match.group(4))))
    locks = texts.get("spec/lock/invariants.hpp", "")
    return found | {("LOCK", int(n)) for n in re.findall(r"^ +\{(\d+), \"", locks, re.M)}


def problems(text, known):
    """(position, message) of every citation of something that does not exist."""
    for match in SECTION.finditer(text):
        digest = "upper" if match.group(1) == "upper" else "lower"
        for number in re.findall(r"\d+(?:\.\d+)*", match.group(3)):
            if number not in known[digest]:
                yield match.start(), f"no section {number} in the {digest} digest"
    plain = WORKLOAD.sub(lambda m: " " * len(m.group(0)), text)
    for match in DEFECT.finditer(plain):
        if int(match.group(1)) not in known["defects"]:
            yield match.start(), f"no defect W{match.group(1)}"
    for match in RULING.finditer(text):
        if int(match.group(1)) not in RULINGS:
            yield match.start(), f"no ruling R{match.group(1)}"
    for match in INVARIANT.finditer(text):
        first, last = int(match.group(2)), int(match.group(3) or match.group(2))
        for number in range(first, last + 1):
            if (match.group(1), number) not in known["invariants"]:
                yield match.start(), f"invariant INV-{match.group(1)}-{number} is stated nowhere"


def main(arguments):
    if arguments in (["--help"], ["-h"]):
        print("Usage: scripts/lint/citations.py [FILE...]\n" + __doc__)
        return 0
    if any(a.startswith("-") for a in arguments):
        print("error: unknown option (--help lists the options)", file=sys.stderr)
        return 2
    texts = {n: files.read(n) or "" for n in files.tracked() if not n.startswith(SKIPPED)}
    known = {"lower": sections("kcore-lower-layers.md"), "upper": sections("kcore-upper-layers.md"), "defects": defects(),
             "invariants": invariants(texts)}
    if arguments:
        names = [os.path.relpath(os.path.abspath(a), files.ROOT) for a in arguments]
        for name in names:
            if not os.path.isfile(os.path.join(files.ROOT, name)):
                print(f"error: no such file: {name}", file=sys.stderr)
                return 2
        texts = {n: files.read(n) or "" for n in names}
    count = cited = 0
    for name, text in texts.items():
        cited += sum(len(p.findall(text)) for p in (SECTION, DEFECT, RULING, INVARIANT))
        for position, message in problems(text, known):
            print(f"{name}:{text.count(chr(10), 0, position) + 1}: {message}")
            count += 1
    print(f"{len(texts)} files, {cited} citations, {count} problems")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
