// SPDX-License-Identifier: BSD-3-Clause
// One program on each model of a TLB: the abstract one, the concrete model's, and the hardware's in every
// order.
#pragma once
#include "machine/domain/concrete.hpp"
#include "machine/model/abstract_tlb.hpp"
#include "machine/model/stale_translations.hpp"
#include "tests/property/tlb/hardware_tlb.hpp"

namespace redoubt::test {

using Abstract = AbstractTlb<Concrete>;

// long: an operation a case
inline void step(Abstract& tlb, const Op& op) {
  const bool mine = op.vmid == tlb.vmid();
  switch (op.kind) {
    case Op::overwrite:
      return tlb.overwritten(mine && op.gfn == tlb.gfn(), op.leaf());
    case Op::unhook:
      return tlb.unhooked(mine && op.link_level == tlb.link_level() &&
                          below(op.link_level, op.gfn, tlb.gfn()));
    case Op::dsb_ishst:
      return tlb.dsb_ishst();
    case Op::dsb_ish:
      return tlb.dsb_ish();
    case Op::tlbi_ipa:
      return tlb.tlbi_ipa(op.vmid, op.gfn << PAGE_SHIFT, op.scope);
    case Op::tlbi_all_ipas:
      return tlb.tlbi_all_ipas(op.vmid, op.scope);
    case Op::tlbi_combined:
      return tlb.tlbi_combined(op.vmid, op.scope.broadcast);
    default:
      return tlb.tlbi_vmid(op.vmid, op.scope.broadcast);
  }
}
// Some entry that the abstract TLB may stand for, whichever table of the walk it watches.
inline bool usable(const Program& program, u64 vmid, u64 gfn, bool elsewhere) {
  for (unsigned level = 0; level < 3; ++level) {
    Abstract tlb(vmid, gfn, level, elsewhere);
    for (const Op& op : program) {
      step(tlb, op);
    }
    if (tlb.usable()) {
      return true;
    }
  }
  return false;
}
inline bool stale(const Program& program, u64 vmid, u64 gfn, bool elsewhere, std::uint32_t late) {
  HardwareTlb tlb(elsewhere, late);
  for (const Op& op : program) {
    tlb.step(op);
  }
  return tlb.stale(vmid, gfn);
}
// The same for every frame at once, on machine words.
inline void step(StaleTranslations& tlb, const Op& op) {
  switch (op.kind) {
    case Op::overwrite:
      return tlb.broken(op.vmid, op.gfn << PAGE_SHIFT, PAGE_SIZE, 1, 3);
    case Op::unhook: {
      const u64 size = u64{PAGE_SIZE} << frame_shift(op.link_level);
      tlb.unhooked(op.vmid, (op.gfn << PAGE_SHIFT) & ~(size - 1), size, 3, op.link_level);
      for (const u64 gfn : kFrames) {
        if (below(op.link_level, op.gfn, gfn)) {
          tlb.broken(op.vmid, gfn << PAGE_SHIFT, PAGE_SIZE, 1, 3);
        }
      }
      return;
    }
    case Op::dsb_ishst:
    case Op::dsb_ish:
      return tlb.dsb(op.kind == Op::dsb_ish);
    case Op::tlbi_ipa:
      return tlb.tlbi_ipa(op.vmid, op.gfn << PAGE_SHIFT, op.scope);
    case Op::tlbi_all_ipas:
      return tlb.tlbi_all_ipas(op.vmid, op.scope);
    case Op::tlbi_combined:
      return tlb.tlbi_combined(op.vmid);
    default:
      return tlb.tlbi_vmid(op.vmid);
  }
}

// Does some order in which the invalidations may take effect leave a stale entry?
inline bool possible(const Program& program, u64 vmid, u64 gfn, bool elsewhere) {
  std::uint32_t orders = 1;
  for (const Op& op : program) {
    orders <<= op.invalidates() ? 1 : 0;
  }
  for (std::uint32_t late = 0; late < orders; ++late) {
    if (stale(program, vmid, gfn, elsewhere, late)) {
      return true;
    }
  }
  return false;
}

}  // namespace redoubt::test
