// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 34, TrapHandler: the steps of the machine (upper digest 1.13).
#pragma once
#include "spec/trap/memory_access.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = TrapHandlerRaw<D, P>>
class TrapHandler : public MemoryAccess<D, P, Below> {
 public:
  using Base = MemoryAccess<D, P, Below>;
  using Base::Base;

  void host_hvc_handler() { this->host_hvc_handler_raw(); }
  Status host_npt_handler() { return this->host_npt_handler_raw(); }
  Next host_vcpu_run_handler() { return this->host_vcpu_run_handler_raw(); }
  Next vm_exit_handler() { return this->vm_exit_handler_raw(); }
};

}  // namespace redoubt::spec
