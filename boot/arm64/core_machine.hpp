// SPDX-License-Identifier: BSD-3-Clause
// The hardware machine as the product uses it: its hooks, its state, the tower on it.
#pragma once
#include "abi/redoubt.h"
#include "boot/arm64/guest_emulation.hpp"
#include "boot/arm64/halt.hpp"
#include "boot/arm64/offered_manifest.hpp"
#include "boot/arm64/per_cpu.hpp"
#include "boot/arm64/traps.hpp"
#include "boot/host_registers.hpp"
#include "core/tower.hpp"
#include "machine/el2/el2_machine.hpp"

namespace redoubt {

struct CoreHooks {
  [[noreturn]] static void halt(Stop why) {
    panic(static_cast<Invariant>(static_cast<std::uint32_t>(Invariant::layers) +
                                 static_cast<std::uint32_t>(why)));
  }
  static bool halt_requested() { return halted(); }
  static std::uint32_t cpu() { return static_cast<std::uint32_t>(this_cpu().index); }
  // An exception from a lower level is always the first thing on the CPU's stack.
  static u64* general_registers() { return reinterpret_cast<u64*>(this_cpu().stack_top - sizeof(TrapFrame)); }
  static u64 trap_setting(TrapSetting setting) {
    return this_cpu().trap_settings[static_cast<std::size_t>(setting)];
  }
  static u64* host_vectors() { return has_sve(this_cpu().id) ? this_cpu().host_vectors.data() : nullptr; }
  static bool has_pmu() { return this_cpu().has_pmu; }
  static GuestNext guest_event(GuestEvent event, u64 a, u64 b, u64 c, u64 d) {
    return redoubt::guest_event(event, {a, b, c, d});
  }
  static u64 guest_answer(GuestAnswer which) {
    return this_cpu().guest_answers[static_cast<std::size_t>(which)];
  }
  static u64 guest_word(GuestWord word, u64 vmid, u64 vcpuid, u64 index) {
    if (word == GuestWord::power) return can_run(vmid, vcpuid) ? 1 : 0;
    return this_cpu().guest_words[guest_word_index(word, index)];
  }
  static void fetch_manifest(u64 address) { offered_manifest::fetch(address); }
  static Status admit_manifest(u64 bytes) { return offered_manifest::admit(bytes); }
  static u64 manifest_word(ManifestWord word, u64 image, u64 index) {
    return offered_manifest::word(word, image, index);
  }
  static void keep_manifest() {}  // its counter has been admitted with it
};

inline constexpr bool kCheckedCore = (REDOUBT_BUILD_FLAGS & REDOUBT_BUILD_DEBUG) != 0;
using CoreMachine = el2::El2Machine<QemuVirtParams, CoreHooks, kCheckedCore>;
using CoreTower = tower::MemManagerLayer<CoreMachine>;  // what the host's stage-2 faults need
using CoreHandler = tower::TrapHandlerLayer<CoreMachine>;

// Filled by HostStage2::init.
extern constinit el2::CoreState core_state;

// Does this CPU have a guest's registers, or the host's?
[[nodiscard]] inline bool guest_is_loaded() {
  return core_state.cpu.loaded[this_cpu().index].vmid != HOSTVISOR;
}

}  // namespace redoubt
