// SPDX-License-Identifier: BSD-3-Clause
// Core data and VM information as parts of the abstract state (digest 3.2, 3.4).
#pragma once
#include <array>
#include <string_view>

#include "machine/domain/domain.hpp"

namespace redoubt::spec {

template <ValueDomain D>
struct VmRecords {
  using Word = typename D::Word;
  using Map = typename D::Map;

  explicit VmRecords(D& domain)
      : next_vmid(domain.any("next_vmid")),
        next_remap_ptr(domain.any("next_remap_ptr")),
        free_vmids(domain.any("free_vmids")),
        mailboxes(domain.any("mailboxes")),
        vm_state(domain, "vm_state"),
        vm_kvm(domain, "vm_kvm"),
        vm_next_load_info(domain, "vm_next_load_info"),
        vm_inc_exe(domain, "vm_inc_exe"),
        vm_vcpu(domain, "vm_vcpu"),
        vm_vcpu_state(domain, "vm_vcpu_state"),
        vm_load_addr(domain, "vm_load_addr"),
        vm_load_size(domain, "vm_load_size"),
        vm_remap_addr(domain, "vm_remap_addr"),
        vm_mapped_pages(domain, "vm_mapped_pages"),
        vm_item(domain, "vm_item"),
        vm_total(domain, "vm_total") {}

  // Lock core.
  Word next_vmid;       // what the next VM is called
  Word next_remap_ptr;  // first free address of the image window
  Word free_vmids;      // bit v: VM v was destroyed
  // Boot constant: address of the mailboxes.
  Word mailboxes;

  // Lock vm(v). By (principal, 0):
  Map vm_state, vm_kvm, vm_next_load_info, vm_inc_exe;
  // By (principal, vCPU):
  Map vm_vcpu, vm_vcpu_state;
  // By (principal, boot image):
  Map vm_load_addr, vm_load_size, vm_remap_addr, vm_mapped_pages;
  // By (principal, item): what the manifest says, and how far its check is.
  Map vm_item;
  // Lock s2page. By (principal, 0): pages owned; (principal, 1): shared ones among them.
  Map vm_total;

  // Every map of VM information, with the number of its second indices and whether it holds 32-bit values:
  // what harnesses and theorems enumerate.
  struct Named {
    std::string_view name;
    Map VmRecords::* map;
    unsigned indices;
    bool narrow;
  };
  static constexpr std::array<Named, 12> kMaps{{{"vm_state", &VmRecords::vm_state, 1, true},
                                                {"vm_kvm", &VmRecords::vm_kvm, 1, false},
                                                {"vm_next_load_info", &VmRecords::vm_next_load_info, 1, true},
                                                {"vm_inc_exe", &VmRecords::vm_inc_exe, 1, true},
                                                {"vm_vcpu", &VmRecords::vm_vcpu, 8, false},
                                                {"vm_vcpu_state", &VmRecords::vm_vcpu_state, 8, true},
                                                {"vm_load_addr", &VmRecords::vm_load_addr, 5, false},
                                                {"vm_load_size", &VmRecords::vm_load_size, 5, false},
                                                {"vm_remap_addr", &VmRecords::vm_remap_addr, 5, false},
                                                {"vm_mapped_pages", &VmRecords::vm_mapped_pages, 5, false},
                                                {"vm_item", &VmRecords::vm_item, 48, false},
                                                {"vm_total", &VmRecords::vm_total, 2, false}}};
  // The words of core data that primitives change.
  struct NamedWord {
    std::string_view name;
    Word VmRecords::* word;
  };
  static constexpr std::array<NamedWord, 3> kWords{{{"next_vmid", &VmRecords::next_vmid},
                                                    {"next_remap_ptr", &VmRecords::next_remap_ptr},
                                                    {"free_vmids", &VmRecords::free_vmids}}};
};

}  // namespace redoubt::spec
