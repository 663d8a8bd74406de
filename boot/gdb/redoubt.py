# SPDX-License-Identifier: BSD-3-Clause
"""gdb commands for the core under QEMU's gdb stub; see docs/debugging.md.

  gdb-multiarch -x boot/gdb/redoubt.py build/el2/boot/redoubt-core.elf
  (gdb) redoubt connect 1234
"""

import gdb

LOAD_ADDRESS = 0x40200000  # where QEMU puts an Image on the virt machine
COUNTERS = ("el2 entries", "hvc", "smc", "stage-2 faults", "system registers", "emulated device accesses", "other",
            "aborts injected", "undefined injected", "4 KiB pages", "2 MiB blocks", "table pages", "core bytes",
            "image base", "image size", "data base", "data size", "el2 ticks", "boot ticks")
EVENTS = {1: "boot", 2: "cpu-on", 3: "cpu-up", 4: "cpu-off", 5: "host-abort", 6: "host-undef", 7: "smc-refused",
          8: "hvc-refused", 9: "system-off", 10: "mmio-refused"}
CRASH_MAGIC = 0x4853415243444552


def evaluate(expression):
    return gdb.parse_and_eval(expression)


def elements(array):
    """The values of a std::array."""
    storage = array["_M_elems"]
    low, high = storage.type.strip_typedefs().range()
    return [storage[i] for i in range(low, high + 1)]


def core_symbol(address):
    block = gdb.execute(f"info symbol {address:#x}", to_string=True).strip()
    return "" if block.startswith("No symbol") else block


class Redoubt(gdb.Command):
    """redoubt connect PORT | log | counters | crash | cpus: the state of the core at EL2."""

    def __init__(self):
        super().__init__("redoubt", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


class Connect(gdb.Command):
    """redoubt connect PORT [LOAD_ADDRESS]: attaches to QEMU's stub and moves the symbols to where the core runs."""

    def __init__(self):
        super().__init__("redoubt connect", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        fields = argument.split()
        if not fields or not fields[0].isdigit():
            raise gdb.GdbError("usage: redoubt connect PORT [LOAD_ADDRESS]")
        address = int(fields[1], 0) if len(fields) > 1 else LOAD_ADDRESS
        file = gdb.current_progspace().filename
        if not file:
            raise gdb.GdbError("start gdb with redoubt-core.elf")
        gdb.execute("set architecture aarch64", to_string=True)
        gdb.execute("symbol-file", to_string=True)
        gdb.execute(f"add-symbol-file {file} -o {address:#x}", to_string=True)
        gdb.execute(f"target remote 127.0.0.1:{fields[0]}")


class Log(gdb.Command):
    """redoubt log: the in-memory log, oldest record first."""

    def __init__(self):
        super().__init__("redoubt log", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        log = evaluate("redoubt::event_log")
        records = [r for r in elements(log["records_"]) if int(r["word"]) != 0]
        for record in sorted(records, key=lambda r: int(r["sequence"])):
            word = int(record["word"])
            event = EVENTS.get(word >> 56, f"event {word >> 56}")
            micros = word & ((1 << 48) - 1)
            print(f"{int(record['sequence']):6} {micros / 1e6:12.6f} s  cpu {word >> 48 & 0xff}  {event:13}"
                  f" {int(record['value']):#x}")


class Counters(gdb.Command):
    """redoubt counters: the counters of each CPU that has run."""

    def __init__(self):
        super().__init__("redoubt counters", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        cpus = elements(evaluate("redoubt::per_cpu"))
        values = [[int(c["value_"]["_M_i"]) for c in elements(cpu["counters"])] for cpu in cpus]
        used = [i for i, row in enumerate(values) if any(row)]
        print(f"{'':26}" + "".join(f"{f'cpu {i}':>14}" for i in used))
        for number, name in enumerate(COUNTERS):
            print(f"{name:26}" + "".join(f"{values[i][number]:14}" for i in used))


class Crash(gdb.Command):
    """redoubt crash: the crash record, if the machine has stopped."""

    def __init__(self):
        super().__init__("redoubt crash", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        record = evaluate("crash_record")
        if int(record["magic"]) != CRASH_MAGIC:
            print("the machine has not stopped")
            return
        pc = int(record["pc"])
        print(f"INV-EL2-{int(record['invariant'])} on CPU {int(record['cpu'])}, vector {int(record['vector'])}")
        print(f"PC {pc:#x} {core_symbol(pc)}  ESR_EL2 {int(record['esr']):#x}  FAR_EL2 {int(record['far']):#x}")
        for value in elements(record["return_addresses"]):
            if int(value) != 0:
                print(f"  {int(value):#x} {core_symbol(int(value))}")


class Cpus(gdb.Command):
    """redoubt cpus: what PSCI knows about each CPU."""

    def __init__(self):
        super().__init__("redoubt cpus", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        psci = evaluate("redoubt::host_psci")
        for number, cpu in enumerate(elements(psci["cpus_"])[:int(psci["count_"])]):
            state = str(cpu["state"]).rsplit("::", 1)[-1]
            print(f"cpu {number}: affinity {int(cpu['affinity']):#x}, {state}, last entry {int(cpu['start']['entry']):#x}")


for command in (Redoubt, Connect, Log, Counters, Crash, Cpus):
    command()
