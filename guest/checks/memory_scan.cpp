// SPDX-License-Identifier: BSD-3-Clause
// A search of all RAM: the test module maps any physical page into this process, a refused one gives SIGBUS.
#include "guest/checks/memory_scan.hpp"

#include <endian.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace redoubt::checks {
namespace {

constexpr std::uint64_t kPage = 4096, kWindow = std::uint64_t{64} << 20;
constexpr std::size_t kWords = kPage / sizeof(std::uint64_t);

sigjmp_buf refused_here;

void on_bus_error(int /*signal*/) { siglongjmp(refused_here, 1); }

// SIGBUS returns to the page being read while this lives.
class BusErrors {
 public:
  BusErrors() {
    struct sigaction action{};
    action.sa_handler = on_bus_error;
    action.sa_flags = SA_NODEFER;
    ::sigaction(SIGBUS, &action, &before_);
  }
  ~BusErrors() { ::sigaction(SIGBUS, &before_, nullptr); }
  BusErrors(const BusErrors&) = delete;
  BusErrors& operator=(const BusErrors&) = delete;

 private:
  struct sigaction before_{};
};

class Window {
 public:
  Window(const Host& host, std::uint64_t physical, std::uint64_t size) : size_(size) {
    void* const at =
        ::mmap(nullptr, size, PROT_READ, MAP_SHARED, host.device(), static_cast<off_t>(physical));
    if (at != MAP_FAILED) base_ = static_cast<const volatile std::uint64_t*>(at);
  }
  ~Window() {
    if (base_ != nullptr) ::munmap(const_cast<std::uint64_t*>(base_), size_);
  }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  [[nodiscard]] const volatile std::uint64_t* page(std::uint64_t offset) const {
    return base_ == nullptr ? nullptr : base_ + offset / sizeof(std::uint64_t);
  }

 private:
  std::uint64_t size_;
  const volatile std::uint64_t* base_ = nullptr;
};

struct Found {
  bool secret = false, control = false, nonzero = false;
};

// The patterns' first words decide: they are random and 64 bits wide. Both are compared in masked form only.
bool look_at(const volatile std::uint64_t* page, std::uint64_t secret, std::uint64_t control, Found& found) {
  if (sigsetjmp(refused_here, 0) != 0) return false;
  std::uint64_t any = 0;
  for (std::size_t i = 0; i < kWords; ++i) {
    const std::uint64_t word = page[i], masked = word ^ kScanMask;
    any |= word;
    found.secret |= masked == secret;
    found.control |= masked == control;
  }
  found.nonzero = any != 0;
  return true;
}

}  // namespace

Span machine_ram() {
  std::array<std::uint64_t, 2> cells{};
  for (const char* const name : {"/proc/device-tree/memory@40000000/reg", "/proc/device-tree/memory/reg"}) {
    const int file = ::open(name, O_RDONLY | O_CLOEXEC);
    const bool whole = file >= 0 && ::read(file, cells.data(), sizeof(cells)) == sizeof(cells);
    if (file >= 0) ::close(file);
    if (whole) return {be64toh(cells[0]), be64toh(cells[1])};
  }
  return {};
}

std::array<Span, 2> core_ranges(const Host& host) {
  return {Span{host.counter_or_zero(REDOUBT_COUNTER_CORE_IMAGE_BASE),
               host.counter_or_zero(REDOUBT_COUNTER_CORE_IMAGE_SIZE)},
          Span{host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_BASE),
               host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_SIZE)}};
}

Scan scan_memory(const Host& host, const MaskedPattern& secret, const MaskedPattern& control) {
  const BusErrors guard;
  const Span ram = machine_ram();
  const auto core = core_ranges(host);
  Scan scan;
  for (std::uint64_t start = ram.base; start < ram.base + ram.size; start += kWindow) {
    const std::uint64_t size = std::min(kWindow, ram.base + ram.size - start);
    const Window window(host, start, size);
    if (window.page(0) == nullptr) return scan;
    for (std::uint64_t offset = 0; offset < size; offset += kPage) {
      const std::uint64_t address = start + offset;
      Found found;
      if (look_at(window.page(offset), secret[0], control[0], found)) {
        ++scan.pages;
        if (found.secret) scan.secret.push_back(address);
        if (found.control) scan.control.push_back(address);
      } else if (core[0].holds(address) || core[1].holds(address)) {
        ++scan.core_refused;
      } else {
        scan.refused.push_back(address);
      }
    }
  }
  scan.complete = ram.size != 0;
  return scan;
}

std::uint64_t count_zero_pages(const Host& host, const std::vector<std::uint64_t>& pages) {
  const BusErrors guard;
  std::uint64_t zero = 0;
  for (const std::uint64_t address : pages) {
    const Window window(host, address, kPage);
    Found found;
    if (window.page(0) != nullptr && look_at(window.page(0), 0, 0, found) && !found.nonzero) ++zero;
  }
  return zero;
}

}  // namespace redoubt::checks
