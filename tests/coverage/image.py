# SPDX-License-Identifier: BSD-3-Clause
"""The functions of redoubt-core.elf with their instructions, from its disassembly."""

import re
import subprocess
from dataclasses import dataclass, field

OBJDUMP = "aarch64-linux-gnu-objdump"
SECTION = re.compile(r"^Disassembly of section (\S+):$")
LABEL = re.compile(r"^([0-9a-f]+) <(.+)>:$")
PLACE = re.compile(r"^(/\S+):(\d+)(?: \(discriminator \d+\))?$")
INSTRUCTION = re.compile(r"^\s+([0-9a-f]+):\s+([0-9a-f]{8})\s+(\S+)")
FOLDERS = re.compile(r"^.*/((?:abi|boot|core|machine|spec)/)")
# What fills the gaps before aligned code and in the vector table.
PADDING = ("nop", "udf")
CRYPTO_SECTION = ".text.crypto"
LIBFDT = re.compile(r"^fdt(?:32|64)?_")
OURS = "own"


class Unreadable(Exception):
    """Not an image that can be measured; exit code 2."""


@dataclass
class Function:
    """One source function: all its instances and clones together."""
    name: str
    origin: str                                 # own, libsodium or libfdt
    code: dict = field(default_factory=dict)    # offset in the image -> (instruction word, "file:line")
    padding: dict = field(default_factory=dict)  # offset -> word; may be run through, does not count


def without_template_arguments(name):
    """The name without what stands in angle brackets; operators keep theirs."""
    kept, depth, i = [], 0, 0
    while i < len(name):
        operator = re.match(r"operator(?:<=>|<<=?|>>=?|<=|>=|->|<|>)(?= ?[(<])", name[i:])
        if operator and depth == 0:
            kept.append(operator[0])
            i += len(operator[0])
            continue
        depth += name[i] == "<"
        if depth == 0:
            kept.append(name[i])
        depth -= name[i] == ">"
        i += 1
    return "".join(kept)


def short_name(name):
    """Namespace, class and function; without result, parameters, template arguments and the compiler's suffixes."""
    name = re.sub(r"\{lambda\((?:[^()]|\([^()]*\))*\)#(\d+)\}", r"{lambda-\1}", name)
    name = without_template_arguments(name).replace("(anonymous namespace)::", "")
    name = re.sub(r"\[clone [^]]*\]", "", name)
    head = name.split("(", 1)[0].strip()
    head = head.split(" ")[-1] if "operator" not in head else head[head.rfind(" ", 0, head.find("operator")) + 1:]
    return re.sub(r"(?:\.(?:isra|part|constprop|cold)(?:\.\d+)?)+$", "", head).removeprefix("redoubt::")


def origin_of(section, name):
    if section == CRYPTO_SECTION:
        return "libsodium"
    return "libfdt" if LIBFDT.match(name) else OURS


def parse(disassembly):
    """Functions by (origin, name) from the output of objdump -d -l -C."""
    functions, section, function, place = {}, "", None, ""
    for line in disassembly.splitlines():
        if match := INSTRUCTION.match(line):
            if function is not None and match[3] in PADDING:
                function.padding[int(match[1], 16)] = int(match[2], 16)
            elif function is not None and match[3] != ".word":
                function.code[int(match[1], 16)] = (int(match[2], 16), place)
        elif match := PLACE.match(line):
            place = f"{FOLDERS.sub(lambda folder: folder[1], match[1])}:{match[2]}"
        elif match := LABEL.match(line):
            name = short_name(match[2])
            key = (origin_of(section, name), name)
            function, place = functions.setdefault(key, Function(name, key[0])), ""
        elif match := SECTION.match(line):
            section, function = match[1], None
    return {key: function for key, function in functions.items() if function.code}


def read(elf, objdump=OBJDUMP):
    """The functions of an ELF file."""
    command = [objdump, "-d", "-l", "-C", str(elf)]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        raise Unreadable(f"cannot disassemble {elf}: {getattr(problem, 'stderr', '') or problem}") from problem
    functions = parse(done.stdout)
    if sum(len(f.code) for f in functions.values()) < 1000:
        raise Unreadable(f"hardly any code in {elf}: is this redoubt-core.elf?")
    return functions


def words(functions):
    """Offset -> instruction word, of all functions, padding among them."""
    code = {offset: word for function in functions.values() for offset, (word, _) in function.code.items()}
    return code | {offset: word for function in functions.values() for offset, word in function.padding.items()}
