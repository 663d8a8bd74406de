# SPDX-License-Identifier: BSD-3-Clause
"""Coverage by function, and what of it must not be: functions below the goal need a reason in the list."""

import json
from dataclasses import dataclass

import image


@dataclass
class Row:
    """One function's figures."""
    name: str
    origin: str
    total: int
    covered: int
    missed: list      # offsets, ascending
    reason: str = ""  # why it may stay below the goal
    floor: float = 0  # and the share that it must have even so

    def share(self):
        return self.covered / self.total


@dataclass
class Reasons:
    """The checked-in list."""
    goal: float
    functions: dict  # name -> (reason, floor)


def load_reasons(path):
    try:
        with open(path, encoding="utf-8") as stream:
            content = json.load(stream)
        functions = {entry["name"]: (entry["reason"], float(entry["at_least"])) for entry in content["functions"]}
        if len(functions) != len(content["functions"]) or not all(reason for reason, _ in functions.values()):
            raise ValueError("a name occurs twice, or a reason is empty")
        return Reasons(float(content["goal"]), functions)
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise image.Unreadable(f"cannot read the list of reasons {path}: {problem}") from problem


def rows(functions, offsets, reasons):
    """A row for each function, those with the most missed instructions first."""
    found = []
    for function in functions.values():
        missed = sorted(offset for offset in function.code if offset not in offsets)
        total = len(function.code)
        reason, floor = reasons.functions.get(function.name, ("", 0)) if function.origin == image.OURS else ("", 0)
        found.append(Row(function.name, function.origin, total, total - len(missed), missed, reason, floor))
    return sorted(found, key=lambda row: (-len(row.missed), row.name))


def total(table, origin):
    """(covered, instructions) of all functions of one origin."""
    chosen = [row for row in table if row.origin == origin]
    return sum(row.covered for row in chosen), sum(row.total for row in chosen)


def problems(table, reasons):
    """What makes the coverage insufficient, one sentence each."""
    own = [row for row in table if row.origin == image.OURS]
    for row in own:
        if row.share() >= reasons.goal:
            continue
        figures = f"{row.name}: {row.covered} of {row.total} instructions"
        if not row.reason:
            yield f"{figures}: neither covered nor listed with a reason"
        elif row.share() < row.floor:
            yield f"{figures}: below the {row.floor:.0%} that its reason allows"
    known = {row.name for row in own}
    for name in reasons.functions:
        if name not in known:
            yield f"{name}: listed with a reason, but there is no such function"
    covered, instructions = total(table, image.OURS)
    if covered < reasons.goal * instructions:
        yield f"{covered} of {instructions} instructions of our own code: the goal is {reasons.goal:.0%}"


def superfluous(table, reasons):
    """Listed functions that reach the goal without their reason."""
    return [row.name for row in table if row.reason and row.share() >= reasons.goal]
