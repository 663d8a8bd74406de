// SPDX-License-Identifier: BSD-3-Clause
// The parts of the list of theorems; each is compiled on its own, since harness templates are costly to
// instantiate.
#pragma once
#include <vector>

#include "tools/redoubt-verify/theorem.hpp"

namespace redoubt::verify {

void add_base_theorems_model(std::vector<Theorem>& all);
void add_base_theorems_qemu_virt(std::vector<Theorem>& all);
void add_lock_theorems(std::vector<Theorem>& all);
void add_page_theorems(std::vector<Theorem>& all);
void add_vm_theorems(std::vector<Theorem>& all);
void add_boot_theorems(std::vector<Theorem>& all);
void add_vcpu_theorems_model(std::vector<Theorem>& all);
void add_vcpu_theorems_qemu_virt(std::vector<Theorem>& all);
void add_handler_theorems_model(std::vector<Theorem>& all);
void add_handler_theorems_qemu_virt(std::vector<Theorem>& all);
void add_host_call_theorems(std::vector<Theorem>& all);
void add_isolation_theorems(std::vector<Theorem>& all);
void add_word_theorems(std::vector<Theorem>& all);
void add_pt_walk_theorems(std::vector<Theorem>& all);
void add_npt_walk_theorems(std::vector<Theorem>& all);
void add_npt_ops_theorems(std::vector<Theorem>& all);
void add_spt_step_theorems(std::vector<Theorem>& all);
void add_spt_walk_theorems(std::vector<Theorem>& all);
void add_spt_ops_theorems(std::vector<Theorem>& all);

}  // namespace redoubt::verify
