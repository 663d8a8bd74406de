// SPDX-License-Identifier: BSD-3-Clause
// PSCI for the host (Arm DEN0022): CPUs start through the core's own entry; what the core does not offer is
// refused.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace redoubt {

namespace psci {

inline constexpr std::uint32_t kVersion = 0x8400'0000;
inline constexpr std::uint32_t kCpuOff = 0x8400'0002;
inline constexpr std::uint32_t kCpuOn32 = 0x8400'0003;
inline constexpr std::uint32_t kCpuOn64 = 0xc400'0003;
inline constexpr std::uint32_t kAffinityInfo32 = 0x8400'0004;
inline constexpr std::uint32_t kAffinityInfo64 = 0xc400'0004;
inline constexpr std::uint32_t kMigrateInfoType = 0x8400'0006;
inline constexpr std::uint32_t kSystemOff = 0x8400'0008;
inline constexpr std::uint32_t kSystemReset = 0x8400'0009;
inline constexpr std::uint32_t kFeatures = 0x8400'000a;
inline constexpr std::uint32_t kSmccVersion = 0x8000'0000;

enum Code : std::int64_t {
  success = 0,
  not_supported = -1,
  invalid_parameters = -2,
  denied = -3,
  already_on = -4,
  on_pending = -5,
  internal_failure = -6,
  invalid_address = -9,
};

inline constexpr std::int64_t kAffinityOn = 0, kAffinityOff = 1, kAffinityOnPending = 2;
inline constexpr std::int64_t kNoTrustedOsMigration = 2;

// True for the functions that this core offers.
[[nodiscard]] constexpr bool offered(std::uint32_t function) {
  switch (function) {
    case kVersion:
    case kCpuOff:
    case kCpuOn32:
    case kCpuOn64:
    case kAffinityInfo32:
    case kAffinityInfo64:
    case kMigrateInfoType:
    case kSystemOff:
    case kSystemReset:
    case kFeatures:
      return true;
    default:
      return false;
  }
}

}  // namespace psci

// What Psci needs around it.
template <class E>
concept PsciEnvironment = requires(E& e, std::uint32_t function, std::uint64_t argument, std::size_t cpu) {
  { e.firmware(function, argument, argument, argument) } -> std::same_as<std::int64_t>;
  { e.host_may_run_at(argument) } -> std::same_as<bool>;  // host-owned RAM
  { e.core_entry() } -> std::same_as<std::uint64_t>;
  e.lock();
  e.unlock();
  e.log_cpu_on(argument);
  e.log_cpu_off(cpu);
  e.log_system_off(argument);
};

// Invariants, protected by the environment's lock:
//   INV-PSCI-1  a CPU in state on_pending has an entry that passed host_may_run_at
//   INV-PSCI-2  the firmware is asked to start a CPU only from state off, and only at core_entry()
template <std::size_t MaximumCpus>
class Psci {
 public:
  enum class State : std::uint8_t { off, on_pending, on };
  struct Start {
    std::uint64_t entry, context;
  };

  // Before the host runs. `boot_cpu` is the index of the CPU that is on.
  template <class List>
  constexpr void init(List const& affinities, std::size_t boot_cpu) {
    count_ = affinities.size();
    for (std::size_t i = 0; i < count_; ++i) cpus_[i].affinity = affinities[i];
    cpus_[boot_cpu].state = State::on;
  }

  // Answers one call of the host on CPU `self`; arguments are the raw registers. Unknown functions:
  // not_supported.
  template <PsciEnvironment E>
  std::int64_t call(E& environment, std::size_t self, std::uint32_t function,
                    std::array<std::uint64_t, 3> arguments) {
    bool const is_64 = (function & 0x4000'0000) != 0;
    if (!is_64)
      for (auto& argument : arguments) argument &= 0xffff'ffff;
    switch (function) {
      case psci::kVersion:
        return 1 << 16 | 1;
      case psci::kFeatures:
        return features(static_cast<std::uint32_t>(arguments[0]));
      case psci::kMigrateInfoType:
        return psci::kNoTrustedOsMigration;
      case psci::kCpuOn32:
      case psci::kCpuOn64:
        return cpu_on(environment, arguments[0], {arguments[1], arguments[2]});
      case psci::kCpuOff:
        return cpu_off(environment, self);
      case psci::kAffinityInfo32:
      case psci::kAffinityInfo64:
        return affinity_info(environment, arguments[0], arguments[1]);
      case psci::kSystemOff:
      case psci::kSystemReset:
        return system_off(environment, function);
      default:
        return psci::not_supported;
    }
  }

  // CPU `self` has come up at core_entry(): where the host wants it.
  template <PsciEnvironment E>
  Start arrived(E& environment, std::size_t self) {
    environment.lock();
    cpus_[self].state = State::on;
    Start const start = cpus_[self].start;
    environment.unlock();
    return start;
  }

  [[nodiscard]] State state(std::size_t cpu) const { return cpus_[cpu].state; }

 private:
  struct Cpu {
    std::uint64_t affinity = 0;
    Start start{};
    State state = State::off;
  };

  [[nodiscard]] std::size_t find(std::uint64_t affinity) const {
    std::size_t cpu = 0;
    while (cpu < count_ && cpus_[cpu].affinity != affinity) ++cpu;
    return cpu;
  }

  static std::int64_t features(std::uint32_t function) {
    return psci::offered(function) || function == psci::kSmccVersion ? psci::success : psci::not_supported;
  }

  template <PsciEnvironment E>
  std::int64_t cpu_on(E& environment, std::uint64_t affinity, Start start) {
    std::size_t const target = find(affinity);
    if (target == count_) return psci::invalid_parameters;
    if (start.entry % 4 != 0 || !environment.host_may_run_at(start.entry)) return psci::invalid_address;
    environment.lock();
    State const before = cpus_[target].state;
    if (before == State::off) {
      cpus_[target].state = State::on_pending;
      cpus_[target].start = start;
    }
    environment.unlock();
    if (before != State::off) return before == State::on ? psci::already_on : psci::on_pending;
    environment.log_cpu_on(affinity);
    std::int64_t const result =
        environment.firmware(psci::kCpuOn64, affinity, environment.core_entry(), target);
    if (result != psci::success) set_state(environment, target, State::off);
    return result;
  }

  // Returns only if the firmware refuses. The CPU counts as off from here on, but affinity_info asks the
  // firmware, and the firmware itself refuses to start a CPU that has not stopped yet.
  template <PsciEnvironment E>
  std::int64_t cpu_off(E& environment, std::size_t self) {
    environment.log_cpu_off(self);
    set_state(environment, self, State::off);
    std::int64_t const result = environment.firmware(psci::kCpuOff, 0, 0, 0);
    set_state(environment, self, State::on);
    return result;
  }

  template <PsciEnvironment E>
  std::int64_t affinity_info(E& environment, std::uint64_t affinity, std::uint64_t level) {
    std::size_t const target = find(affinity);
    if (target == count_ || level != 0) return psci::invalid_parameters;
    environment.lock();
    State const state = cpus_[target].state;
    environment.unlock();
    if (state == State::on) return psci::kAffinityOn;
    if (state == State::on_pending) return psci::kAffinityOnPending;
    return environment.firmware(psci::kAffinityInfo64, affinity, 0, 0) == psci::kAffinityOn
               ? psci::kAffinityOn
               : psci::kAffinityOff;
  }

  template <PsciEnvironment E>
  std::int64_t system_off(E& environment, std::uint32_t function) {
    environment.log_system_off(function == psci::kSystemReset);
    environment.firmware(function, 0, 0, 0);
    return psci::internal_failure;  // the firmware does not return
  }

  template <PsciEnvironment E>
  void set_state(E& environment, std::size_t cpu, State state) {
    environment.lock();
    cpus_[cpu].state = state;
    environment.unlock();
  }

  std::array<Cpu, MaximumCpus> cpus_{};
  std::size_t count_ = 0;
};

}  // namespace redoubt
