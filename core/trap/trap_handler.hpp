// SPDX-License-Identifier: BSD-3-Clause
// Layer 34, TrapHandler: the steps of the machine, and nothing else (upper digest 1.13).
#pragma once
#include "core/trap/next.hpp"

namespace redoubt {

// The four that the core executes, as layer 33 says; all below them ends here. Loads and stores of principals
// and devices, the other four of the digest, are hardware's: only the specification has them.
template <class Lower>
class TrapHandler : private Lower {
 public:
  template <class M>
  explicit TrapHandler(M& machine) : Lower(machine) {}

  void host_hvc_handler() { Lower::host_hvc_handler_raw(); }
  Status host_npt_handler() { return Lower::host_npt_handler_raw(); }
  Next host_vcpu_run_handler() { return Lower::host_vcpu_run_handler_raw(); }
  Next vm_exit_handler() { return Lower::vm_exit_handler_raw(); }
};

}  // namespace redoubt
