# SPDX-License-Identifier: BSD-3-Clause
"""The judgement of a story fails for each thing that can be wrong with it."""

import sys
import unittest
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parent))
import judgement  # noqa: E402

START = ["redoubt: version 0.1", "redoubt: core memory: image 2 MiB", "Linux version 6.1.0-1-arm64",
         "CPU: All CPU(s) started at EL1", "redoubt-init: user space up, kernel 6.1"]
CHECKS = [f"check {name} ... PASS {'2 of 2' if name == 'cpus-online' else 'x'}"
          for name in judgement.NEEDED + ["cpu-1-off-on", "redistributor-1-lpis"]]
GOOD = START + CHECKS + [f"redoubt: {len(CHECKS)} checks passed, 0 failed", "reboot: Power down"]


def problems(lines, timed_out=False, exit_code=0):
    run = judgement.Run()
    for line in lines:
        run.take(line)
    return judgement.judge(run, SimpleNamespace(timed_out=timed_out, exit_code=exit_code, limit=9), "story", 2)


def refusal_problems(lines):
    run = judgement.Run()
    for line in lines:
        run.take(line)
    return judgement.judge_refusal(run, SimpleNamespace(timed_out=False, exit_code=0, limit=9), "no memory")


class Judgement(unittest.TestCase):
    def test_good_story(self):
        self.assertEqual(problems(GOOD), [])

    def test_every_line_is_needed(self):
        for position in range(len(GOOD)):
            self.assertTrue(problems(GOOD[:position] + GOOD[position + 1:]), GOOD[position])

    def test_order(self):
        self.assertTrue(problems([GOOD[2]] + GOOD[:2] + GOOD[3:]))

    def test_one_failed_check(self):
        lines = [line.replace("PASS", "FAIL") if "device-its" in line else line for line in GOOD]
        self.assertIn("check device-its failed: x", problems(lines))

    def test_wrong_total(self):
        self.assertTrue(problems(GOOD[:-2] + ["redoubt: 3 checks passed, 0 failed", GOOD[-1]]))

    def test_time_limit_and_exit_code(self):
        self.assertTrue(problems(GOOD, timed_out=True))
        self.assertTrue(problems(GOOD, exit_code=1))

    def test_fatal_lines(self):
        for line in ("Kernel panic - not syncing: x", "redoubt: machine stopped, INV-EL2-1", "redoubt: error: no memory"):
            self.assertTrue(problems(GOOD + [line]), line)

    def test_too_few_cpus(self):
        self.assertTrue(problems([line.replace("2 of 2", "1 of 1") for line in GOOD]))

    def test_refusal(self):
        self.assertEqual(refusal_problems(["redoubt: error: no memory node"]), [])
        self.assertTrue(refusal_problems(["redoubt: error: another reason"]))
        self.assertTrue(refusal_problems([]))
        self.assertTrue(refusal_problems(["redoubt: error: no memory node", "redoubt: error: no memory"]))
        self.assertTrue(refusal_problems(["Linux version 6.1", "redoubt: error: no memory node"]))


if __name__ == "__main__":
    unittest.main()
