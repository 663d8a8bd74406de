// SPDX-License-Identifier: BSD-3-Clause
// The calls of the attacks by arguments, with arguments just inside each boundary: all must be answered by
// SUCCESS.
#pragma once

#include "tests/attack/program/lab.hpp"

namespace redoubt::attack {

Verdict vmid_of_a_vm(const Lab& lab);           // every call, with the number of a VM
Verdict vmid_of_a_new_vm(const Lab& lab);       // a number of no VM, once CREATE has given it out
Verdict vcpus_of_the_manifest(const Lab& lab);  // first and last vCPU
Verdict images_of_the_manifest(const Lab& lab);
Verdict aligned_addresses(const Lab& lab);
Verdict largest_page_counts(const Lab& lab);
Verdict last_page_of_memory(const Lab& lab);
Verdict manifest_of_right_size(const Lab& lab);
Verdict manifest_in_own_page(const Lab& lab);
Verdict calls_that_exist(const Lab& lab);
Verdict stop_by_hvc_0(const Lab& lab);

}  // namespace redoubt::attack
