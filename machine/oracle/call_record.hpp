// SPDX-License-Identifier: BSD-3-Clause
// What the core did to its state during one call: old values, what untrusted memory supplied, what it showed.
#pragma once
#include <array>

#include "core/machine/constants.hpp"
#include "core/machine/context.hpp"
#include "machine/oracle/cell_log.hpp"

namespace redoubt::oracle {

// Words of the core's memory by kind; (k0, k1) behind it. Of the last three the newest value is kept, of all
// others the one before the call.
enum class Raw : std::uint32_t {
  table,      // principal, slot address
  next,       // principal, zone
  page,       // index: ownership entry
  core_word,  // CoreField
  vm_word,    // principal, word of its record
  shadow,     // context, word
  loaded,     // 0: VM, 1: vCPU on this CPU
  last_vcpu,  // principal: on this CPU
  reset,      // principal: its pool was emptied
  hashed,     // principal
  contents,   // frame: fingerprint
  shown,      // context, word of spec::CpuState::shown
};

// One step of table maintenance.
struct Maintenance {
  u64 kind = 0, vmid = 0, address = 0;
  friend bool operator==(const Maintenance&, const Maintenance&) = default;
};

// Filled by WatchedMachine on the CPU whose call is being checked; one call at a time.
class CallRecord {
 public:
  static constexpr std::size_t kCells = 4096, kTape = 512, kEvents = 64, kSteps = 512;
  using Words = CellLog<kCells>;
  struct Supplied {
    u64 vmid = 0, value = 0;
  };
  using Event = std::array<u64, 5>;
  using Registers = std::array<u64, ctxt::WORDS>;

  void begin() {
    before_.clear();
    after_.clear();
    tape_size_ = events_size_ = steps_size_ = 0;
    overflow_ = unknown_ = table_section = false;
  }

  void old_value(Raw kind, u64 k0, u64 k1, u64 value) {
    before_.put_first(static_cast<std::uint32_t>(kind), k0, k1, value);
  }
  void new_value(Raw kind, u64 k0, u64 k1, u64 value) {
    after_.put(static_cast<std::uint32_t>(kind), k0, k1, value);
  }
  // The next value that memory of `vmid`, or the emulation on its behalf, supplied.
  void supplied(u64 vmid, u64 value) { add(tape_, tape_size_, Supplied{vmid, value}); }
  void guest_event(const Event& event) { add(events_, events_size_, event); }
  void maintenance(const Maintenance& step) { add(steps_, steps_size_, step); }
  void hash_compared(u64 hash, const std::array<u64, 8>& digest, bool equal) {
    compared_hash_ = hash;
    for (std::size_t i = 0; i < digest.size(); ++i) {
      compared_[i] = equal ? digest[i] : ~digest[i];
    }
  }
  // Something happened that the oracle has no word for.
  void unknown() { unknown_ = true; }

  [[nodiscard]] const Words& before() const { return before_; }
  [[nodiscard]] Cell const* find_old(Raw kind, u64 k0, u64 k1) const {
    return before_.find(static_cast<std::uint32_t>(kind), k0, k1);
  }
  [[nodiscard]] Cell const* find_new(Raw kind, u64 k0, u64 k1) const {
    return after_.find(static_cast<std::uint32_t>(kind), k0, k1);
  }
  [[nodiscard]] const Words& after() const { return after_; }
  // The n-th value that `vmid` supplied; zero behind the end, where the comparison of counts speaks.
  [[nodiscard]] u64 tape(u64 vmid, u64 n) const {
    for (std::size_t i = 0; i < tape_size_; ++i) {
      if (tape_[i].vmid == vmid && n-- == 0) {
        return tape_[i].value;
      }
    }
    return 0;
  }
  [[nodiscard]] u64 tape_length(u64 vmid) const {
    u64 n = 0;
    for (std::size_t i = 0; i < tape_size_; ++i) {
      n += tape_[i].vmid == vmid ? 1 : 0;
    }
    return n;
  }
  [[nodiscard]] std::size_t events() const { return events_size_; }
  [[nodiscard]] const Event& event(std::size_t n) const { return events_[n]; }
  [[nodiscard]] std::size_t steps() const { return steps_size_; }
  [[nodiscard]] const Maintenance& step(std::size_t n) const { return steps_[n]; }
  // A digest's words where the comparison of that hash came out equal, else other words.
  [[nodiscard]] u64 digest(u64 hash, u64 word) const {
    return hash == compared_hash_ && word < compared_.size() ? compared_[word] : 0;
  }
  [[nodiscard]] bool incomplete() const {
    return unknown_ || overflow_ || before_.overflow() || after_.overflow();
  }

  alignas(16) Registers registers_before{};  // x0 to x30 and all live ones, by number
  alignas(16) Registers registers_after{};
  bool table_section = false;            // the lock of a stage-2 table is held
  std::array<u64, PRINCIPALS> hashed{};  // ghost: stands for what has been hashed

 private:
  template <class Array, class Value>
  void add(Array& array, std::size_t& size, const Value& value) {
    if (size == array.size()) {
      overflow_ = true;
    } else {
      array[size++] = value;
    }
  }

  Words before_{}, after_{};
  std::array<Supplied, kTape> tape_{};
  std::array<Event, kEvents> events_{};
  std::array<Maintenance, kSteps> steps_{};
  std::size_t tape_size_ = 0, events_size_ = 0, steps_size_ = 0;
  u64 compared_hash_ = 0;
  std::array<u64, 8> compared_{};
  bool overflow_ = false, unknown_ = false;
};

// What a hash becomes when a piece follows: any function will do that tells pieces and their order apart.
constexpr u64 hash_step(u64 before, u64 piece) {
  u64 mixed = (before ^ piece) * 0x9e37'79b9'7f4a'7c15;
  mixed ^= mixed >> 32;
  return (mixed + before) * 0xbf58'476d'1ce4'e5b9 | 1;
}

}  // namespace redoubt::oracle
