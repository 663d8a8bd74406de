# SPDX-License-Identifier: BSD-3-Clause
# Stops the machine from inside one CPU's trap while the host runs on all, then shows what each CPU does. See halt_test.sh.
set pagination off
set confirm off
python gdb.execute("redoubt connect " + PORT)
hbreak handle_smc
ignore 1 12
continue
delete
redoubt cpus
redoubt counters
redoubt log
set $pc = &'redoubt::panic(redoubt::Invariant)'
set $x0 = 3
python
import threading, time, os, signal
threading.Timer(4, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
end
continue
redoubt crash
thread apply all info symbol $pc
kill
