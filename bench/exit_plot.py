# SPDX-License-Identifier: BSD-3-Clause
"""Draws exit costs as an SVG bar chart, ours above KVM's, with the bounds; the scale is logarithmic."""

import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, ROW, TOP = 980, 330, 110, 34, 64
SVG = "http:" + "//www.w3.org/2000/svg"  # the name of the format, not an address to visit
OURS, KVM, BOUND, INK, GRID = "#2f6f9f", "#b9a44c", "#c0392b", "#222222", "#dddddd"
DECADES = 10  # from one instruction up


def place(value):
    """Where a number lies on the scale."""
    return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(max(value, 1)) / DECADES


def text(x, y, content, anchor="start", size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{INK}">{escape(content)}</text>'


def line(x, top, bottom, colour, width):
    return f'<line x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" y2="{bottom:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def bar(value, y, colour):
    yield f'<rect x="{LEFT}" y="{y}" width="{place(value) - LEFT:.1f}" height="10" fill="{colour}"/>'
    yield text(place(value) + 8, y + 9, f"{value:,.0f}", size=10)


def chart(table, kvm):
    """The whole drawing. Rows: `title`, `value`, perhaps `kvm` and `bound`."""
    bottom = TOP + ROW * len(table)
    body = [text(20, 24, "What exits and lives of VMs cost, in instructions", size=16),
            text(20, 44, f"blue: ours; yellow: {kvm}; red: bound", size=11)]
    for decade in range(DECADES + 1):
        body += [line(place(10**decade), TOP, bottom, GRID, 1), text(place(10**decade), bottom + 16, f"1e{decade}", "middle", 10)]
    for i, row in enumerate(table):
        y = TOP + ROW * i
        body.append(text(LEFT - 8, y + 18, row["title"], "end"))
        body += bar(row["value"], y + 5, OURS)
        if "kvm" in row:
            body += bar(row["kvm"], y + 17, KVM)
        if "bound" in row:
            body.append(line(place(row["bound"]), y + 2, y + ROW - 2, BOUND, 2))
    return (f'<svg xmlns="{SVG}" width="{WIDTH}" height="{bottom + 30}" font-family="sans-serif">\n'
            '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(body) + "\n</svg>\n")
