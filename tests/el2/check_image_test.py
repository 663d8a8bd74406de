#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_image.py finds what it looks for."""
import importlib.util
import pathlib
import sys

spec = importlib.util.spec_from_file_location("check_image", pathlib.Path(__file__).with_name("check_image.py"))
check_image = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_image)

LISTING = """
0000000000000100 <core_function>:
     100:\tldr\tx0, [x1, #8]
     104:\t{}
0000000000000200 <fdt_open_into>:
     200:\tldp\tq0, q1, [x0]
"""
BAD = ["ldp\tq0, q1, [x0]", "fmov\td0, x1", "add\tv0.4s, v1.4s, v2.4s", "str\ts3, [sp, #4]", "dup\tv0.2d, x1",
       "msr\tfpcr, x0", "ptrue\tp0/z, p1/z", "movi\tv31.16b, #0", "ld1\t{v0.16b}, [x1]", "mov\tz0.d, x0"]
GOOD = ["b\t40 <d3>", "add\tx0, x1, x2", "bl\t200 <fdt_d0>", "mrs\tx0, s3_0_c0_c4_1", "dsb\tsy", "hint\t#0x22",
        "ldrb\tw0, [x1]", "msr\tdaifset, #0xf", "mrs\tx0, cntpct_el0"]


def main():
    for line in BAD:
        assert len(check_image.vector_instructions(LISTING.format(line))) == 1, line
    for line in GOOD:
        assert not check_image.vector_instructions(LISTING.format(line)), line
    headers = "  0 .text  0000bb9c  0 0 0 2**11\n  1 .text.crypto  00001234  0 0 0 2**4\n"
    assert check_image.section_size(headers, ".text") == 0xbb9c
    assert check_image.section_size(headers, ".text.crypto") == 0x1234
    assert check_image.section_size(headers, ".data") == 0
    relocations = "0000000000001000 R_AARCH64_RELATIVE  *ABS*+0x10\n0000000000001008 R_AARCH64_ABS64  name\n"
    assert len(check_image.other_relocations(relocations)) == 1
    print("OK")
    return 0


if __name__ == "__main__":
    sys.exit(main())
