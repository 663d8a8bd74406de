// SPDX-License-Identifier: BSD-3-Clause
// The dump for people and for scripts.
#pragma once
#include <string>

#include "tools/redoubt-ptdump/walker.hpp"

namespace redoubt::ptdump {

struct Title {
  std::string image;
  std::optional<unsigned> vmid;  // where a VTTBR was given
};

// A table of ranges, the table pages, the violations; ends with a newline.
std::string text_report(const Title& title, const Request& request, const Dump& dump);

// One object; addresses are strings ("0x..."), sizes and counts are numbers, list items carry a `name`.
std::string json_report(const Title& title, const Request& request, const Dump& dump);

}  // namespace redoubt::ptdump
