// SPDX-License-Identifier: BSD-3-Clause
// The guest's device tree: the machine of abi/bundle.h and nothing else.
#pragma once
#include "tools/redoubt-sign/vm.hpp"

namespace redoubt::sign {

// Without an initrd in the options its properties are left out. Its size depends on the options alone.
[[nodiscard]] File make_guest_tree(VmOptions const& options, Placement const& at);

}  // namespace redoubt::sign
