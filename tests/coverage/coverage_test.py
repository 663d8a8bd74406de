#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The coverage reads disassembly and QEMU's log right, and fails where code is neither covered nor listed."""

import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import code_trace  # noqa: E402
import image  # noqa: E402
import judgement  # noqa: E402
import runs  # noqa: E402

BASE = 0x40200000
DISASSEMBLY = """
build/el2/boot/redoubt-core.elf:     file format elf64-littleaarch64


Disassembly of section .text:

0000000000000000 <_start>:
       0:\t14000004 \tb\t10 <redoubt::first(int)>
       4:\t000e3000 \t.word\t0x000e3000
\t...

0000000000000010 <redoubt::first(int)>:
redoubt::first(int):
/somewhere/build/el2/../../boot/first.cpp:12
      10:\td2800000 \tmov\tx0, #0x0
/somewhere/build/el2/../../core/npt/walk.hpp:7 (discriminator 3)
      14:\tb4000040 \tcbz\tx0, 1c <redoubt::first(int)+0xc>
      18:\td503201f \tnop
      1c:\td65f03c0 \tret

0000000000000020 <redoubt::first(int) [clone .part.0]>:
/somewhere/boot/first.cpp:14
      20:\td65f03c0 \tret

0000000000000024 <fdt_pack>:
      24:\td65f03c0 \tret

Disassembly of section .text.crypto:

0000000000000040 <SHA512_Transform>:
      40:\td65f03c0 \tret
"""
EL2, EL1 = "00000461", "00000421"


def piece(start, *words):
    return ["----------------\n", "IN: \n", *[f"0x{start + 4 * i:08x}:  {word:08x}  text\n" for i, word in enumerate(words)], "\n"]


def run(address, flags=EL2):
    return [f"Trace 0: 0x7f3a6c000340 [00000400/{address:016x}/{flags}/ff022000] \n"]


def executed(lines, bases=(BASE,)):
    return code_trace.executed(code_trace.Log().read(lines), bases, image.words(image.parse(DISASSEMBLY)), 0)


class Image(unittest.TestCase):
    def test_functions_instructions_and_places(self):
        functions = image.parse(DISASSEMBLY)
        first = functions["own", "first"]
        self.assertEqual(sorted(first.code), [0x10, 0x14, 0x1c, 0x20])  # no padding; the clone is the same function
        self.assertEqual(first.code[0x14], (0xB4000040, "core/npt/walk.hpp:7"))
        self.assertEqual(first.code[0x20][1], "boot/first.cpp:14")
        self.assertEqual(sorted(functions["own", "_start"].code), [0])  # no literals
        self.assertIn(("libfdt", "fdt_pack"), functions)
        self.assertIn(("libsodium", "SHA512_Transform"), functions)

    def test_names(self):
        for long, short in [
                ("redoubt::Vgic::take_back(unsigned long, redoubt::Vgic::Seen&)", "Vgic::take_back"),
                ("void redoubt::Vgic::load<redoubt::Hardware>(redoubt::Hardware&)", "Vgic::load"),
                ("redoubt::Status redoubt::A<redoubt::B<redoubt::C> >::map<(redoubt::Zone)1>(int, bool (*)(int))", "A::map"),
                ("redoubt::(anonymous namespace)::refuse(redoubt::Failure) [clone .isra.0]", "refuse"),
                ("redoubt::has_sve::{lambda(redoubt::Ids const&)#1}::_FUN(redoubt::Ids const)", "has_sve::{lambda-1}::_FUN"),
                ("redoubt::el2::SysReg::operator==(redoubt::el2::SysReg const&) const", "el2::SysReg::operator=="),
                ("bool redoubt::Range::operator< <int>(int) const", "Range::operator<"),
                ("crypto_hash_sha512_update.part.0", "crypto_hash_sha512_update")]:
            self.assertEqual(image.short_name(long), short)

    def test_no_image(self):
        with tempfile.NamedTemporaryFile(suffix=".elf") as empty, self.assertRaises(image.Unreadable):
            image.read(empty.name)


class Trace(unittest.TestCase):
    start = piece(BASE, 0x14000004) + run(BASE)

    def test_pieces_that_were_run(self):
        lines = self.start + piece(BASE + 0x10, 0xD2800000, 0xB4000040) + run(BASE + 0x10)
        self.assertEqual(executed(lines), {0, 0x10, 0x14})

    def test_a_piece_that_runs_through_padding(self):
        lines = self.start + piece(BASE + 0x14, 0xB4000040, 0xD503201F, 0xD65F03C0) + run(BASE + 0x14)
        self.assertLessEqual({0x14, 0x1C}, executed(lines))

    def test_translated_only(self):
        self.assertEqual(executed(self.start + piece(BASE + 0x10, 0xD2800000, 0xB4000040)), {0})

    def test_a_guest_at_the_same_address(self):
        other_code = piece(BASE + 0x10, 0xD2800001) + run(BASE + 0x10)
        same_code = piece(BASE + 0x1c, 0xD65F03C0) + run(BASE + 0x1c, EL1)
        self.assertEqual(executed(self.start + other_code + same_code), {0})

    def test_base_where_the_image_does_not_lie(self):
        self.assertEqual(executed(self.start, (BASE + 0x1000,)), set())

    def test_other_base(self):
        self.assertEqual(executed(piece(BASE + 0x1000, 0x14000004) + run(BASE + 0x1000), (BASE, BASE + 0x1000)), {0})

    def test_log_that_was_cut_off(self):
        self.assertEqual(executed(self.start + piece(BASE + 0x1c, 0xD65F03C0)[:-1] + run(BASE + 0x1c)[:1]), {0, 0x1c})
        self.assertEqual(executed(self.start + ["IN: \n", "0x4020001c:  d65f"]), {0})

    def test_ranges_of_the_log_hold_all_bases(self):
        size = 0x1B000
        spans = [[int(end, 16) for end in span.split("..")] for span in runs.ranges(size).split(",")]
        for base in runs.BASES:
            self.assertTrue(any(low <= base <= high for low, high in spans))


class Judgement(unittest.TestCase):
    def judge(self, offsets, entries, goal=0.9):
        reasons = judgement.Reasons(goal, entries)
        table = judgement.rows(image.parse(DISASSEMBLY), offsets, reasons)
        return table, list(judgement.problems(table, reasons)), judgement.superfluous(table, reasons)

    def test_all_covered(self):
        table, problems, _ = self.judge({0, 0x10, 0x14, 0x1c, 0x20}, {})
        self.assertEqual(problems, [])
        self.assertEqual(judgement.total(table, "own"), (5, 5))
        self.assertEqual(judgement.total(table, "libfdt"), (0, 1))

    def test_neither_covered_nor_listed(self):
        _, problems, _ = self.judge({0, 0x10}, {}, 0.3)
        self.assertEqual(len(problems), 1)
        self.assertRegex(problems[0], r"^first: 1 of 4 .*neither covered nor listed")

    def test_listed(self):
        self.assertEqual(self.judge({0, 0x10}, {"first": ("why", 0.25)}, 0.3)[1], [])
        self.assertRegex(self.judge({0}, {"first": ("why", 0.25)}, 0.1)[1][0], "below the 25%")

    def test_total_below_the_goal(self):
        _, problems, _ = self.judge({0, 0x10}, {"first": ("why", 0)})
        self.assertEqual(problems, ["2 of 5 instructions of our own code: the goal is 90%"])

    def test_stale_entries(self):
        _, problems, notes = self.judge({0, 0x10, 0x14, 0x1c, 0x20}, {"first": ("why", 0), "gone": ("why", 0)})
        self.assertEqual((problems, notes), (["gone: listed with a reason, but there is no such function"], ["first"]))

    def test_broken_lists(self):
        entry = {"name": "f", "reason": "why", "at_least": 0}
        for content in ["{", "[]", '{"goal": 0.9}', json.dumps({"goal": 0.9, "functions": [{**entry, "reason": ""}]}),
                        json.dumps({"goal": 0.9, "functions": [entry, entry]})]:
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file, self.assertRaises(image.Unreadable):
                file.write(content)
                file.flush()
                judgement.load_reasons(file.name)

    def test_the_checked_in_list(self):
        self.assertGreaterEqual(judgement.load_reasons(Path(__file__).resolve().parent / "reasons.json").goal, 0.9)


class Runs(unittest.TestCase):
    files = runs.Files(Path("no-boot"), Path("no.elf"))

    def test_names_are_unique(self):
        names = [one.name for one in runs.all_runs(self.files)]
        self.assertEqual(len(names), len(set(names)))

    def test_a_run_that_fails_or_says_nothing_is_no_coverage(self):
        for command, says in ((["false"], ""), (["true"], ""), (["echo", "well"], "done")):
            with self.assertRaises(runs.Failed):
                runs.perform(runs.Run("r", "", command, says), {0: 0}, io.StringIO())

    def test_a_run_that_cannot_start(self):
        with self.assertRaises(image.Unreadable):
            runs.perform(runs.Run("r", "", ["sh", "-c", "exit 2"]), {0: 0})


if __name__ == "__main__":
    result = unittest.main(exit=False, argv=[sys.argv[0]]).result
    print("OK" if result.wasSuccessful() else "FAILED")
    sys.exit(0 if result.wasSuccessful() else 1)
