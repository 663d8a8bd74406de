# SPDX-License-Identifier: BSD-3-Clause
"""The gate lets good counts pass and stops each kind of bad ones; the chart names every workload."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gate
import results

BOUNDS = {"tolerance": 0.02, "workloads": [
    {"name": "W1p", "limit": 103, "recorded": {"instructions": 102, "tlbi": 0, "dsb": 1, "isb": 0}},
    {"name": "W5p", "recorded": {"instructions": 50, "tlbi": 2, "dsb": 3, "isb": 1}}]}
GOOD = [{"name": "W1p", "instructions": 102.5, "tlbi": 0, "dsb": 1, "isb": 0},
        {"name": "W5p", "instructions": 50.9, "tlbi": 2, "dsb": 3, "isb": 1}]


def changed(index, **values):
    rows = [dict(row) for row in GOOD]
    rows[index].update(values)
    return rows


class Gate(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def verdict(self, rows, bounds=None):
        path = os.path.join(self.folder.name, "bounds.json")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(json.dumps(BOUNDS) if bounds is None else bounds)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            good = gate.gate(rows, path)
        return good, output.getvalue()

    def test_good_counts_pass(self):
        self.assertTrue(self.verdict(GOOD)[0])

    def test_each_excess_is_named(self):
        for rows, reason in ((changed(1, instructions=51.1), "W5p: instructions 51.1"),
                             (changed(0, instructions=103.1), "above the limit 103"),
                             (changed(0, tlbi=0.001), "W1p: tlbi"), (changed(1, dsb=4), "W5p: dsb 4"),
                             (GOOD[:1], "W5p: not counted")):
            good, text = self.verdict(rows)
            self.assertFalse(good)
            self.assertIn(reason, text)

    def test_better_counts_pass_and_say_so(self):
        good, text = self.verdict(changed(1, instructions=40))
        self.assertTrue(good)
        self.assertIn("better than recorded", text)

    def test_unknown_workload_and_bad_files_are_bad_input(self):
        for rows, bounds in ((changed(0, name="NONE"), None), (GOOD, "{"), (GOOD, "[]")):
            with self.assertRaises(results.BadInput):
                self.verdict(rows, bounds)


class Plot(unittest.TestCase):
    def test_chart_shows_every_workload_and_limit(self):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "plot")
        loader = importlib.machinery.SourceFileLoader("plot", path)
        plot = importlib.util.module_from_spec(importlib.util.spec_from_loader("plot", loader))
        loader.exec_module(plot)
        svg = plot.chart({row["name"]: row for row in GOOD}, {"W1p": 103})
        for text in ("W1p", "W5p", "102.5", "50.9"):
            self.assertIn(text, svg)
        self.assertEqual(svg.count(plot.LIMIT), 1)


if __name__ == "__main__":
    unittest.main()
