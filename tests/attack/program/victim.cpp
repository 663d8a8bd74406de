// SPDX-License-Identifier: BSD-3-Clause
// A VM with a secret.
#include "tests/attack/program/lab.hpp"

namespace redoubt::attack {

Victim::Victim(const Lab& lab) : vm(lab.host, lab.main) {
  if (!vm.start() || !vm.answers()) return;
  const auto secret = vm.private_page(kSeed);
  if (!secret) return;
  page = *secret;
  note();
  ready_ = true;
}

bool Victim::sound() {
  const Result now = vm.info();
  return ready_ && now.status == before_.status && now.x1 == before_.x1 && now.x2 == before_.x2 &&
         now.x3 == before_.x3 && vm.has(page, kSeed) && vm.answers();
}

std::int64_t Victim::share(bool on) {
  const u64 function = on ? REDOUBT_GUEST_MEM_SHARE : REDOUBT_GUEST_MEM_UNSHARE;
  const Answer answer = vm.command(Command::kHvc, {function, page.address, 0, 0});
  return answer.done ? static_cast<std::int64_t>(answer.x[0]) : REDOUBT_NOT_SUPPORTED;
}

}  // namespace redoubt::attack
