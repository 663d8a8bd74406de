// SPDX-License-Identifier: BSD-3-Clause
// First process of the measured Debian guest: says what its virtual counter shows, and switches off.
#include <fcntl.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <ctime>

int main() {
  std::uint64_t ticks = 0;  // NOLINT(misc-const-correctness): the instruction writes it
  asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks));
  timespec clock{};  // what the kernel has counted since it read its counter first
  ::clock_gettime(CLOCK_MONOTONIC, &clock);
  auto const counted = static_cast<unsigned long long>(clock.tv_sec) * 1'000'000'000 +
                       static_cast<unsigned long long>(clock.tv_nsec);
  std::printf("bench: {\"name\": \"guest-at-init\", \"ticks\": %llu, \"clock\": %llu}\n",
              static_cast<unsigned long long>(ticks), counted);
  std::fflush(stdout);
  ::sync();
  return ::reboot(RB_POWER_OFF);
}
