// SPDX-License-Identifier: BSD-3-Clause
// The interrupt distributor of a VM: GICv3, one security state, affinity routing, shared interrupts only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace redoubt::cli {

// The console has the one interrupt that there is. A guest programs each that the distributor shows it, an
// exit a register: so it shows one block of shared interrupts, of the seven that the core could deliver.
inline constexpr unsigned kFirstSpi = 32, kInterrupts = 64;

// An interrupt that a vCPU may take, as the core wants it.
struct Offer {
  std::uint16_t intid;
  std::uint8_t priority;
};

class Gicd {
 public:
  explicit Gicd(unsigned vcpus) : vcpus_(vcpus) {}
  [[nodiscard]] unsigned vcpus() const { return vcpus_; }

  // Registers by offset; `size` is 1, 2, 4 or 8 bytes. Unknown registers read as zero and ignore writes.
  [[nodiscard]] std::uint64_t read(std::uint64_t offset, unsigned size) const;
  void write(std::uint64_t offset, unsigned size, std::uint64_t value);

  // The level of an interrupt's line.
  void set_line(unsigned intid, bool level);

  // The at most `most` pending interrupts of the highest priorities that a vCPU may take now.
  [[nodiscard]] std::vector<Offer> offers(unsigned vcpu, std::size_t most) const;
  // A vCPU has taken an interrupt; an edge is no longer pending.
  void taken(unsigned intid);
  // What a vCPU has taken and not yet ended: bit n of word w is interrupt 64 w + n.
  void set_active(unsigned vcpu, std::array<std::uint64_t, 4> const& words);

 private:
  struct Interrupt {
    bool group1 = false, enabled = false, latched = false, line = false, edge = false;
    std::uint8_t priority = 0;
    std::uint64_t route = 0;
  };
  static constexpr std::size_t kVcpus = 8;

  [[nodiscard]] static bool pending(Interrupt const& interrupt) {
    return interrupt.latched || (interrupt.line && !interrupt.edge);
  }
  // To be called where a line or a latch has changed.
  void note(unsigned intid);
  [[nodiscard]] bool active(unsigned intid) const;
  [[nodiscard]] static unsigned target(Interrupt const& interrupt);
  [[nodiscard]] bool deliverable(unsigned intid, unsigned vcpu) const;
  [[nodiscard]] std::uint64_t read_byte(std::uint64_t offset) const;
  void write_byte(std::uint64_t offset, std::uint8_t value);
  [[nodiscard]] bool bit(std::uint64_t array, unsigned intid) const;
  void set_bit(std::uint64_t array, unsigned intid);
  void write_configuration(unsigned first, std::uint8_t value);

  unsigned vcpus_;
  std::uint8_t control_ = 0;
  std::array<Interrupt, kInterrupts> interrupts_{};
  // Those whose line or latch is up, the only ones that can be pending: every exit for a device asks for
  // them.
  std::array<std::uint64_t, kInterrupts / 64> raised_{};
  std::array<std::array<std::uint64_t, 4>, kVcpus> active_{};
};

}  // namespace redoubt::cli
