// SPDX-License-Identifier: BSD-3-Clause
// Debug core: a layer over BootOps that does nothing but note what each operation came to (trace.hpp).
#pragma once
#include "boot/arm64/trace.hpp"
#include "core/machine/constants.hpp"
#include "core/machine/manifest_machine.hpp"
#include "core/machine/types.hpp"
#include "machine/el2/memory.hpp"

namespace redoubt {

// An operation stands in the order where its lock was taken that decides it: s2page where it looks at the
// owner of a page, else vm(v), else core. What has two such sections leaves two records.
template <class Lower>
class TracedBootOps : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Ipa;
  using typename Lower::LoadIndex;
  using typename Lower::Pfn;
  using typename Lower::VcpuId;
  using typename Lower::VmId;

  VmId register_kvm() {
    trace::begin();
    const VmId vmid = Lower::register_kvm();
    const trace::Taken& taken = trace::taken();
    trace::append(REDOUBT_TRACE_VMID, taken.core, {}, {vmid.raw});
    if (vmid.raw != INVALID) {
      trace::append(REDOUBT_TRACE_BEGIN, taken.vm,
                    {vmid.raw, this->manifest_word(ManifestWord::memory_size, u64{0}, u64{0})}, {});
    }
    return vmid;
  }
  Status destroy_vm(VmId vmid) {
    trace::begin();
    const Status status = Lower::destroy_vm(vmid);
    const trace::Taken& taken = trace::taken();
    trace::append(REDOUBT_TRACE_DESTROY, taken.vm, {vmid.raw}, {word(status)});
    if (status == Status::ok) trace::append(REDOUBT_TRACE_FREE, taken.core, {vmid.raw}, {});
    return status;
  }

  Status open_vm(VmId vmid) {
    return of_vm(REDOUBT_TRACE_OPEN, {vmid.raw}, [&] { return Lower::open_vm(vmid); });
  }
  Status set_vm_poweroff(VmId vmid) {
    return of_vm(REDOUBT_TRACE_POWEROFF, {vmid.raw}, [&] { return Lower::set_vm_poweroff(vmid); });
  }
  Status register_vcpu(VmId vmid, VcpuId vcpuid) {
    return of_vm(REDOUBT_TRACE_VCPU, {vmid.raw, vcpuid.raw},
                 [&] { return Lower::register_vcpu(vmid, vcpuid); });
  }
  Status set_vcpu_active(VmId vmid, VcpuId vcpuid) {
    return of_vm(REDOUBT_TRACE_ENTER, {vmid.raw, vcpuid.raw},
                 [&] { return Lower::set_vcpu_active(vmid, vcpuid); });
  }
  Status set_vcpu_inactive(VmId vmid, VcpuId vcpuid) {
    return of_vm(REDOUBT_TRACE_LEAVE, {vmid.raw, vcpuid.raw},
                 [&] { return Lower::set_vcpu_inactive(vmid, vcpuid); });
  }
  Status verify_and_load_images(VmId vmid) {
    return of_vm(REDOUBT_TRACE_VERIFY, {vmid.raw}, [&] { return Lower::verify_and_load_images(vmid); });
  }
  Status stop_vm(VmId vmid) {
    return of_vm(REDOUBT_TRACE_STOP, {vmid.raw}, [&] { return Lower::stop_vm(vmid); });
  }
  u64 get_verify_left(VmId vmid) {
    return of_vm(REDOUBT_TRACE_VERIFY_LEFT, {vmid.raw}, [&] { return Lower::get_verify_left(vmid); });
  }
  u64 query_vm_state(VmId vmid) {
    return of_vm(REDOUBT_TRACE_STATE, {vmid.raw}, [&] { return Lower::query_vm_state(vmid); });
  }

  // The content's checksum is taken while the page is the VM's, which does not run yet.
  Status remap_vm_image(VmId vmid, Pfn pfn, LoadIndex image) {
    trace::begin();
    const Status status = Lower::remap_vm_image(vmid, pfn, image);
    trace::append(REDOUBT_TRACE_IMAGE_PAGE, trace::taken().first_page_or_vm(), {vmid.raw, pfn.raw, image.raw},
                  {word(status), status == Status::ok ? checksum(pfn.raw << PAGE_SHIFT) : 0, undone()});
    return status;
  }
  Status donate_vm_page(VmId vmid, Ipa addr, Pfn pfn) {
    return of_page(REDOUBT_TRACE_PAGE, {vmid.raw, addr.raw, pfn.raw},
                   [&] { return Lower::donate_vm_page(vmid, addr, pfn); });
  }
  Status donate_vm_block_page(VmId vmid, Ipa addr, Pfn pfn) {
    return of_page(REDOUBT_TRACE_BLOCK_PAGE, {vmid.raw, addr.raw, pfn.raw},
                   [&] { return Lower::donate_vm_block_page(vmid, addr, pfn); });
  }
  Status map_vm_block(VmId vmid, Ipa addr, Pfn pfn) {
    return of_page(REDOUBT_TRACE_BLOCK, {vmid.raw, addr.raw, pfn.raw},
                   [&] { return Lower::map_vm_block(vmid, addr, pfn); });
  }
  Status grant_stage2_sg_gpa(VmId vmid, Ipa addr, u64 size) {
    return of_page(REDOUBT_TRACE_SHARE, {vmid.raw, addr.raw},
                   [&] { return Lower::grant_stage2_sg_gpa(vmid, addr, size); });
  }
  Status revoke_stage2_sg_gpa(VmId vmid, Ipa addr, u64 size) {
    return of_page(REDOUBT_TRACE_UNSHARE, {vmid.raw, addr.raw},
                   [&] { return Lower::revoke_stage2_sg_gpa(vmid, addr, size); });
  }
  u64 count_vm_pages(VmId vmid) {
    return of_page(REDOUBT_TRACE_PAGES, {vmid.raw}, [&] { return Lower::count_vm_pages(vmid); });
  }
  u64 count_shared_pages(VmId vmid) {
    return of_page(REDOUBT_TRACE_SHARED, {vmid.raw}, [&] { return Lower::count_shared_pages(vmid); });
  }

  // A record for each page, in its own section of s2page; one that says 0 where none was looked at.
  u64 reclaim_vm_pages(VmId vmid, Pfn pfn, u64 pages) {
    trace::begin();
    const u64 done = Lower::reclaim_vm_pages(vmid, pfn, pages);
    const trace::Taken& taken = trace::taken();
    for (u64 i = 0; i < taken.page_count; ++i)
      trace::append(REDOUBT_TRACE_TAKE, taken.pages[i], {vmid.raw, pfn.raw + i}, {i < done ? 1u : 0u});
    if (taken.page_count == 0) trace::append(REDOUBT_TRACE_TAKE, taken.vm, {vmid.raw, pfn.raw}, {0});
    return done;
  }

 private:
  using Arguments = std::array<std::uint64_t, 6>;

  static u64 word(Status status) { return static_cast<u64>(static_cast<std::int64_t>(status)); }
  static u64 word(u64 value) { return value; }
  template <class Act>
  auto of_vm(redoubt_trace what, Arguments const& arguments, Act act) {
    trace::begin();
    const auto result = act();
    trace::append(what, trace::taken().vm, arguments, {word(result)});
    return result;
  }
  template <class Act>
  auto of_page(redoubt_trace what, Arguments const& arguments, Act act) {
    trace::begin();
    const auto result = act();
    trace::append(what, trace::taken().first_page_or_vm(), arguments, {word(result), 0, undone()});
    return result;
  }
  // Where a page that was given was taken back, because it could not be mapped; 0: it was not.
  static u64 undone() {
    constexpr std::size_t kGivenMappedTaken = 3;
    const trace::Taken& taken = trace::taken();
    return taken.page_count == kGivenMappedTaken ? taken.pages[kGivenMappedTaken - 1] : 0;
  }
  // FNV-1a, word by word.
  static u64 checksum(u64 address) {
    u64 sum = REDOUBT_TRACE_CHECKSUM_START;
    for (u64 at = 0; at < PAGE_SIZE; at += 8)
      sum = (sum ^ el2::load<u64>(address + at)) * REDOUBT_TRACE_CHECKSUM_FACTOR;
    return sum;
  }
};

}  // namespace redoubt
