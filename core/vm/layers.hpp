// SPDX-License-Identifier: BSD-3-Clause
// Layers 17 to 21 as objects: memory of VMs by guest address, their end, their VMIDs, their boot.
#pragma once
#include "core/page/layers.hpp"
#include "core/registry/replaced.hpp"
#include "spec/vm/boot_ops.hpp"

namespace redoubt::registry {

namespace prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect
REDOUBT_PRIMITIVE(clear_vm_range, "(vmid u32, pfn u64, pages u64) → u64", "takes s2page, pt(v), pt(0)", "H·lock free·invalidated", "upper 1.3", "gives up to 32 pages back to the host; how many");
REDOUBT_PRIMITIVE(prot_and_map_vm_s2pt, "(vmid u32, addr u64, pte u64, level u32) → status", "takes pt(v), s2page, pt(0)", "H·lock free·invalidated·bad argument → status", "upper 1.3", "gives a zeroed page to the VM and maps it; or maps a block of pages that were given");
REDOUBT_PRIMITIVE(grant_stage2_sg_gpa, "(vmid u32, addr u64, size u64) → status", "takes pt(v), s2page", "H·lock free·bad argument → status", "upper 1.3", "shares the page that the VM sees at addr");
REDOUBT_PRIMITIVE(revoke_stage2_sg_gpa, "(vmid u32, addr u64, size u64) → status", "takes pt(v), s2page, pt(0)", "H·lock free·invalidated·bad argument → status", "upper 1.3", "ends that");
REDOUBT_PRIMITIVE(load_and_map_vm_s2pt, "(vmid u32, addr u64, pte u64) → status", "takes pt(v), s2page, pt(0)", "H·lock free·invalidated·bad argument → status", "own", "gives a page of a boot image to the VM, with its content, and maps it");
REDOUBT_PRIMITIVE(walk_to_pfn, "(vmid u32, addr u64) → u64", "takes pt(v)", "V·A(addr)·H·lock free", "own", "frame that the VM sees at addr, or INVALID64");

REDOUBT_PRIMITIVE(set_vm_poweroff, "(vmid u32) → status", "takes vm(v)", "H·lock free·bad argument → status", "upper 1.4", "ends the VM: no vCPU enters from here on");
REDOUBT_PRIMITIVE(get_vm_poweron, "(vmid u32) → u32", "takes vm(v)", "V·H·lock free", "upper 1.4", "0 once the VM has ended");
REDOUBT_PRIMITIVE(stop_vm, "(vmid u32) → status", "takes vm(v)", "H·lock free·bad argument → status", "own", "ends the VM for the host; busy while a vCPU runs");

REDOUBT_PRIMITIVE(gen_vmid, "() → u32", "takes core", "H·lock free", "upper 1.5", "a VMID that was never given, else one that is free again, or INVALID");
REDOUBT_PRIMITIVE(alloc_remap_addr, "(pgnum u64) → u64", "takes core", "H·lock free", "upper 1.5", "a part of the image window");
REDOUBT_PRIMITIVE(free_vmid, "(vmid u32) → ()", "takes core", "H·lock free", "own", "the VMID of a destroyed VM can be given again");

REDOUBT_PRIMITIVE(unmap_and_load_vm_image, "(vmid u32, addr u64, remap u64, pgnum u64) → ()", "takes pt(v)", "H·lock free", "upper 1.5", "maps the pages of an image, block by block, into the VM");
REDOUBT_PRIMITIVE(get_image_pages, "(vmid u32, load_idx u32) → u64", "vm(v)", "V·I·H·L(vm v)", "own", "pages of an image");
REDOUBT_PRIMITIVE(hash_image_step, "(vmid u32, load_idx u32, done u64) → status", "vm(v)", "V·I·H·L(vm v)·P(pfn)·piece", "own", "hashes 2 KiB of an image as the VM sees it (R18)");

REDOUBT_PRIMITIVE(search_load_info, "(vmid u32, addr u64) → u64", "takes vm(v)", "H·lock free", "upper 1.6", "addr, if it lies in a boot image; else 0");
REDOUBT_PRIMITIVE(set_vcpu_active, "(vmid u32, vcpuid u32) → status", "takes vm(v)", "H·lock free·bad argument → status", "upper 1.6", "a vCPU of a VERIFIED VM enters");
REDOUBT_PRIMITIVE(set_vcpu_inactive, "(vmid u32, vcpuid u32) → status", "takes vm(v)", "H·lock free·bad argument → status", "upper 1.6", "it has left");
REDOUBT_PRIMITIVE(register_vcpu, "(vmid u32, vcpuid u32) → status", "takes vm(v)", "H·lock free·bad argument → status", "upper 1.6", "makes a vCPU of a READY VM; it has never run");
REDOUBT_PRIMITIVE(register_kvm, "() → u32", "takes core, vm(v), pt(v)", "H·lock free", "upper 1.6", "a new VM, MAPPED; INVALID: no VMID is left");
REDOUBT_PRIMITIVE(set_boot_info, "(vmid u32, addr u64, size u64) → u32", "takes vm(v)", "H·lock free", "upper 1.6", "announces a boot image; its number, or INVALID");
REDOUBT_PRIMITIVE(remap_vm_image, "(vmid u32, pfn u64, load_idx u32) → status", "takes vm(v), s2page, tables", "H·lock free·invalidated·bad argument → status", "upper 1.6", "gives the next page of an image");
REDOUBT_PRIMITIVE(verify_and_load_images, "(vmid u32) → status", "takes vm(v), pt(v)", "H·lock free", "upper 1.6", "hashes 2 KiB of the images; at their end the VM is VERIFIED, or has ended");
REDOUBT_PRIMITIVE(is_inc_exe, "(vmid u32) → u32", "takes vm(v)", "H·lock free", "upper 1.6", "does the VM resume from a saved state?");
REDOUBT_PRIMITIVE(alloc_smmu, "(vmid u32, cbndx u32, index u32) → status", "takes vm(v), spt", "H·S·B·lock free", "upper 1.6", "empties the table of a bank");
REDOUBT_PRIMITIVE(assign_smmu, "(vmid u32, pfn u64, gfn u64) → status", "takes vm(v), s2page, pt(0)", "H·lock free", "upper 1.6", "gives a page to a VM's device");
REDOUBT_PRIMITIVE(map_smmu, "(vmid u32, cbndx u32, index u32, iova u64, pte u64) → status", "takes vm(v), s2page, spt", "H·S·B·lock free", "upper 1.6", "maps it for the device");
REDOUBT_PRIMITIVE(clear_smmu, "(vmid u32, cbndx u32, index u32, iova u64) → status", "takes vm(v), s2page, spt", "H·S·B·lock free", "upper 1.6", "takes that away");
REDOUBT_PRIMITIVE(map_io, "(vmid u32, gpa u64, pa u64) → status", "takes vm(v)", "H·lock free", "upper 1.6", "maps a device into a VM: denied (R11)");
REDOUBT_PRIMITIVE(save_encrypted_vcpu, "(vmid u32, vcpuid u32) → status", "takes vm(v)", "H·lock free·bad argument → status", "upper 1.6", "seals the registers of a vCPU that is not running (R25)");
REDOUBT_PRIMITIVE(load_encrypted_vcpu, "(vmid u32, vcpuid u32) → status", "takes vm(v)", "H·lock free·bad argument → status", "upper 1.6", "opens them in a READY VM, which resumes from here on");
REDOUBT_PRIMITIVE(save_encrypt_buf, "(vmid u32, inbuf u64, outbuf u64) → status", "takes vm(v), s2page", "H·lock free·bad argument → status", "upper 1.6", "seals a page of a VM whose vCPUs rest into a page of the host's (R25)");
REDOUBT_PRIMITIVE(load_decrypt_buf, "(vmid u32, inbuf u64) → status", "takes vm(v), s2page, pt(0)", "H·lock free·invalidated·bad argument → status", "upper 1.6", "takes a sealed page from the host and opens it in a READY VM, which resumes from here on");
REDOUBT_PRIMITIVE(set_vm_layout, "(vmid u32, memory_base u64, memory_size u64, entry u64, device_tree u64, vcpus u32) → status", "takes vm(v)", "H·lock free·bad argument → status", "own", "what the manifest says of a MAPPED VM besides its images, once");
REDOUBT_PRIMITIVE(set_image_digest, "(vmid u32, load_idx u32, index u32, value u64) → status", "takes vm(v)", "H·lock free·bad argument → status", "own", "a word of the digest that an image must have");
REDOUBT_PRIMITIVE(open_vm, "(vmid u32) → status", "takes vm(v)", "H·lock free·bad argument → status", "own", "ends the description of a VM: it is READY");
REDOUBT_PRIMITIVE(get_verify_left, "(vmid u32) → u64", "takes vm(v)", "H·lock free", "own", "bytes of the images that are still to be hashed");
REDOUBT_PRIMITIVE(query_vm_state, "(vmid u32) → u32", "takes vm(v)", "H·lock free", "own", "state of the VM; 0 for what is no VM");
REDOUBT_PRIMITIVE(query_vm_item, "(vmid u32, item u32) → u64", "takes vm(v)", "H·lock free", "own", "a word of the VM's record; 0 for what is none");
REDOUBT_PRIMITIVE(donate_vm_page, "(vmid u32, addr u64, pfn u64) → status", "takes vm(v), s2page, tables", "H·lock free·invalidated·bad argument → status", "own", "gives a zeroed page in the manifest's memory, and maps it");
REDOUBT_PRIMITIVE(donate_vm_block_page, "(vmid u32, addr u64, pfn u64) → status", "takes vm(v), s2page, tables", "H·lock free·invalidated·bad argument → status", "own", "the same without mapping it: a block is to follow");
REDOUBT_PRIMITIVE(map_vm_block, "(vmid u32, addr u64, pfn u64) → status", "takes vm(v), s2page, tables", "H·lock free·bad argument → status", "own", "maps 512 given pages as a block");
REDOUBT_PRIMITIVE(reclaim_vm_pages, "(vmid u32, pfn u64, pages u64) → u64", "takes vm(v), s2page, tables", "H·lock free·invalidated", "own", "gives pages of a VM that has ended back to the host; how many");
REDOUBT_PRIMITIVE(destroy_vm, "(vmid u32) → status", "takes vm(v), s2page, tables, core", "H·lock free·invalidated·bad argument → status", "own", "ends the record of a VM without pages; its VMID is free");
// clang-format on
}  // namespace prim

namespace waits {
struct SavedState {
  static constexpr std::string_view text = RootKey::text;
  using Primitives = List<prim::save_encrypted_vcpu, prim::load_encrypted_vcpu, prim::save_encrypt_buf,
                          prim::load_decrypt_buf>;
};
}  // namespace waits

namespace replaced {
struct ImageWindow : ReplacedBy<prim::alloc_remap_addr, List<prim::load_and_map_vm_s2pt, prim::walk_to_pfn>> {
  static constexpr std::string_view
      ruling = "R21",
      why = "an image lies in the VM's own memory from the start: there is no window to allocate";
};
struct ImageLoading
    : ReplacedBy<prim::unmap_and_load_vm_image, List<prim::load_and_map_vm_s2pt, prim::hash_image_step>> {
  static constexpr std::string_view
      ruling = "R21",
      why = "a page of an image is loaded when it is given, and hashed as the VM's table maps it";
};
}  // namespace replaced

struct MemoryOpsEntry {
  static constexpr unsigned number = 17;
  static constexpr std::string_view name = "MemoryOps", header = "core/page/memory_ops.hpp",
                                    spec_header = "spec/page/memory_ops.hpp", source = "upper 1.3";
  static constexpr bool growing = false;
  using Below = MemManagerEntry;
  template <class M>
  using Code = tower::MemoryOpsLayer<M>;
  template <class D, class P>
  using Spec = spec::MemoryOps<D, P>;
  static constexpr Fields transfer = MemManagerEntry::transfer & ~field::halt;
  using Fresh = Preserving<inv::Pages, transfer, prim::clear_vm_range, prim::prot_and_map_vm_s2pt,
                           prim::grant_stage2_sg_gpa, prim::revoke_stage2_sg_gpa>;
  using Own = Join<Preserving<inv::Pages, transfer, prim::load_and_map_vm_s2pt>,
                   Preserving<inv::Pages, kSection, prim::walk_to_pfn>>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct VmPowerEntry {
  static constexpr unsigned number = 18;
  static constexpr std::string_view name = "VMPower", header = "core/vm/vm_power.hpp",
                                    spec_header = "spec/vm/vm_power.hpp", source = "upper 1.4";
  static constexpr bool growing = false;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<>;
  using Below = MemoryOpsEntry;
  template <class M>
  using Code = tower::VmPowerLayer<M>;
  template <class D, class P>
  using Spec = spec::VmPower<D, P>;
  using Fresh = Join<Preserving<inv::Life, kSection | field::vm, prim::set_vm_poweroff>,
                     Preserving<inv::Life, kSection, prim::get_vm_poweron>>;
  using Own = Preserving<inv::Life, kSection | field::vm, prim::stop_vm>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct BootCoreEntry {
  static constexpr unsigned number = 19;
  static constexpr std::string_view name = "BootCore", header = "core/vm/boot_core.hpp",
                                    spec_header = "spec/vm/boot_core.hpp", source = "upper 1.5";
  static constexpr bool growing = false;
  using Replaced = List<replaced::ImageWindow>;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<>;
  using Below = VmPowerEntry;
  template <class M>
  using Code = tower::BootCoreLayer<M>;
  template <class D, class P>
  using Spec = spec::BootCore<D, P>;
  using Fresh = Preserving<inv::Pages, kSection | field::core, prim::gen_vmid, prim::alloc_remap_addr>;
  using Own = Preserving<inv::Pages, kSection | field::core, prim::free_vmid>;
  using Hides = prim::CoreData;
  using HidesOwn = List<prim::get_free_vmids, prim::set_free_vmids>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct BootAuxEntry {
  static constexpr unsigned number = 20;
  static constexpr std::string_view name = "BootAux", header = "core/vm/boot_aux.hpp",
                                    spec_header = "spec/vm/boot_aux.hpp", source = "upper 1.5";
  static constexpr bool growing = false;
  using Replaced = List<replaced::ImageLoading>;
  static constexpr bool theorems_are_generated = true;
  // Walks a whole table: such theorems stand on the layers below, not on flat memory.
  using TheoremPending = List<prim::hash_image_step>;
  using Below = BootCoreEntry;
  template <class M>
  using Code = tower::BootAuxLayer<M>;
  template <class D, class P>
  using Spec = spec::BootAux<D, P>;
  using Fresh = Preserving<inv::Life, field::none, prim::unmap_and_load_vm_image>;
  using Own = Join<Preserving<inv::Life, field::none, prim::get_image_pages>,
                   Preserving<inv::Life, kSection | field::memory, prim::hash_image_step>>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct BootOpsEntry {
  static constexpr unsigned number = 21;
  static constexpr std::string_view name = "BootOps", header = "core/vm/boot_ops.hpp",
                                    spec_header = "spec/vm/boot_ops.hpp", source = "upper 1.6";
  static constexpr bool growing = true;  // those of SMMUs
  static constexpr bool theorems_are_generated = true;
  // Change whole tables and pages: as above. get_verify_left: a sum that the solver does not finish.
  using TheoremPending =
      List<prim::register_kvm, prim::remap_vm_image, prim::verify_and_load_images, prim::donate_vm_page,
           prim::donate_vm_block_page, prim::map_vm_block, prim::reclaim_vm_pages, prim::destroy_vm,
           prim::get_verify_left, prim::save_encrypted_vcpu, prim::load_encrypted_vcpu,
           prim::save_encrypt_buf, prim::load_decrypt_buf>;
  using OnlyInModel = List<waits::SavedState>;
  using Below = BootAuxEntry;
  template <class M>
  using Code = tower::BootOpsLayer<M>;
  template <class D, class P>
  using Spec = spec::BootOps<D, P>;
  static constexpr Fields record = kSection | field::vm;
  static constexpr Fields transfer = MemoryOpsEntry::transfer;
  using Fresh =
      Join<Preserving<inv::Life, kSection, prim::search_load_info, prim::is_inc_exe>,
           Preserving<inv::Life, record, prim::set_vcpu_active, prim::set_vcpu_inactive, prim::set_boot_info>,
           Preserving<inv::Life, record | field::shadow | field::guest | field::oracle, prim::register_vcpu>,
           Preserving<inv::Life, record | field::core | field::table | field::map | field::next,
                      prim::register_kvm>,
           Preserving<inv::Life, transfer, prim::remap_vm_image>,
           Preserving<inv::Life, record | field::memory, prim::verify_and_load_images>,
           Preserving<inv::Life, transfer, prim::alloc_smmu, prim::assign_smmu, prim::map_smmu,
                      prim::clear_smmu, prim::map_io>,
           Preserving<inv::Life, kSection | field::memory | field::seals, prim::save_encrypted_vcpu,
                      prim::save_encrypt_buf>,
           Preserving<inv::Life, record | field::shadow | field::seals, prim::load_encrypted_vcpu>,
           Preserving<inv::Life, (transfer & ~field::oracle) | field::seals, prim::load_decrypt_buf>>;
  using Own =
      Join<Preserving<inv::Life, record, prim::set_vm_layout, prim::set_image_digest, prim::open_vm>,
           Preserving<inv::Life, kSection, prim::get_verify_left, prim::query_vm_state, prim::query_vm_item>,
           Preserving<inv::Life, transfer, prim::donate_vm_page, prim::donate_vm_block_page,
                      prim::map_vm_block, prim::reclaim_vm_pages>,
           Preserving<inv::Life, transfer | field::core, prim::destroy_vm>>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

}  // namespace redoubt::registry
