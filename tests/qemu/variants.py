# SPDX-License-Identifier: BSD-3-Clause
"""Broken device trees and broken images, made from good ones; and a stub that starts an image with any device tree."""

import struct
import subprocess
from pathlib import Path

from console import qemu

STUB_BASE = 0x40200000   # where QEMU puts a bootable Image
IMAGE_BASE = 0x50000000  # where the stub expects the packed image
TREE_BASE = 0x5F000000   # and the device tree, unless a case says otherwise
RAM_END = 0x80000000     # 1 GiB
PAYLOAD_OFFSET = 0x200000
DESCRIPTOR = 64          # boot/image_format.hpp
MEMORY = "/memory@40000000"


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# --- the stub: an arm64 Image of a dozen instructions ---

def load_constant(register, value):
    """MOVZ and MOVK of a 32-bit value."""
    return [0xD2800000 | (value & 0xFFFF) << 5 | register, 0xF2A00000 | (value >> 16 & 0xFFFF) << 5 | register]


def write_stub(path, tree, image=IMAGE_BASE):
    """Jumps to `image` with `tree` in x0 and x1..x3 zero, as the Linux boot protocol has it."""
    code = load_constant(0, tree)
    for register in (1, 2, 3):
        code += load_constant(register, 0)
    code += load_constant(9, image) + [0xD61F0120]  # BR x9
    header = struct.pack("<IIQQQQQQII", 0x14000010, 0, 0, 0x1000, 0xA, 0, 0, 0, 0x644D5241, 0)
    path.write_bytes(header + struct.pack(f"<{len(code)}I", *code))


def dump_tree(path, stub, initrd):
    """QEMU's own tree for a board of two CPUs and 1 GiB, packed tightly."""
    loose = path.with_suffix(".loose")
    arguments = [f"--image={stub}", f"--initrd={initrd}", "--cpus=2", "--memory=1G", "--timeout=20",
                 "--append=console=ttyAMA0 loglevel=7 panic=-1 nokaslr redoubt.mode=boot"]
    run(*qemu(arguments, ["-machine", f"dumpdtb={loose}"]))
    run("dtc", "-q", "-I", "dtb", "-O", "dtb", "-o", str(path), str(loose))


# --- edits of a device tree in place ---

def put_cells(tree, node, name, *cells):
    run("fdtput", "-t", "x", str(tree), node, name, *[f"{cell:x}" for cell in cells])


def put_text(tree, node, name, text):
    run("fdtput", "-t", "s", str(tree), node, name, text)


def remove(tree, *nodes):
    for node in nodes:
        run("fdtput", "-r", str(tree), node)


def memory(*cells):
    return lambda tree: put_cells(tree, MEMORY, "reg", *cells)


def many_regions(tree):
    cells = [cell for i in range(33) for cell in (0, 0x40000000 + i * 0x200000, 0, 0x100000)]
    put_cells(tree, MEMORY, "reg", *cells)


def nine_cpus(tree):
    for number in range(2, 9):
        node = f"/cpus/cpu@{number}"
        run("fdtput", "-c", str(tree), node)
        put_text(tree, node, "device_type", "cpu")
        put_text(tree, node, "compatible", "arm,armv8")
        put_text(tree, node, "enable-method", "psci")
        put_cells(tree, node, "reg", number)


def spin_table(tree):
    for number in (0, 1):
        put_text(tree, f"/cpus/cpu@{number}", "enable-method", "spin-table")


def initrd(start, end):
    def edit(tree):
        put_cells(tree, "/chosen", "linux,initrd-start", start >> 32, start & 0xFFFFFFFF)
        put_cells(tree, "/chosen", "linux,initrd-end", end >> 32, end & 0xFFFFFFFF)
    return edit


def reserve(*ranges):
    """Adds (address, bytes) to the memory that the boot loader reserved."""
    def edit(tree):
        source = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", str(tree)], check=True, capture_output=True, text=True).stdout
        lines = "\n".join(f"/memreserve/ {address:#x} {size:#x};" for address, size in ranges)
        source = source.replace("/dts-v1/;", f"/dts-v1/;\n{lines}", 1)
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(tree)], check=True, input=source, text=True)
    return edit


def reserved_memory(address_cells, *cells):
    """A node of reserved memory with one child."""
    def edit(tree):
        run("fdtput", "-c", str(tree), "/reserved-memory")
        put_cells(tree, "/reserved-memory", "#address-cells", address_cells)
        put_cells(tree, "/reserved-memory", "#size-cells", 2)
        run("fdtput", str(tree), "/reserved-memory", "ranges")
        run("fdtput", "-c", str(tree), "/reserved-memory/kept")
        put_cells(tree, "/reserved-memory/kept", "reg", *cells)
    return edit


def other_words_for_the_same(tree):
    """A tree that says what the usual one says, in other words, and more that is of no account."""
    put_text(tree, "/cpus/cpu@0", "status", "okay")
    put_text(tree, MEMORY, "status", "ok")
    put_cells(tree, MEMORY, "reg", 0, 0x60000000, 0, 0x20000000, 0, 0x40000000, 0, 0x20000000, 0, 0x7F000000, 0, 0)
    for node, kind, cells in (("/memory@90000000", "memory", (0, 0x90000000, 0, 0x1000000)), ("/cpus/cpu@7", "cpu", (7,))):
        run("fdtput", "-c", str(tree), node)
        put_text(tree, node, "device_type", kind)
        put_cells(tree, node, "reg", *cells)
        put_text(tree, node, "status", "disabled")
    reserve((0x7FF00000, 0x100000), (0x7E000000, 0))(tree)
    reserved_memory(2, 0, 0x7F800000, 0, 0x100000)(tree)


def cut_in_half(tree):
    data = tree.read_bytes()
    tree.write_bytes(data[:len(data) // 2])


def first_kilobyte(tree):
    """The header still states the whole size."""
    tree.write_bytes(tree.read_bytes()[:1024])


def no_tree_at_all(tree):
    tree.write_bytes(b"not a device tree" * 64)


def huge_total(tree):
    data = bytearray(tree.read_bytes())
    struct.pack_into(">I", data, 4, 3 << 20)
    tree.write_bytes(data)


# --- edits of a packed image ---

def patched(offset, form, *values):
    def edit(data):
        struct.pack_into(form, data, offset, *values)
        return data
    return edit


def undefined_at(elf, function):
    """The core is linked at 0, so that a symbol's value is its place in the image."""
    rows = subprocess.run(["aarch64-linux-gnu-nm", "-C", str(elf)], check=True, capture_output=True, text=True).stdout.splitlines()
    found = {int(row.split()[0], 16) for row in rows if row[19:] == function or row[19:].startswith(function + "(")}
    if len(found) != 1:
        raise SystemExit(f"error: {len(found)} functions {function} in {elf}")
    return patched(found.pop(), "<I", 0)


def core_alone(data):
    """What the build makes, before it is joined with a kernel."""
    core = data[:PAYLOAD_OFFSET]
    struct.pack_into("<QQQ", core, DESCRIPTOR + 24, 0, 0, 0)
    return core


def write_image(edit, source, target):
    target.write_bytes(edit(bytearray(Path(source).read_bytes())))
