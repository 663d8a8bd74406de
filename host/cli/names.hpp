// SPDX-License-Identifier: BSD-3-Clause
// Names of the numbers of abi/redoubt.h, for people and JSON.
#pragma once

#include <string>

namespace redoubt::cli {

[[nodiscard]] std::string event_name(unsigned event);
[[nodiscard]] std::string counter_name(unsigned counter);
[[nodiscard]] std::string state_name(unsigned state);
[[nodiscard]] std::string exit_name(unsigned exit);

}  // namespace redoubt::cli
