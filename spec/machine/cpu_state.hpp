// SPDX-License-Identifier: BSD-3-Clause
// The abstract state of this CPU and of the vCPUs' saved contexts (digest 3.1, 3.4).
#pragma once
#include <string_view>

#include "machine/domain/domain.hpp"

namespace redoubt::spec {

// Fields of one entry of the device accesses.
inline constexpr std::uint64_t DEVICE_ADDRESS = 0, DEVICE_WIDTH = 1, DEVICE_IS_WRITE = 2, DEVICE_VALUE = 3;

// Parts of this state that a primitive's frame names.
enum class CpuPart : std::uint8_t { shadow, registers, loaded, shown, devices, guest, constant };

// Where the mailbox words stand in `shown`: four for each field, behind the general registers.
inline constexpr std::uint64_t SHOWN_WORDS = 32;
// Entries of the guest log that are no GuestEvent.
inline constexpr std::uint64_t GUEST_FORGETS = 64, GUEST_FETCHES = 65, GUEST_ADMITS = 66, GUEST_KEEPS = 67;

template <ValueDomain D>
struct CpuState {
  using Word = typename D::Word;
  using Map = typename D::Map;

  explicit CpuState(D& domain)
      : shadow(domain, "shadow"),
        hw(domain, "hw"),
        curid(domain.any("curid")),
        cur_vmid(domain.any("cur_vmid")),
        cur_vcpuid(domain.any("cur_vcpuid")),
        shown(domain, "shown"),
        device_log(domain, "device_log"),
        device_accesses(domain.any("device_accesses")),
        last_vcpu(domain, "last_vcpu"),
        guest_log(domain, "guest_log"),
        guest_events(domain.any("guest_events")),
        manifest(domain, "manifest"),
        trap_setting(domain, "trap_setting") {}

  // Registers by number (spec/machine/context.hpp). A q register is two words.
  Map shadow;  // (vmid * 8 + vcpuid, register) -> value: saved contexts
  Map hw;      // (0, register) -> value: this CPU's

  Word curid;                 // number of this CPU
  Word cur_vmid, cur_vcpuid;  // what is loaded on it

  Map shown;       // (vmid * 8 + vcpuid, general register or SHOWN_WORDS + ..) -> what the host is shown
  Map device_log;  // (n, DEVICE_*): the n-th access to a device
  Word device_accesses;  // their number
  Map last_vcpu;         // (vmid, 0) -> 1 + vCPU of that VM that was loaded here last; 0: none
  Map guest_log;         // (n, ..): the n-th event that the emulation saw, then its arguments
  Word guest_events;     // their number
  Map manifest;          // (ManifestWord, image * 8 + index): of the one that was admitted; never written
  Map trap_setting;      // boot constants: (TrapSetting, 0) -> value of a register that decides what traps

  // All maps, and all words beside them: f(part, name, pointer to member). What compares states uses these.
  template <class F>
  static void for_each_map(F f) {
    f(CpuPart::shadow, "shadow", &CpuState::shadow);
    f(CpuPart::registers, "hw", &CpuState::hw);
    f(CpuPart::shown, "shown", &CpuState::shown);
    f(CpuPart::devices, "device_log", &CpuState::device_log);
    f(CpuPart::loaded, "last_vcpu", &CpuState::last_vcpu);
    f(CpuPart::guest, "guest_log", &CpuState::guest_log);
    f(CpuPart::constant, "manifest", &CpuState::manifest);
    f(CpuPart::constant, "trap_setting", &CpuState::trap_setting);
  }
  template <class F>
  static void for_each_word(F f) {
    f(CpuPart::constant, "curid", &CpuState::curid);
    f(CpuPart::loaded, "cur_vmid", &CpuState::cur_vmid);
    f(CpuPart::loaded, "cur_vcpuid", &CpuState::cur_vcpuid);
    f(CpuPart::devices, "device_accesses", &CpuState::device_accesses);
    f(CpuPart::guest, "guest_events", &CpuState::guest_events);
  }
};

}  // namespace redoubt::spec
