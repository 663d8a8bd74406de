// SPDX-License-Identifier: BSD-3-Clause
// The EL2 instantiation of the page-table walk under plain names, to be disassembled and compared
// (zero_cost.py).
#include "core/lock/locks.hpp"
#include "core/machine/abstract_machine.hpp"
#include "core/npt/pt_alloc.hpp"
#include "core/npt/pt_walk.hpp"
#include "core/tower.hpp"
#include "machine/el2/el2_machine.hpp"

extern "C" [[noreturn]] void fail_stop(std::uint32_t why);

namespace redoubt {
namespace {

struct Hooks {
  [[noreturn]] static void halt(Stop why) { fail_stop(static_cast<std::uint32_t>(why)); }
  static bool halt_requested() { return false; }
  static std::uint32_t cpu() { return 0; }
};
using Hardware = el2::El2Machine<QemuVirtParams, Hooks, false>;
using Walk = tower::PtWalkLayer<Hardware>;

}  // namespace

extern "C" {

u64 walk_pgd(el2::CoreState* core, u64 vmid, u64 vttbr, u64 addr, Alloc alloc) {
  Hardware machine(*core);
  return Walk(machine).walk_pgd(VmId<u64>(vmid), Vttbr<u64>(vttbr), Ipa<u64>(addr), alloc).raw;
}
u64 walk_pud(el2::CoreState* core, u64 vmid, u64 pgd, u64 addr, Alloc alloc) {
  Hardware machine(*core);
  return Walk(machine).walk_pud(VmId<u64>(vmid), Descriptor<u64>(pgd), Ipa<u64>(addr), alloc).raw;
}
u64 walk_pmd(el2::CoreState* core, u64 vmid, u64 pud, u64 addr, Alloc alloc) {
  Hardware machine(*core);
  return Walk(machine).walk_pmd(VmId<u64>(vmid), Descriptor<u64>(pud), Ipa<u64>(addr), alloc).raw;
}
u64 walk_pte(el2::CoreState* core, u64 vmid, u64 pmd, u64 addr) {
  Hardware machine(*core);
  return Walk(machine).walk_pte(VmId<u64>(vmid), Descriptor<u64>(pmd), Ipa<u64>(addr)).raw;
}
void set_pmd(el2::CoreState* core, u64 vmid, u64 pud, u64 addr, u64 pmd) {
  Hardware machine(*core);
  Walk(machine).set_pmd(VmId<u64>(vmid), Descriptor<u64>(pud), Ipa<u64>(addr), Descriptor<u64>(pmd));
}
void set_pte(el2::CoreState* core, u64 vmid, u64 pmd, u64 addr, u64 pte) {
  Hardware machine(*core);
  Walk(machine).set_pte(VmId<u64>(vmid), Descriptor<u64>(pmd), Ipa<u64>(addr), Descriptor<u64>(pte));
}

}  // extern "C"

}  // namespace redoubt
