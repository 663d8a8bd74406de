#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""lock_code.py accepts the lock as compiled and refuses every weaker form of it."""
import importlib.util
import pathlib
import sys

spec = importlib.util.spec_from_file_location("lock_code", pathlib.Path(__file__).with_name("lock_code.py"))
lock_code = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lock_code)

LISTING = """
0000000000000100 <section>:
     100:\tldxr\tw20, [x0]
     104:\tadd\tw1, w20, #0x1
     108:\tstxr\tw2, w1, [x0]
     10c:\tcbnz\tw2, 100 <section>
     110:\tb\t120 <section+0x20>
     114:\tbl\t300 <halted>
     118:\ttst\tw0, #0xff
     11c:\tb.ne\t200 <section+0x100>  // b.any
     120:\tldr\tx3, [x19]
     124:\tldar\tw4, [x3]
     128:\tcmp\tw20, w4
     12c:\tb.ne\t114 <section+0x14>  // b.any
     130:\tldr\tw9, [x8]
     134:\tstr\tw9, [x7]
     138:\tldr\tw5, [x6, #460]
     13c:\tadd\tw5, w5, #0x1
     140:\tadd\tx6, x6, #0x1cc
     144:\tstlr\tw5, [x6]
     148:\tldaxr\tw6, [x3]
     14c:\tstlxr\tw8, w7, [x3]
     150:\tcbnz\tw8, 148 <section+0x48>
     154:\tret
"""
# The same wait as it stands in cold code.
TURNED = LISTING.replace(LISTING[LISTING.index("     110:"):LISTING.index("     130:")], """
     110:\tldr\tx3, [x19]
     114:\tldar\tw4, [x3]
     118:\tcmp\tw20, w4
     11c:\tb.eq\t130 <section+0x30>  // b.none
     120:\tbl\t300 <halted>
     124:\ttst\tw0, #0xff
     128:\tb.ne\t200 <section+0x100>  // b.any
     12c:\tb\t110 <section+0x10>
""".lstrip("\n"))
WORSE_TURNED = [
    ("b.eq\t130 <section+0x30>", "b.ne\t130 <section+0x30>"),
    ("b.eq\t130 <section+0x30>", "b.eq\t12c <section+0x2c>"),
    ("b\t110 <section+0x10>", "b\t104 <section+0x4>"),
    ("b\t110 <section+0x10>", "b\t118 <section+0x18>"),
    ("b\t110 <section+0x10>", "nop\t"),
    ("tst\tw0, #0xff", "str\tw0, [x9]"),
    ("tst\tw0, #0xff", "add\tx20, x20, #0x1"),
    ("ldar\tw4, [x3]", "ldr\tw4, [x3]"),
]
# Replaced, by what: each of these is a lock that the litmus tests have not judged.
WORSE = [
    ("stlr\tw5, [x6]", "str\tw5, [x6]"),
    ("stlr\tw5, [x6]", "stlr\tw9, [x6]"),
    ("stlr\tw5, [x6]", "stlr\tw5, [x8]"),
    ("add\tx6, x6, #0x1cc", "add\tx6, x6, #0x1c8"),
    ("add\tx6, x6, #0x1cc", "mov\tw5, w9"),
    ("add\tx6, x6, #0x1cc", "str\tw9, [x9]"),
    ("add\tw5, w5, #0x1", "add\tw5, w5, #0x2"),
    ("ldar\tw4, [x3]", "ldr\tw4, [x3]"),
    ("ldar\tw4, [x3]", "ldapr\tw4, [x3]"),
    ("cmp\tw20, w4", "cmp\tw21, w4"),
    ("cmp\tw20, w4", "cmp\tw20, w5"),
    ("b.ne\t114 <section+0x14>", "b.eq\t114 <section+0x14>"),
    ("b.ne\t114 <section+0x14>", "b.ne\t130 <section+0x30>"),
    ("b.ne\t114 <section+0x14>", "b.ne\t104 <section+0x4>"),
    ("tst\tw0, #0xff", "str\tw0, [x9]"),
    ("tst\tw0, #0xff", "add\tx20, x20, #0x1"),
    ("tst\tw0, #0xff", "dmb\tish"),
    ("add\tw1, w20, #0x1", "add\tw1, w20, #0x2"),
    ("stxr\tw2, w1, [x0]", "str\tw1, [x0]"),
    ("stxr\tw2, w1, [x0]", "stxr\tw2, w1, [x9]"),
    ("stxr\tw2, w1, [x0]", "stxr\tw2, w20, [x0]"),
    ("cbnz\tw2, 100 <section>", "cbnz\tw2, 104 <section+0x4>"),
    ("cbnz\tw2, 100 <section>", "nop\t"),
    ("stlxr\tw8, w7, [x3]", "stxr\tw8, w7, [x3]"),
    ("ldaxr\tw6, [x3]", "ldr\tw6, [x3]"),
    ("str\tw9, [x7]", "ldadd\tw9, w9, [x7]"),
    ("str\tw9, [x7]", "stlr\tw9, [x7]"),
]


def problems(listing, shapes):
    mutex, claim = ((shapes / f"{name}.litmus").read_text("utf-8") for name in ("ticket-mutex", "halt-claim"))
    return list(lock_code.image_of(listing, mutex, claim).problems())


def main():
    shapes = pathlib.Path(__file__).parent.parent / "litmus" / "core"
    assert not problems(LISTING, shapes), problems(LISTING, shapes)
    assert not problems(TURNED, shapes), problems(TURNED, shapes)
    for listing, good, bad in [(LISTING, *case) for case in WORSE] + [(TURNED, *case) for case in WORSE_TURNED]:
        assert listing.count(good) == 1, good
        assert problems(listing.replace(good, bad), shapes), f"{bad}: not noticed"
    checked = LISTING.replace("add\tw5, w5, #0x1", "str\twzr, [x6, #4]\n     13a:\tadd\tw5, w5, #0x1")
    assert not problems(checked, shapes), problems(checked, shapes)
    copied = LISTING.replace("ldr\tw5, [x6, #460]", "mov\tx6, x5\n     139:\tldr\tw5, [x5, #460]")
    assert not problems(copied, shapes), problems(copied, shapes)
    caller_saved = LISTING.replace("w20", "w10")
    assert problems(caller_saved, shapes), "a ticket in a register that calls change: not noticed"
    assert problems("", shapes), "no locks at all: not noticed"
    print("OK")
    return 0


if __name__ == "__main__":
    sys.exit(main())
