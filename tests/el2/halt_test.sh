#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# R14 on the running machine: a debugger makes one CPU of four stop the machine; all must stop, and the record must say so.
set -euo pipefail
usage() { echo "Usage: tests/el2/halt_test.sh CORE_ELF PACKED_IMAGE INITRD [PORT]"; }
case ${1:-} in --help | -h) usage; exit 0 ;; esac
[ $# -ge 3 ] || { echo "error: three files are needed (see --help)" >&2; exit 2; }
for file in "$1" "$2" "$3"; do [ -f "$file" ] || { echo "error: no such file: $file" >&2; exit 2; }; done
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
elf=$1 port=${4:-3457} work=$(mktemp -d)
"$root/scripts/qemu" --image="$2" --initrd="$3" --cpus=4 --memory=1G --timeout=60 --no-icount --gdb="$port" >"$work/console" 2>&1 &
qemu=$!
trap 'kill "$qemu" 2>/dev/null || true; wait "$qemu" 2>/dev/null || true; rm -rf "$work"' EXIT
sleep 2
timeout 50 gdb-multiarch -batch -x "$root/boot/gdb/redoubt.py" -ex "python PORT = '$port'" -x "$here/halt.gdb" "$elf" >"$work/gdb" 2>&1 || true
stopped=$(grep -c "stop_this_cpu" "$work/gdb" || true)
if [ "$stopped" -ge 4 ] && grep -q "INV-EL2-3 on CPU" "$work/gdb" && grep -q "machine stopped, INV-EL2-3" "$work/console"; then
  echo "OK: $stopped CPUs stopped, crash record and console agree"
  exit 0
fi
echo "error: the machine did not stop as it should" >&2
tail -n 60 "$work/gdb" "$work/console" >&2
exit 1
