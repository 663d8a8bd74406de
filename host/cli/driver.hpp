// SPDX-License-Identifier: BSD-3-Clause
// /dev/redoubt and the files it gives, with errors as messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi/bundle.h"
#include "abi/redoubt_ioctl.h"

namespace redoubt::cli {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int file) : file_(file) {}
  Descriptor(Descriptor&& other) noexcept : file_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  [[nodiscard]] int get() const { return file_; }
  void reset() { *this = Descriptor(); }

 private:
  int release() {
    int const file = file_;
    file_ = -1;
    return file;
  }
  int file_ = -1;
};

// How one stay in a guest ended.
enum class Stay { kExit, kInterrupted, kStopped };

class Vcpu {
 public:
  explicit Vcpu(Descriptor file) : file_(std::move(file)) {}
  // Throws Error if the vCPU cannot run on.
  Stay run(redoubt_ioc_run& run) const;

 private:
  Descriptor file_;
};

class Vm {
 public:
  Vm(Descriptor file, unsigned vmid) : file_(std::move(file)), vmid_(vmid) {}
  [[nodiscard]] unsigned vmid() const { return vmid_; }
  [[nodiscard]] Vcpu create_vcpu(unsigned index) const;
  void load_image(unsigned index, std::span<std::byte const> content) const;
  // False: a signal came; call again.
  [[nodiscard]] bool verify() const;
  void kick(unsigned vcpu) const;
  void stop() const;

 private:
  Descriptor file_;
  unsigned vmid_;
};

struct LogRecord {
  std::uint64_t sequence, microseconds, value;
  unsigned event, cpu;
};

class Driver {
 public:
  // Throws Error if there is no module, or no permission.
  Driver();
  [[nodiscard]] redoubt_ioc_info info() const;
  [[nodiscard]] Vm create_vm(redoubt_manifest const& manifest, std::string const& name) const;
  [[nodiscard]] std::vector<redoubt_ioc_vm> vms() const;
  void stop(unsigned vmid) const;
  // The next record that is at least that old; nullopt: there is none yet.
  [[nodiscard]] std::optional<LogRecord> log(std::uint64_t sequence) const;
  [[nodiscard]] std::optional<std::uint64_t> counter(unsigned which) const;
  // nullopt: all invariants hold.
  [[nodiscard]] std::optional<redoubt_ioc_audit> audit() const;

 private:
  Descriptor file_;
};

}  // namespace redoubt::cli
