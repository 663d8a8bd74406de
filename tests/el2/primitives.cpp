// SPDX-License-Identifier: BSD-3-Clause
// Compiled for EL2, linked into no image: every primitive that the registry says the EL2 machine offers.
#include "core/registry/tower.hpp"
#include "machine/el2/el2_machine.hpp"

namespace redoubt {
namespace {

struct Hooks {
  [[noreturn]] static void halt(Stop) {
    for (;;) {
    }
  }
  static bool halt_requested() { return false; }
  static std::uint32_t cpu() { return static_cast<std::uint32_t>(el2::read<el2::reg::tpidr_el2>()); }
  static u64* general_registers() { return reinterpret_cast<u64*>(el2::read<el2::reg::tpidr_el2>()); }
  static u64 trap_setting(TrapSetting setting) { return static_cast<u64>(setting); }
  static GuestNext guest_event(GuestEvent, u64, u64, u64, u64) { return GuestNext::done; }
  static u64 guest_answer(GuestAnswer which) { return static_cast<u64>(which); }
  static u64 guest_word(GuestWord, u64, u64, u64 index) { return index; }
  static void fetch_manifest(u64) {}
  static Status admit_manifest(u64) { return Status::denied; }
  static u64 manifest_word(ManifestWord, u64, u64 index) { return index; }
  static void keep_manifest() {}
  static u64* host_vectors() { return nullptr; }
  static bool has_pmu() { return el2::read<el2::reg::id_aa64dfr0_el1>() != 0; }
};

template <bool Checked>
using Hardware = el2::El2Machine<QemuVirtParams, Hooks, Checked>;
static_assert(CpuMachine<Hardware<false>> && CpuMachine<Hardware<true>>);
static_assert(SmmuTableMachine<Hardware<false>> && SmmuTableMachine<Hardware<true>>);

// Taking the address of a member compiles it: what the registry promises of EL2 is there.
template <class E, class M>
bool all_offered() {
  bool offered = true;
  registry::for_each(typename registry::Layer<E>::FreshAndOwn{}, [&]<class Prim>() {
    using Code = typename E::template Code<M>;
    constexpr bool promised = registry::waits_for<E, typename Prim::primitive>().empty();
    if constexpr (promised && Prim::template visible<Code>) {
      const volatile auto member = Prim::template in<Code>();
      offered = offered && member != nullptr;
    }
  });
  return offered;
}

template <class M>
bool all_layers_offered() {
  return registry::all_of(registry::Tower{}, []<class E>() { return all_offered<E, M>(); });
}

}  // namespace

bool all_primitives_are_offered();
bool all_primitives_are_offered() {
  return all_layers_offered<Hardware<false>>() && all_layers_offered<Hardware<true>>();
}

}  // namespace redoubt
