// SPDX-License-Identifier: BSD-3-Clause
// The hardware machine as the product uses it: its hooks, its state, the tower on it.
#pragma once
#include "abi/redoubt.h"
#include "boot/arm64/guest_emulation.hpp"
#include "boot/arm64/halt.hpp"
#include "boot/arm64/offered_manifest.hpp"
#include "boot/arm64/oracle.hpp"
#include "boot/arm64/per_cpu.hpp"
#include "boot/arm64/traced_boot_ops.hpp"
#include "boot/arm64/traps.hpp"
#include "boot/host_registers.hpp"
#include "core/tower.hpp"
#include "machine/el2/el2_machine.hpp"
#include "machine/oracle/watched_machine.hpp"

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
    switch (event) {  // a constant wherever this is called
      case GuestEvent::enter:
        return guest_enters(a, b);
      case GuestEvent::load:
        return guest_loads();
      case GuestEvent::unload:
        return guest_unloads();
      default:
        return redoubt::guest_event(event, {a, b, c, d});
    }
  }
  static u64 guest_answer(GuestAnswer which) {
    return this_cpu().guest_answers[static_cast<std::size_t>(which)];
  }
  static u64 guest_word(GuestWord word, u64 vmid, u64 vcpuid, u64 index) {
    if (word == GuestWord::power) return power_word(vmid, vcpuid);
    if (word == GuestWord::walk_level) return walk_level_word(vmid, vcpuid);
    return this_cpu().guest_words[guest_word_index(word, index)];
  }
  static void fetch_manifest(u64 address) { offered_manifest::fetch(address); }
  static Status admit_manifest(u64 bytes) { return offered_manifest::admit(bytes); }
  static u64 manifest_word(ManifestWord word, u64 image, u64 index) {
    return offered_manifest::word(word, image, index);
  }
  static void keep_manifest() {}                                 // its counter has been admitted with it
  static void lock_taken(u64 lock) { trace::lock_taken(lock); }  // checked core only
};

inline constexpr bool kCheckedCore = (REDOUBT_BUILD_FLAGS & REDOUBT_BUILD_DEBUG) != 0;
using Hardware = el2::El2Machine<QemuVirtParams, CoreHooks, kCheckedCore>;
using CoreMachine =
    std::conditional_t<kCheckedCore, oracle::WatchedMachine<Hardware, oracle::Watch>, Hardware>;
using CoreTower = tower::MemManagerLayer<CoreMachine>;  // what the host's stage-2 faults need
// A debug core notes what each operation of BootOps comes to.
template <class Boot>
using HandlerOver = TrapHandler<
    TrapHandlerRaw<TrapDispatcher<FaultHandler<MemHandler<CtxtSwitch<VcpuOps<VcpuOpsAux<Boot>>>>>>>>;
using CoreHandler =
    std::conditional_t<kCheckedCore, HandlerOver<TracedBootOps<tower::BootOpsLayer<CoreMachine>>>,
                       tower::TrapHandlerLayer<CoreMachine>>;

// Filled by HostStage2::init.
extern constinit el2::CoreState core_state;

// Does this CPU have a guest's registers, or the host's?
[[nodiscard]] inline bool guest_is_loaded() {
  return core_state.cpu.loaded[this_cpu().index].vmid != HOSTVISOR;
}

}  // namespace redoubt
