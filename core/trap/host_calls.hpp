// SPDX-License-Identifier: BSD-3-Clause
// The part of TrapDispatcher that answers the host's calls about VMs: abi/redoubt.h says what each means.
#pragma once
#include <array>

#include "abi/bundle.h"
#include "abi/redoubt.h"
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/guest_machine.hpp"
#include "core/machine/manifest_machine.hpp"
#include "core/machine/types.hpp"
#include "core/vm/vm_record.hpp"

namespace redoubt {

// Arguments are 64-bit words that the host chose. Each function first checks every one of them; what is out
// of range is invalid_parameter, with nothing done. Whether the call makes sense for that VM, layers below
// decide.
template <class Lower>
class HostCalls : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Ipa;
  using typename Lower::LoadIndex;
  using typename Lower::Params;
  using typename Lower::Pfn;
  using typename Lower::VcpuId;
  using typename Lower::VmId;
  using typename Lower::Word;

  struct Answer {
    Status status = Status::not_supported;
    u64 results = 0;  // how many of x are x1, x2, x3
    std::array<Word, 3> x{Word(0), Word(0), Word(0)};
  };
  struct Arguments {
    Word a, b, c, d, e;  // x1 to x5
  };

  // long: one case a call
  Answer host_call(Word call, Arguments x) {
    const auto is = [&](u64 number) { return bool(call == Word(number)); };
    if (is(REDOUBT_HOST_VM_CREATE)) {
      return vm_create(x.a, x.b);
    }
    if (is(REDOUBT_HOST_VCPU_CREATE)) {
      return vcpu_create(x.a, x.b);
    }
    if (is(REDOUBT_HOST_VM_DONATE_IMAGE)) {
      return vm_donate_image(x.a, x.b, x.c, x.d);
    }
    if (is(REDOUBT_HOST_VM_VERIFY)) {
      return vm_verify(x.a);
    }
    if (is(REDOUBT_HOST_VM_DONATE)) {
      return vm_donate(x);
    }
    if (is(REDOUBT_HOST_VM_MAP_BLOCK)) {
      return vm_map_block(x.a, x.b, x.c);
    }
    if (is(REDOUBT_HOST_VM_STOP)) {
      return for_vm(x.a, [&](VmId vmid) { return this->stop_vm(vmid); });
    }
    if (is(REDOUBT_HOST_VM_RECLAIM)) {
      return vm_reclaim(x.a, x.b, x.c);
    }
    if (is(REDOUBT_HOST_VM_DESTROY)) {
      return for_vm(x.a, [&](VmId vmid) { return this->destroy_vm(vmid); });
    }
    if (is(REDOUBT_HOST_VM_INFO)) {
      return vm_info(x.a);
    }
    return {};
  }

  static Bool is_vm_number(Word vmid) { return both(Word(1) <= vmid, vmid <= Word(MAX_VM_NUM)); }

 private:
  static Answer failed(Status status) { return {status, 0, {Word(0), Word(0), Word(0)}}; }
  static Answer one(Status status, Word value) { return {status, 1, {value, Word(0), Word(0)}}; }

  // --- what an argument must be ---
  static Bool is_multiple(Word value, u64 unit) { return (value & Word(unit - 1)) == Word(0); }
  // `pages` whole frames from `pa`, inside physical addresses.
  static Bool is_frames(Word pa, Word pages) {
    const Word frame = pa >> PAGE_SHIFT;
    return both(is_multiple(pa, PAGE_SIZE), frame < Word(KVM_PFN_SPACE),
                pages <= Word(KVM_PFN_SPACE) - frame);
  }
  static Bool is_batch(Word pages) {
    return both(Word(1) <= pages, pages <= Word(Lower::seeded(Fault::batch_of_33) ? 33 : PAGES_PER_CALL));
  }
  static Bool is_guest_range(Word addr, Word bytes) {
    const Word end(u64{1} << Params::ipa_bits);
    return both(is_multiple(addr, PAGE_SIZE), addr < end, bytes <= end - addr);
  }

  template <class Act>
  Answer for_vm(Word vmid, Act act) {
    if (negation(is_vm_number(vmid))) {
      return failed(Status::invalid_parameter);
    }
    return failed(act(VmId(vmid)));
  }
  // Pages one after the other, up to the first that is refused.
  template <class Act>
  Answer page_by_page(Word pages, Act act) {
    Word done(0);
    while (this->loop_round(done) < pages) {
      const Status status = act(done);
      if (!succeeded(status) && !Lower::seeded(Fault::donation_goes_on)) {
        return one(status, Lower::seeded(Fault::donation_counts_refused) ? done + Word(1) : done);
      }
      done = done + Word(1);
    }
    return one(Status::ok, done);
  }

  // --- the calls ---
  Answer vm_create(Word pa, Word bytes) {
    const Bool fits = both(Word(1) <= bytes, bytes <= Word(REDOUBT_MANIFEST_BYTES));
    if (negation(both(is_frames(pa, Word(1)), fits))) {
      return failed(Status::invalid_parameter);
    }
    if (!take_manifest(Pfn(pa >> PAGE_SHIFT))) {
      return failed(Status::denied);
    }
    const Status status = this->admit_manifest(bytes);
    return status == Status::ok ? create_from_manifest() : failed(status);
  }
  // The page is copied while it is the host's.
  bool take_manifest(Pfn pfn) {
    this->acquire_lock_s2page();
    const bool of_host =
        Lower::seeded(Fault::manifest_from_anybody) || bool(this->get_pfn_owner(pfn) == Word(HOSTVISOR));
    if (of_host) {
      this->fetch_manifest(pfn);
    }
    this->release_lock_s2page();
    return of_host;
  }
  Answer create_from_manifest() {
    const VmId vmid = this->register_kvm();
    if (negation(is_vm_number(vmid.raw))) {
      return failed(Status::no_memory);
    }
    this->guest_event(GuestEvent::create, vmid.raw, Word(0), Word(0), Word(0));
    if (!describe(vmid)) {
      this->set_vm_poweroff(vmid);
      this->destroy_vm(vmid);
      return failed(Status::invalid_parameter);
    }
    this->keep_manifest();
    return one(this->open_vm(vmid), vmid.raw);
  }
  // All that the manifest says, in the record of a VM that is MAPPED: nobody else can touch it.
  bool describe(VmId vmid) {
    const Status status = this->set_vm_layout(vmid, Ipa(said(ManifestWord::memory_base)),
                                              said(ManifestWord::memory_size), said(ManifestWord::entry),
                                              said(ManifestWord::device_tree), said(ManifestWord::vcpus));
    bool good = succeeded(status);
    for (u64 i = 0; i < MAX_LOAD_INFO_NUM && good; ++i) {
      if (Word(i) < said(ManifestWord::images)) {
        good = announce_image(vmid, i);
      }
    }
    return good;
  }
  bool announce_image(VmId vmid, u64 i) {
    const Word image = this->set_boot_info(vmid, Ipa(said(ManifestWord::image_address, i)),
                                           said(ManifestWord::image_size, i));
    for (u64 n = 0; n < DIGEST_WORDS; ++n) {
      this->set_image_digest(vmid, LoadIndex(Word(i)), Word(n), said(ManifestWord::image_digest, i, n));
    }
    return bool(image == Word(i));
  }
  Word said(ManifestWord word, u64 image = 0, u64 index = 0) {
    return this->manifest_word(word, Word(image), Word(index));
  }

  Answer vcpu_create(Word vmid, Word vcpu) {
    if (negation(both(is_vm_number(vmid), vcpu < Word(VCPU_PER_VM)))) {
      return failed(Status::invalid_parameter);
    }
    const VmId v(vmid);
    const VcpuId c(vcpu);
    const Status status = this->register_vcpu(v, c);
    if (!succeeded(status)) {
      return failed(status);
    }
    return one(Status::ok, this->get_shared_vcpu(v, c));
  }

  Answer vm_donate_image(Word vmid, Word image, Word pa, Word pages) {
    const Bool range = both(is_batch(pages), is_frames(pa, pages));
    if (negation(both(is_vm_number(vmid), image < Word(MAX_LOAD_INFO_NUM), range))) {
      return one(Status::invalid_parameter, Word(0));
    }
    const Word first = pa >> PAGE_SHIFT;
    return page_by_page(
        pages, [&](Word i) { return this->remap_vm_image(VmId(vmid), Pfn(first + i), LoadIndex(image)); });
  }

  Answer vm_verify(Word vmid) {
    if (negation(is_vm_number(vmid))) {
      return failed(Status::invalid_parameter);
    }
    const Status status = this->verify_and_load_images(VmId(vmid));
    return status == Status::again ? one(status, this->get_verify_left(VmId(vmid))) : failed(status);
  }

  Answer vm_donate(Arguments x) {
    const Word pages = x.d;
    const Bool range = both(is_batch(pages), is_frames(x.c, pages), is_guest_range(x.b, pages << PAGE_SHIFT));
    if (negation(both(is_vm_number(x.a), range, x.e <= Word(REDOUBT_DONATE_MAP)))) {
      return one(Status::invalid_parameter, Word(0));
    }
    const VmId vmid(x.a);
    const Word first = x.c >> PAGE_SHIFT;
    const bool map(x.e == Word(REDOUBT_DONATE_MAP));
    return page_by_page(pages, [&](Word i) {
      const Ipa addr(x.b + (i << PAGE_SHIFT));
      const Pfn pfn(first + i);
      return map ? this->donate_vm_page(vmid, addr, pfn) : this->donate_vm_block_page(vmid, addr, pfn);
    });
  }

  Answer vm_map_block(Word vmid, Word addr, Word pa) {
    const Bool blocks = both(is_multiple(addr, PMD_SIZE), is_multiple(pa, PMD_SIZE));
    const Bool inside = both(is_frames(pa, Word(PMD_PAGE_NUM)), is_guest_range(addr, Word(PMD_SIZE)));
    if (negation(both(is_vm_number(vmid), blocks, inside))) {
      return failed(Status::invalid_parameter);
    }
    return failed(this->map_vm_block(VmId(vmid), Ipa(addr), Pfn(pa >> PAGE_SHIFT)));
  }

  Answer vm_reclaim(Word vmid, Word pa, Word pages) {
    if (negation(both(is_vm_number(vmid), is_batch(pages), is_frames(pa, pages)))) {
      return one(Status::invalid_parameter, Word(0));
    }
    const Word done = this->clear_vm_stage2_range(VmId(vmid), Pfn(pa >> PAGE_SHIFT), pages);
    return one(done == pages ? Status::ok : Status::denied, done);
  }

  Answer vm_info(Word vmid) {
    if (negation(is_vm_number(vmid))) {
      return failed(Status::invalid_parameter);
    }
    const VmId v(vmid);
    return {Status::ok, 3, {this->query_vm_state(v), this->count_vm_pages(v), this->count_shared_pages(v)}};
  }
};

}  // namespace redoubt
