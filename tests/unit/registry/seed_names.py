#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares the names of PTWalk in the registry with the transcribed list, the digest and the seed's invariant instances;
checks that the tests it names exist.

Usage: seed_names.py PATH-OF-REDOUBT-LAYERS
"""

import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as stream:
        return stream.read()


def transcribed():
    return dict(line.split() for line in read(HERE, "seed_names.txt").splitlines())


def of_digest():
    """Name -> section: the back-quoted first cell of each row in sections 4.1 to 4.16."""
    names, section = {}, ""
    for line in read(ROOT, "docs", "spec", "kcore-lower-layers.md").splitlines():
        if line.startswith("### "):
            section = line.split()[1]
        row = re.match(r"\| `(\w+)`", line)
        if row and re.fullmatch(r"4\.(?:[1-9]|1[0-6])", section):
            names[row.group(1)] = section
    return names


def of_seed():
    """Names with an invariant instance, and the names that the layer definition joins."""
    text = read(ROOT, "docs", "spec", "seed-ptwalk-layer.md")
    return set(re.findall(r"Global Instance (\w+)_inv:", text)), set(re.findall(r"(\w+) ↦ gensem \1_spec", text))


def of_registry(program):
    done = subprocess.run([program, "PTWalk", "--json"], check=True, capture_output=True, text=True)
    primitives = json.loads(done.stdout)["primitives"]
    return {p["name"]: p for p in primitives if not p["own"]}


def registered():
    """Names of tests in the CMake files of tests/, with the platforms of the property test filled in."""
    names = set()
    for folder, _, files in os.walk(os.path.join(ROOT, "tests")):
        if "CMakeLists.txt" in files:
            names |= set(re.findall(r"NAME ([\w${}-]+)", read(folder, "CMakeLists.txt")))
    return names | {f"every-primitive-{p}" for p in ("tiny", "model", "qemu") if "every-primitive-${platform}" in names}


def main(arguments):
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__ if arguments == ["--help"] else "error: one argument, the path of redoubt-layers")
        return 0 if arguments == ["--help"] else 2
    names, digest, registry = transcribed(), of_digest(), of_registry(arguments[0])
    instances, joined = of_seed()
    problems = []
    for what, other in (("digest", set(digest)), ("seed's instances", instances), ("seed's layer", joined),
                        ("registry", set(registry))):
        problems += [f"{name}: not in the {what}" for name in sorted(set(names) - other)]
        problems += [f"{name}: only in the {what}" for name in sorted(other - set(names))]
    for name, section in names.items():
        if digest.get(name, section) != section:
            problems.append(f"{name}: section {section}, in the digest {digest[name]}")
        source = registry[name]["source"] if name in registry else ""
        if not re.match(rf"lower {re.escape(section)}(\.|$)", source):
            problems.append(f"{name}: section {section}, in the registry '{source}'")
        if name in registry and not registry[name]["seed"]:
            problems.append(f"{name}: the registry does not count it among the seed's")
    tests = registered()
    for name, primitive in registry.items():
        problems += [f"{name}: no test {c['name']}" for c in primitive["checks"] if c["name"] not in tests]
    fresh = {n for n, s in names.items() if s == "4.1"}
    if fresh != {n for n, p in registry.items() if p["kind"] == "fresh"}:
        problems.append("the fresh primitives are not those of section 4.1")
    built = sum(p["built"] for p in registry.values())
    for problem in problems:
        print(problem)
    print(f"{len(names)} names, {len(fresh)} fresh, {built} built, {len(problems)} problems")
    return 1 if problems or len(names) != 130 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
