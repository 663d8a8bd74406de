// SPDX-License-Identifier: BSD-3-Clause
// First process of the measured Debian guest: says what its virtual counter shows, and switches off.
#include <fcntl.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

int main() {
  std::uint64_t ticks = 0;  // NOLINT(misc-const-correctness): the instruction writes it
  asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks));
  std::printf("bench: {\"name\": \"guest-at-init\", \"ticks\": %llu}\n",
              static_cast<unsigned long long>(ticks));
  std::fflush(stdout);
  ::sync();
  return ::reboot(RB_POWER_OFF);
}
