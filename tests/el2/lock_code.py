#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that the locks in the image are the instructions that the litmus tests judge.

Usage: lock_code.py [--objdump PROGRAM] LITMUS_FOLDER ELF_FILE
Every load-acquire, store-release, exclusive, atomic and DMB of the image must belong to a sequence of ticket-mutex.litmus
(take, wait, pass) or halt-claim.litmus (claim), with the same data flow and the same loops. Those of bytes and halfwords
are no lock: a vCPU's power state (vcpu-start.litmus), the SGIs posted to it (sgi-post.litmus), and where it runs
(sgi-signal.litmus); they are only counted.
Exit codes: 0 good, 1 the image differs, 2 bad input.
"""
import pathlib
import re
import subprocess
import sys

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s+([0-9a-f]+):\s+([a-z][a-z0-9.]*)\s*([^/<]*)")
ORDERED = re.compile(r"^(ld[al]?a?x[rp][bh]?|ldl?ap?u?r[bh]?|st[l]?x[rp][bh]?|stll?u?r[bh]?|dmb|"
                     r"(?:ld|st)(?:add|clr|eor|set|smax|smin|umax|umin)[al]*[bh]?|swp[al]*[bh]?|casp?[al]*[bh]?)$")
PLAIN = re.compile(r"^(ldr|str|ldur|stur)[bh]?$")
MEMORY = re.compile(r"^(ld|st|cas|swp|dc$|dmb$)")
BRANCH = re.compile(r"^(b|bl|br|blr|ret|eret|cbn?z|tbn?z|b\..+|svc|hvc|smc)$")
SAVED = range(19, 29)  # registers that a called function leaves alone


class Differs(Exception):
    pass


class Instruction:
    def __init__(self, function, address, name, operands):
        self.function, self.address, self.name = function, address, name.lower()
        self.operands = [o.strip().lower() for o in re.split(r",\s*(?![^\[]*\])", operands.strip()) if o.strip()]

    def __str__(self):
        return f"{self.address:x}: {self.name} {', '.join(self.operands)}"

    def ordered(self):
        return bool(ORDERED.match(self.name)) and not PLAIN.match(self.name)

    def narrow(self):
        return self.ordered() and self.name[-1] in "bh" and self.name != "dmb"

    def target(self):
        return int(self.operands[-1], 16)

    def first_register(self):
        """The number of the first operand, which all but stores and comparisons write to; None if it is no register."""
        first = self.operands[0] if self.operands else ""
        return first[1:] if re.match(r"^[wx]\d+$", first) else None


def from_listing(text):
    function, code = "", []
    for line in text.splitlines():
        if match := FUNCTION.match(line):
            function = match[1]
        elif match := INSTRUCTION.match(line):
            code.append(Instruction(function, int(match[1], 16), match[2], match[3]))
    return code


def from_litmus(text):
    """Instructions of thread 0; labels become the addresses 0, 1, 2 ... of what stands behind them."""
    rows = re.search(r"\n P0 .*?;\n(.*?)\n(?:exists|~exists|forall)", text, re.S)
    code, labels = [], {}
    for row in rows[1].splitlines() if rows else []:
        cell = row.split("|")[0].rstrip("; ").strip()
        if match := re.match(r"(\w+):\s*(.*)", cell):
            labels[match[1]] = len(code)
            cell = match[2]
        if cell:
            name, _, operands = cell.partition(" ")
            code.append(Instruction("", len(code), name, operands))
    for instruction in code:
        if instruction.operands and instruction.operands[-1] in labels:
            instruction.operands[-1] = f"{labels[instruction.operands[-1]]:x}"
    return code


def piece(code, first, last):
    """The instructions from the last `first` before the first `last`, up to that."""
    names = [i.name for i in code]
    end = names.index(last) if last in names else -1
    begin = max((n for n in range(end) if names[n] == first), default=-1)
    if begin < 0:
        raise ValueError(f"no {first} ... {last} in the litmus file")
    return code[begin:end + 1]


def number(text):
    return str(int(text[1:], 0))


class Match:
    """One piece of the litmus test found in the image: registers that stand for each other, and where."""

    def __init__(self, bound=None):
        self.bound = dict(bound or {})  # pattern register number -> image register number
        self.at = []

    def register(self, pattern, image, where):
        if pattern[0] != image[0] or "zr" in image:
            raise Differs(f"{where}: {image} stands for {pattern}")
        if self.bound.setdefault(pattern[1:], image[1:]) != image[1:]:
            raise Differs(f"{where}: another register than before stands for {pattern}")

    def operands(self, pattern, image):
        if len(pattern.operands) != len(image.operands):
            raise Differs(f"{image}: not like {pattern.name} {', '.join(pattern.operands)}")
        for want, have in zip(pattern.operands, image.operands):
            if want.startswith("#"):
                if not have.startswith("#") or number(want) != number(have):
                    raise Differs(f"{image}: {want} expected")
            elif want.startswith("["):
                self.address(want, have, image)
            elif re.match(r"^[wx]\d+$", want):
                self.register(want, have, image)

    def address(self, want, have, image):
        parts = have.strip("[]").split(",")
        offset = int(number(parts[1].strip())) if len(parts) > 1 else 0
        key = "address of " + want
        if self.bound.setdefault(key, (parts[0], offset)) != (parts[0], offset):
            raise Differs(f"{image}: another address than before stands for {want}")

    def passed(self, instruction, stores):
        """An instruction between two of the piece: computes in registers, and follows the address along."""
        if stores and instruction.name.startswith("st") and not instruction.ordered():
            return
        if MEMORY.match(instruction.name) or BRANCH.match(instruction.name):
            raise Differs(f"{instruction}: in the middle of a lock's instructions")
        target = instruction.operands[0] if instruction.operands else ""
        if instruction.first_register() in [v for k, v in self.bound.items() if not k.startswith("address")]:
            raise Differs(f"{instruction}: overwrites a register of the lock")
        for key, place in list(self.bound.items()):
            if not key.startswith("address"):
                continue
            base, offset = place
            adds = instruction.name == "add" and len(instruction.operands) == 3 and instruction.operands[2][0] == "#"
            if adds and instruction.operands[1] == base and int(number(instruction.operands[2])) == offset:
                self.bound[key] = (target, 0)
            elif target == base:
                raise Differs(f"{instruction}: overwrites the lock's address")


def match_piece(pattern, code, at, bound=None, stores=False):
    """Matches a piece at index `at` of the image, with plain stores in between or not; indices of its instructions."""
    match = Match(bound)
    for want in pattern:
        while match.at and code[at].name != want.name:
            match.passed(code[at], stores)
            at += 1
        match.operands(want, code[at])
        match.at.append(at)
        at += 1
    return match


def check_loop(code, match, earliest):
    """A piece's closing branch goes back to its start, or to what stands between that and index `earliest`."""
    branch, first = code[match.at[-1]], code[match.at[0]]
    if not any(i.address == branch.target() for i in code[earliest:match.at[0] + 1]):
        raise Differs(f"{branch}: does not go back to {first}")


def check_between(instructions, ticket):
    """Between drawing a ticket and seeing it served: no store but to the stack, nothing ordered, the ticket kept."""
    for instruction in instructions:
        stores = instruction.name.startswith("st") and not instruction.operands[-1].startswith("[sp")
        if instruction.ordered() or stores or instruction.name in ("blr", "ret"):
            raise Differs(f"{instruction}: between drawing a ticket and its turn")
        if instruction.name == "bl" and int(ticket) not in SAVED:
            raise Differs(f"{instruction}: the ticket is in x{ticket}, which a call may change")
        if instruction.first_register() == ticket and instruction.name not in ("cmp", "tst"):
            raise Differs(f"{instruction}: overwrites the ticket")


def find_start(code, pattern, at):
    """Index where a piece that ends with the ordered instruction at `at` begins."""
    return max((n for n in range(max(0, at - 8), at) if code[n].name == pattern[0].name and
                code[n].operands[0] == code[at].operands[0]), default=at)


def with_canonical_addresses(code, begin, end):
    """Copies of code[begin:end + 1] whose addresses [xN, #offset] name where xN came from, through copies and additions."""
    values, copies = {}, []
    for at in range(max(0, begin - 8), end + 1):
        old = code[at]
        new = Instruction(old.function, old.address, old.name, "")
        new.operands = list(old.operands)
        match = re.match(r"^\[(x\d+)(?:, #(\w+))?\]$", old.operands[-1]) if old.operands else None
        if match:
            base, offset = values.get(match[1], ("first " + match[1], 0))
            new.operands[-1] = f"[{base}, #{offset + int(match[2] or '0', 0)}]"
        target = "x" + (old.first_register() or "")
        source = values.get(old.operands[1], ("first " + old.operands[1], 0)) if len(old.operands) > 1 else None
        adds = old.name == "add" and len(old.operands) == 3 and re.match(r"^#\w+$", old.operands[2])
        if source and (adds or old.name == "mov") and old.operands[1].startswith("x"):
            values[target] = (source[0], source[1] + (int(number(old.operands[2])) if adds else 0))
        elif not old.name.startswith("st") and old.name not in ("cmp", "tst"):
            values[target] = (f"value of {old.address:x}", 0)
        if at >= begin:
            copies.append(new)
    return copies


class Image:
    def __init__(self, code, take, wait, leave, claim):
        self.code, self.take, self.wait, self.leave, self.claim = code, take, wait, leave, claim
        self.count = {"taken": 0, "passed": 0, "claimed": 0, "narrow": 0}
        self.known = set()

    def waiting(self, begin, at, ticket):
        """The wait for a ticket, and what of its loop stands behind it. In cold code the compiler turns the loop round:
        B.EQ leaves it, and the last instruction before that target goes back."""
        try:
            waited = match_piece(self.wait, self.code, at, ticket)
            check_loop(self.code, waited, begin)
            return waited, []
        except Differs as differs:
            last = self.wait[-1]
            leaves = Instruction(last.function, last.address, "b.eq", "")
            leaves.operands = last.operands
            waited = match_piece(self.wait[:-1] + [leaves], self.code, at, ticket)
            branch = waited.at[-1]
            out = next((n for n in range(branch + 2, len(self.code)) if self.code[n].address == self.code[branch].target()), 0)
            if not out or self.code[out - 1].name != "b":
                raise Differs(f"{self.code[branch]}: does not leave a loop") from differs
            if not any(i.address == self.code[out - 1].target() for i in self.code[begin:at + 1]):
                raise Differs(f"{self.code[out - 1]}: does not go back to {self.code[at]}") from differs
            return waited, self.code[branch + 1:out]

    def acquisition(self, at):
        taken = match_piece(self.take, self.code, at)
        if taken.at != list(range(at, at + len(self.take))):
            raise Differs(f"{self.code[at]}: something stands inside the exclusive pair")
        check_loop(self.code, taken, at)
        next_ordered = next((n for n in range(taken.at[-1] + 1, len(self.code)) if self.code[n].ordered()), len(self.code))
        if next_ordered == len(self.code) or self.code[next_ordered].name != self.wait[0].name:
            raise Differs(f"{self.code[at]}: no {self.wait[0].name} waits for this ticket")
        ticket = {self.take[0].operands[0][1:]: self.code[at].operands[0][1:]}
        waited, body = self.waiting(taken.at[-1] + 1, next_ordered, ticket)
        check_between(self.code[taken.at[-1] + 1:next_ordered] + body, ticket[self.take[0].operands[0][1:]])
        self.known.update(taken.at + waited.at)
        self.count["taken"] += 1

    def release(self, at):
        # A plain store before the store-release belongs to the section: the checked core clears its record there.
        begin = find_start(self.code, self.leave, at)
        code = with_canonical_addresses(self.code, begin, at)
        passed = match_piece(self.leave, code + self.code[at + 1:at + 2], 0, stores=True)
        if begin + passed.at[-1] != at:
            raise Differs(f"{self.code[at]}: not the end of {self.leave[0].name} ... {self.leave[-1].name}")
        self.known.update(begin + n for n in passed.at)
        self.count["passed"] += 1

    def claiming(self, at):
        claimed = match_piece(self.claim, self.code, at)
        check_loop(self.code, claimed, at)
        self.known.update(claimed.at)
        self.count["claimed"] += 1

    def problems(self):
        starts = {self.take[0].name: self.acquisition, self.leave[-1].name: self.release, self.claim[0].name: self.claiming}
        for at, instruction in enumerate(self.code):
            if not instruction.ordered() or at in self.known:
                continue
            if instruction.narrow():
                self.count["narrow"] += 1
                continue
            try:
                if instruction.name not in starts:
                    raise Differs(f"{instruction}: belongs to no sequence of the litmus tests")
                starts[instruction.name](at)
            except Differs as problem:
                yield f"{instruction.function}: {problem}"
        if not self.count["taken"] or self.count["passed"] < self.count["taken"] or not self.count["claimed"]:
            yield f"locks taken, passed and claims: {self.count}: some are missing"


def image_of(listing, mutex, claim):
    mutex, claim = from_litmus(mutex), from_litmus(claim)
    return Image(from_listing(listing), piece(mutex, "ldxr", "cbnz"), piece(mutex, "ldar", "b.ne"),
                 piece(mutex, "ldr", "stlr"), piece(claim, "ldaxr", "cbnz"))


def main(arguments):
    objdump = "aarch64-linux-gnu-objdump"
    if arguments in (["--help"], ["-h"]):
        print(__doc__)
        return 0
    if len(arguments) > 1 and arguments[0] == "--objdump":
        objdump, arguments = arguments[1], arguments[2:]
    if len(arguments) != 2 or arguments[0].startswith("-"):
        print("error: give the folder of litmus tests and one ELF file (see --help)", file=sys.stderr)
        return 2
    try:
        folder = pathlib.Path(arguments[0])
        mutex, claim = (folder / f"{name}.litmus" for name in ("ticket-mutex", "halt-claim"))
        listing = subprocess.run([objdump, "-d", "--no-show-raw-insn", arguments[1]], check=True, capture_output=True,
                                 text=True).stdout
        image = image_of(listing, mutex.read_text("utf-8"), claim.read_text("utf-8"))
    except (OSError, ValueError, subprocess.CalledProcessError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    found = list(image.problems())
    for problem in found:
        print(f"error: {problem}", file=sys.stderr)
    print(f"{image.count['taken']} times a lock is taken, {image.count['passed']} times passed on, "
          f"{image.count['claimed']} claim of the halt word, {image.count['narrow']} accesses to power states and posted SGIs; "
          f"{len(found)} unlike the litmus tests")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
