// SPDX-License-Identifier: BSD-3-Clause
// Specification of the host's calls about VMs: arguments and results of abi/redoubt.h (upper digest 2.2).
#pragma once
#include <array>

#include "abi/redoubt.h"
#include "spec/trap/fault_handler.hpp"

namespace redoubt::spec {

// The digest's numbers and what they have become: 13 REGISTER_KVM and 10 SET_BOOT_INFO are VM_CREATE, 14
// REGISTER_VCPU is VCPU_CREATE, 11 REMAP_VM_IMAGE is VM_DONATE_IMAGE, 12 VERIFY_VM_IMAGES is VM_VERIFY, 9
// CLEAR_VM_S2_RANGE is VM_RECLAIM, 8 VCPU_RUN has a handler of its own. A wrong argument is an error, not a
// halt (R2).
template <ValueDomain D, class P, class Below = FaultHandler<D, P>>
class HostCalls : public Below {
 public:
  using Base = Below;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Ipa;
  using typename Base::Pfn;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;
  using LoadIndex = redoubt::LoadIndex<Word>;

  void host_hvc_dispatcher() {
    if (s.halt) {
      return;
    }
    const VmId host{Word(HOSTVISOR)};
    const VcpuId cpu(s.cpu.cur_vcpuid);
    for (std::uint64_t n = 0; n < 6; ++n) {
      x_[n] = this->at(host, cpu, reg::x0 + n);
    }
    results_ = 0;
    const Status status = answer();
    this->put(host, cpu, reg::x0, code(status));
    for (std::uint64_t n = 1; n <= results_; ++n) {
      this->put(host, cpu, reg::x0 + n, result_[n - 1]);
    }
  }

 protected:
  using Base::s;

  static Word code(Status status) {
    return Word(
        static_cast<std::uint64_t>(status == Status::unchanged ? 0 : static_cast<std::int64_t>(status)));
  }

 private:
  // w0: bits 31 to 0, of which bit 16 means nothing.
  bool called(std::uint64_t number) { return bool((x_[0] & Word(0xfffe'ffff)) == Word(number)); }
  Status answer() {
    if (called(REDOUBT_HOST_VM_CREATE)) {
      return create();
    }
    if (called(REDOUBT_HOST_VCPU_CREATE)) {
      return create_vcpu();
    }
    if (called(REDOUBT_HOST_VM_DONATE_IMAGE)) {
      return give_image();
    }
    if (called(REDOUBT_HOST_VM_VERIFY)) {
      return verify();
    }
    if (called(REDOUBT_HOST_VM_DONATE)) {
      return give_memory();
    }
    if (called(REDOUBT_HOST_VM_MAP_BLOCK)) {
      return map_block();
    }
    if (called(REDOUBT_HOST_VM_STOP)) {
      return names_vm() ? this->stop_vm(vm()) : Status::invalid_parameter;
    }
    if (called(REDOUBT_HOST_VM_RECLAIM)) {
      return reclaim();
    }
    if (called(REDOUBT_HOST_VM_DESTROY)) {
      return names_vm() ? this->destroy_vm(vm()) : Status::invalid_parameter;
    }
    return called(REDOUBT_HOST_VM_INFO) ? info() : Status::not_supported;
  }

  VmId vm() { return VmId(x_[1]); }
  bool names_vm() { return bool(both(Word(1) <= x_[1], x_[1] <= Word(15))); }
  void give(Word value) { result_[results_++] = value; }

  // pa 4 KiB aligned, pa + pages * 4 KiB at most 2^40.
  static bool frames(Word pa, Word pages) {
    const Word end(std::uint64_t{1} << 40);
    return bool(both((pa & Word(0xfff)) == Word(0), pa < end, pages <= ((end - pa) >> 12)));
  }
  // 1 to 32.
  static bool batch(Word pages) { return bool(pages != Word(0)) && bool(pages < Word(33)); }
  // The same for guest addresses.
  static bool guest(Word addr, Word bytes) {
    const Word end(std::uint64_t{1} << P::ipa_bits);
    return bool(both((addr & Word(0xfff)) == Word(0), addr < end, bytes <= end - addr));
  }
  // One page after the other; x1: how many before the first refusal.
  template <class One>
  Status each(Word pages, One one) {
    Word given(0);
    for (; bool(this->loop_round(given) < pages); given = given + Word(1)) {
      const Status status = one(given);
      if (!succeeded(status)) {
        give(given);
        return status;
      }
    }
    give(given);
    return Status::ok;
  }

  Status create() {
    if (!frames(x_[1], Word(1)) || !bool(both(Word(1) <= x_[2], x_[2] <= Word(4096)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const bool of_host(this->get_pfn_owner(Pfn(x_[1] >> 12)) == Word(HOSTVISOR));
    if (of_host) {
      this->fetch_manifest(Pfn(x_[1] >> 12));
    }
    this->release_lock_s2page();
    if (!of_host) {
      return Status::denied;
    }
    const Status admitted = this->admit_manifest(x_[2]);
    return admitted == Status::ok ? make() : admitted;
  }
  Status make() {
    const VmId v = this->register_kvm();
    if (v.raw == Word(0) || v.raw > Word(15)) {
      return Status::no_memory;
    }
    this->guest_event(GuestEvent::create, v.raw, Word(0), Word(0), Word(0));
    const auto said = [&](ManifestWord word, std::uint64_t image = 0, std::uint64_t n = 0) {
      return this->manifest_word(word, Word(image), Word(n));
    };
    const Status laid_out = this->set_vm_layout(v, Ipa(said(ManifestWord::memory_base)),
                                                said(ManifestWord::memory_size), said(ManifestWord::entry),
                                                said(ManifestWord::device_tree), said(ManifestWord::vcpus));
    bool good = succeeded(laid_out);
    if (good) {
      for (std::uint64_t i = 0; i < 5 && good && bool(said(ManifestWord::images) > Word(i)); ++i) {
        const Word number = this->set_boot_info(v, Ipa(said(ManifestWord::image_address, i)),
                                                said(ManifestWord::image_size, i));
        for (std::uint64_t n = 0; n < 8; ++n) {
          this->set_image_digest(v, LoadIndex(Word(i)), Word(n), said(ManifestWord::image_digest, i, n));
        }
        good = bool(number == Word(i));
      }
    }
    if (!good) {
      this->set_vm_poweroff(v);
      this->destroy_vm(v);
      return Status::invalid_parameter;
    }
    this->keep_manifest();
    give(v.raw);
    return this->open_vm(v);
  }

  Status create_vcpu() {
    if (!names_vm() || bool(x_[2] > Word(7))) {
      return Status::invalid_parameter;
    }
    const VcpuId c(x_[2]);
    const Status status = this->register_vcpu(vm(), c);
    if (succeeded(status)) {
      give(s.records.mailboxes + vm().raw * Word(0x9000) + Word(0x1000) + (c.raw << 12));
    }
    return status;
  }

  Status give_image() {
    if (!names_vm() || bool(x_[2] > Word(4)) || !batch(x_[4]) || !frames(x_[3], x_[4])) {
      give(Word(0));
      return Status::invalid_parameter;
    }
    return each(x_[4],
                [&](Word n) { return this->remap_vm_image(vm(), Pfn((x_[3] >> 12) + n), LoadIndex(x_[2])); });
  }
  Status verify() {
    if (!names_vm()) {
      return Status::invalid_parameter;
    }
    const Status status = this->verify_and_load_images(vm());
    if (status == Status::again) {
      give(this->get_verify_left(vm()));
    }
    return status;
  }
  Status give_memory() {
    const bool good = names_vm() && batch(x_[4]) && frames(x_[3], x_[4]) && guest(x_[2], x_[4] << 12) &&
                      bool(x_[5] < Word(2));
    if (!good) {
      give(Word(0));
      return Status::invalid_parameter;
    }
    const bool mapped(x_[5] == Word(1));
    return each(x_[4], [&](Word n) {
      const Ipa addr(x_[2] + (n << 12));
      const Pfn pfn((x_[3] >> 12) + n);
      return mapped ? this->donate_vm_page(vm(), addr, pfn) : this->donate_vm_block_page(vm(), addr, pfn);
    });
  }
  Status map_block() {
    const Word low(0x1f'ffff);
    const bool aligned = bool(((x_[2] | x_[3]) & low) == Word(0));
    if (!names_vm() || !aligned || !frames(x_[3], Word(512)) || !guest(x_[2], Word(0x20'0000))) {
      return Status::invalid_parameter;
    }
    return this->map_vm_block(vm(), Ipa(x_[2]), Pfn(x_[3] >> 12));
  }
  Status reclaim() {
    if (!names_vm() || !batch(x_[3]) || !frames(x_[2], x_[3])) {
      give(Word(0));
      return Status::invalid_parameter;
    }
    const Word done = this->clear_vm_stage2_range(vm(), Pfn(x_[2] >> 12), x_[3]);
    give(done);
    return bool(done == x_[3]) ? Status::ok : Status::denied;
  }
  Status info() {
    if (!names_vm()) {
      return Status::invalid_parameter;
    }
    give(this->query_vm_state(vm()));
    give(this->count_vm_pages(vm()));
    give(this->count_shared_pages(vm()));
    return Status::ok;
  }

  std::array<Word, 6> x_{Word(0), Word(0), Word(0), Word(0), Word(0), Word(0)};
  std::array<Word, 3> result_{Word(0), Word(0), Word(0)};
  std::uint64_t results_ = 0;
};

}  // namespace redoubt::spec
