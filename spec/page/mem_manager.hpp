// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 16, MemManager, as far as it stands: what the host may map (upper digest 1.2, R11).
#pragma once
#include "spec/page/page_manager.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class MemManager : public PageManager<D, P> {
 public:
  using Base = PageManager<D, P>;
  using Base::Base;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;

  // After success the host's table maps the frame of `addr` to itself, normal memory or device, at page or
  // block level.
  Status map_page_host(Ipa addr) {
    if (addr.raw >= Word(u64{1} << P::ipa_bits)) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Status status = decide(Pfn(addr.raw >> 12));
    this->release_lock_s2page();
    return status;
  }

 protected:
  using Base::s;

 private:
  enum class Kind { refused, memory, shared_memory, device };

  Kind kind_of(Pfn pfn) {
    const Word owner = this->get_pfn_owner(pfn);
    if (owner == Word(HOSTVISOR)) {
      return Kind::memory;
    }
    if (owner == Word(INVALID)) {
      const bool listed = bool(s.host_device.read(pfn.raw, Word(0)) != Word(0));
      return listed ? Kind::device : Kind::refused;
    }
    const bool shared = bool(this->get_pfn_count(pfn) != Word(0));
    return shared ? Kind::shared_memory : Kind::refused;
  }
  bool whole_block(Kind kind, Pfn first) {
    if (kind == Kind::memory) {
      return bool(this->is_host_block(first));
    }
    if (kind != Kind::device) {
      return false;
    }
    const Word window = s.host_device.read(first.raw, Word(0));
    if (window == Word(0)) {
      return false;
    }
    return bool(s.d->for_all(Word(PMD_PAGE_NUM),
                             [&](Word i) { return s.host_device.read(first.raw + i, Word(0)) == window; }));
  }

  Status decide(Pfn pfn) {
    const Kind kind = kind_of(pfn);
    if (kind == Kind::refused) {
      return Status::denied;
    }
    const Word attributes = Word(kind == Kind::device ? 0x0040'0000'0000'07c7 : 0xfff);
    const Pfn first((pfn.raw >> 9) << 9);
    const VmId host{Word(0)};
    if (whole_block(kind, first)) {
      const Word at = first.raw << 12;
      const Descriptor leaf(at | (attributes & Word(~u64{2})));
      const Status status = this->try_map_s2pt(host, Ipa(at), Level::block, leaf);
      if (succeeded(status)) {
        return status;
      }
    }
    const Word at = pfn.raw << 12;
    return this->try_map_s2pt(host, Ipa(at), Level::page, Descriptor(at | attributes));
  }
};

}  // namespace redoubt::spec
