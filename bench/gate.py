# SPDX-License-Identifier: BSD-3-Clause
"""Compares counts with the bounds file: recorded values with a tolerance, and limits without."""

import json

import results


def broken(row, bound, tolerance):
    """What is wrong with a result, as text; and whether it is better than recorded."""
    problems = []
    for key, recorded in bound["recorded"].items():
        if row[key] > recorded * (1 + tolerance):
            problems.append(f"{key} {row[key]:g}, recorded {recorded:g} (+{tolerance:.0%} allowed)")
    if row["instructions"] > bound.get("limit", row["instructions"]):
        problems.append(f"instructions {row['instructions']:g} above the limit {bound['limit']:g}")
    better = row["instructions"] < bound["recorded"]["instructions"] * (1 - tolerance)
    return problems, better


def gate(rows, path):
    """Prints a table beside the bounds; true if all are kept."""
    try:
        with open(path, encoding="utf-8") as stream:
            bounds = json.load(stream)
        tolerance, known = bounds["tolerance"], {bound["name"]: bound for bound in bounds["workloads"]}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise results.BadInput(f"cannot read the bounds file {path}: {error}") from error
    missing = set(known) - {row["name"] for row in rows}
    good = not missing
    print(f"{'':5}{'instructions':>13}{'recorded':>10}{'limit':>7}{'TLBI':>7}{'DSB':>7}{'ISB':>7}")
    for row in rows:
        bound = known.get(row["name"])
        if bound is None:
            raise results.BadInput(f"{path} has no bound for {row['name']}: add it")
        problems, better = broken(row, bound, tolerance)
        print(f"{row['name']:5}{row['instructions']:13.1f}{bound['recorded']['instructions']:10.1f}"
              f"{bound.get('limit', '-'):>7}{row['tlbi']:7.3f}{row['dsb']:7.3f}{row['isb']:7.3f}"
              f"{'   better than recorded: record it' if better else ''}")
        for problem in problems:
            print(f"FAILED {row['name']}: {problem}")
        good = good and not problems
    for name in sorted(missing):
        print(f"FAILED {name}: not counted")
    return good
