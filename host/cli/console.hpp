// SPDX-License-Identifier: BSD-3-Clause
// A VM's console on the user's terminal, in a process of its own, so that the user can leave and the VM goes
// on.
#pragma once

#include <functional>
#include <string>

#include "host/cli/session.hpp"

namespace redoubt::cli {

// Runs `body` with the console's descriptors and returns its exit code: here, if the standard input is no
// terminal, else in a child; then this process passes characters on. 0 when the user left by Ctrl-].
int with_console(std::string const& name, std::function<int(ConsoleFiles)> const& body);

// The VM has ended: returns when the process on the terminal has passed on what the VM said last and left the
// terminal as it was, or after a second. What is told then comes behind it.
void end_console(ConsoleFiles files);

}  // namespace redoubt::cli
