// SPDX-License-Identifier: BSD-3-Clause
// Reads lines "op0 op1 CRn CRm op2 name" and names the registers that boot/guest_state.hpp has no row for.
#include <iostream>
#include <string>

#include "boot/guest_state.hpp"

int main() {
  redoubt::el2::SysReg which{};
  std::string name;
  unsigned known = 0, unknown = 0;
  while (std::cin >> which.op0 >> which.op1 >> which.crn >> which.crm >> which.op2 >> name) {
    bool const has_row = redoubt::guest_use(which) != nullptr;
    ++(has_row ? known : unknown);
    if (!has_row) {
      std::cout << "no row: " << which.op0 << ' ' << which.op1 << ' ' << which.crn << ' ' << which.crm << ' '
                << which.op2 << ' ' << name << '\n';
    }
  }
  std::cout << known << " registers have a row, " << unknown << " have none\n";
  return known != 0 && unknown == 0 ? 0 : 1;
}
