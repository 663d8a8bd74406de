// SPDX-License-Identifier: BSD-3-Clause
// The machine is reset, or another kernel is started in the host's place, while a VM runs.
#pragma once

#include "tests/attack/program/lab.hpp"

namespace redoubt::attack {

// Two boots of one command line. The first plants a control pattern, starts a VM with a secret and ends in
// the restart; the second, which knows itself by the pattern, looks at what is left. Returns the exit code of
// the second; the first returns only if something is wrong.
int restart_by_reset(const Host& host, const Bundle& bundle);
int restart_by_kexec(const Host& host, const Bundle& bundle);

// Starts the kernel of /vm/debian.bundle in place of the running one, with the same device tree and initial
// file system (retain_initrd); returns only if that fails, with the step that did.
std::string start_other_kernel(const Host& host);

}  // namespace redoubt::attack
