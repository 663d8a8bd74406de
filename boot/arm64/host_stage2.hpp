// SPDX-License-Identifier: BSD-3-Clause
// The host's stage-2 translation, as the boot and the trap handler see it.
#pragma once
#include <cstdint>

#include "boot/boot_info.hpp"

namespace redoubt {

class HostStage2 {
 public:
  // Boot CPU, before the host runs, MMU on; `info` is complete and its core_data is zeroed.
  void init(BootInfo const& info);
  // What VTTBR_EL2 holds while the host runs: VMID 0 and the level-1 pair.
  [[nodiscard]] std::uint64_t vttbr() const;
  // A translation fault of the host at `ipa`, any CPU. True: it is mapped now, retry; false: refuse the
  // access.
  bool handle_fault(std::uint64_t ipa);
  // Whether the host owns the RAM page of `address` now. Takes s2page; may change as soon as it returns.
  [[nodiscard]] bool host_owns(std::uint64_t address);
  // Reads the 8 bytes at `address` (8-byte aligned) while the host owns their page; false: it does not,
  // nothing is read. Takes s2page.
  [[nodiscard]] bool read_host_word(std::uint64_t address, std::uint64_t& word);
  // Table pages in use by the host, the root page included.
  [[nodiscard]] std::uint64_t table_pages() const;
  // What all VMs use now: VMIDs, pages, and table pages but for the roots. Each word is read once, without a
  // lock.
  struct VmTotals {
    std::uint64_t vmids = 0, pages = 0, table_pages = 0;
  };
  [[nodiscard]] VmTotals vm_totals() const;
  // R15: the same for every VM alone.
  void revoke_guests();
  // R14: no access of the host or a VM translates any more, on any CPU.
  void revoke_all();
};

extern constinit HostStage2 host_stage2;

}  // namespace redoubt
