// SPDX-License-Identifier: BSD-3-Clause
// What untrusted memory supplies, as the specification sees it: two tapes of values, a position in each
// (digest 1).
#pragma once
#include "machine/domain/domain.hpp"

namespace redoubt::spec {

template <ValueDomain D>
struct OracleState {
  using Map = typename D::Map;

  explicit OracleState(D& domain)
      : doracle(domain, "doracle"),
        core_doracle(domain, "core_doracle"),
        data_log(domain, "data_log"),
        core_data_log(domain, "core_data_log") {}

  // Values by (principal, position); never written. `doracle`: anything that host or VM can write;
  // `core_doracle`: inputs that the security argument treats as declassified.
  Map doracle, core_doracle;
  Map data_log, core_data_log;  // (principal, 0) -> position of the next value
};

}  // namespace redoubt::spec
