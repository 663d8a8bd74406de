// SPDX-License-Identifier: BSD-3-Clause
// What a bundle holds, for people and for programs.
#pragma once
#include "tools/redoubt-sign/bundle.hpp"

namespace redoubt::sign {

[[nodiscard]] std::string text_report(std::string const& file, Bundle const& bundle);
[[nodiscard]] std::string json_report(std::string const& file, Bundle const& bundle);

}  // namespace redoubt::sign
