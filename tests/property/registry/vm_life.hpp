// SPDX-License-Identifier: BSD-3-Clause
// One machine through many operations of the tower: what each left is the state of the next, and is audited.
#pragma once
#include <string>

#include "core/page/audit.hpp"
#include "core/registry/tower.hpp"
#include "core/vm/manifest.hpp"
#include "tests/property/registry/outcome.hpp"
#include "tests/property/registry/vm_world.hpp"

namespace redoubt::test {

using VmMachine = ModelMachine<Concrete, QemuVirtParams>;
using VmTower = tower::BootOpsLayer<VmMachine>;

// A new VM that is what the record says, as VM_CREATE makes it; INVALID: no VMID is left.
template <class Tower>
u64 make_vm(Tower& tower, const BootRecord& record) {
  const VmId<u64> v = tower.register_kvm();
  if (v.raw == INVALID) {
    return v.raw;
  }
  tower.set_vm_layout(v, Ipa<u64>(record.memory_base), record.memory_size, record.entry, record.dtb,
                      record.vcpus);
  for (u64 i = 0; i < record.image_count; ++i) {
    const BootImage& image = record.images[i];
    tower.set_boot_info(v, Ipa<u64>(image.address), image.size);
    for (u64 n = 0; n < DIGEST_WORDS; ++n) {
      tower.set_image_digest(v, LoadIndex<u64>(i), n, image.digest[n]);
    }
  }
  tower.open_vm(v);
  return v.raw;
}

class VmLife {
 public:
  VmLife() : state_(boot_state<QemuVirtParams>(domain_)) {
    boot_cpu(state_, domain_);
    for (u64 i = 0; i < kPageCount; ++i) {  // all of RAM is the host's
      state_.s2_owner.write(i, 0, HOSTVISOR);
      state_.s2_count.write(i, 0, 0);
      state_.s2_gfn.write(i, 0, INVALID64);
    }
    find_parents(state_);
    flatten(state_);
  }

  // Runs one operation, then looks at everything. What a guard or an invariant says is kept as `wrong`.
  template <class Act>
  auto run(Act act) {
    const auto result = run_unchecked(act);
    check();
    return result;
  }
  template <class Act>
  auto run_unchecked(Act act) {
    VmMachine machine(domain_, state_);
    VmTower tower(machine);
    decltype(act(tower)) result{};
    try {
      result = act(tower);
    } catch (const Refuted& refuted) {
      note(refuted.what());
    } catch (const Halt&) {
      note("halted");
    }
    state_ = observe(machine, state_);
    return result;
  }

  // What the host will have put into the next page that a VM takes with its content: words from `value` up.
  void host_fills(u64 vmid, u64 value) {
    const u64 n = state_.oracles.data_log.read(vmid, 0);
    for (u64 i = 0; i < 512; ++i) {
      state_.oracles.doracle.write((i << 8) + vmid, n, value + i);
    }
  }

  State<QemuVirtParams>& state() { return state_; }
  Concrete& domain() { return domain_; }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

  // The audit of an EL2 debug core, on the state as it is.
  AuditResult audit() {
    VmMachine machine(domain_, state_);
    VmTower tower(machine);
    Audit<VmTower, VmMachine> audit(tower, machine);
    AuditResult result;
    do {
      result = audit.step(result.next);
    } while (result.invariant == 0 && result.next != 0);
    return result;
  }

 private:
  void note(const std::string& what) { wrong_ = wrong_.empty() ? what : wrong_; }
  // All invariants but those of boot constants, which nothing changes.
  void check() {
    namespace inv = registry::inv;
    using Constant = registry::List<inv::Page4, inv::Page7, inv::Page8>;
    registry::for_each(inv::VmDevices{}, [&]<class I>() {
      if (!registry::contains<I, Constant> && !I::holds(state_)) {
        note(std::string(I::number) + ": " + std::string(I::text));
      }
    });
    if (const AuditResult found = audit(); found.invariant != 0) {
      note("audit: INV-PAGE-" + std::to_string(found.invariant) + " at " + std::to_string(found.frame));
    }
  }

  Concrete domain_;
  State<QemuVirtParams> state_;
  std::string wrong_;
};

}  // namespace redoubt::test
