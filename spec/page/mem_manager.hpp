// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 16, MemManager: who owns a page, who may map it, what it holds (upper digest 1.2,
// R9, R11).
#pragma once
#include "spec/page/sealed_pages.hpp"

namespace redoubt::spec {

// Effects on a page in the order: translations of those who lose it, its content, its owner.
template <ValueDomain D, class P>
class MemManager : public SealedPages<D, P> {
 public:
  using Base = SealedPages<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::Pa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using Frame = redoubt::Gfn<Word>;

  // After success the host's table maps the frame of `addr` to itself, normal memory or device, at page or
  // block level.
  Status map_page_host(Ipa addr) {
    if (addr.raw >= Word(u64{1} << P::ipa_bits)) {
      return Status::invalid_parameter;
    }
    return locked([&] { return decide(Pfn(addr.raw >> 12)); });
  }

  // After success the page is the VM's at `gfn`, nobody else's, and holds what the host put there / zero.
  Status assign_pfn_to_vm(VmId vmid, Frame gfn, Pfn pfn) {
    return assign(vmid, gfn, pfn, [&] { given_content(vmid, pfn); });
  }
  Status assign_zeroed_pfn_to_vm(VmId vmid, Frame gfn, Pfn pfn) {
    return assign(vmid, gfn, pfn, [&] { zero(pfn); });
  }

  // After success the page is the host's, zero, and in no table.
  Status clear_vm_page(VmId vmid, Pfn pfn) {
    return of_vm(vmid, pfn, [&] {
      const Word gfn = this->get_pfn_map(pfn);
      if (gfn != Word(INVALID64)) {
        out_of_table(vmid, Ipa(gfn << 12));
      }
      this->clear_pfn_host(pfn);
      zero(pfn);
      count(vmid, 1, Word(0) - this->get_pfn_count(pfn));
      count(vmid, 0, ~Word(0));
      describe(pfn, Word(0), Word(0), Word(INVALID64));
      return Status::ok;
    });
  }

  // After success the VM's table maps its own page or block, normal memory with all rights, at its own
  // frames.
  Status map_pfn_vm(VmId vmid, Ipa addr, Descriptor pte, Level level) {
    if (!both(guest(vmid), addr.raw < Word(u64{1} << P::ipa_bits))) {
      return Status::invalid_parameter;
    }
    return locked([&] {
      const bool block = level == Level::block;
      const Word at = frame_of(pte.raw);
      if (!this->is_vm_run(vmid, Frame(addr.raw >> 12), Pfn(at >> 12), Word(block ? 512 : 1))) {
        return Status::denied;
      }
      return this->try_map_s2pt(vmid, addr, level, Descriptor(at | Word(block ? 0xffd : 0xfff)));
    });
  }
  Status map_vm_io(VmId, Ipa, Pa) { return Status::denied; }

  Status grant_vm_page(VmId vmid, Pfn pfn) {
    return of_vm(vmid, pfn, [&] {
      if (this->get_pfn_count(pfn) == Word(1)) {
        return Status::exists;
      }
      this->set_pfn_count(pfn, Word(1));
      count(vmid, 1, Word(1));
      return Status::ok;
    });
  }
  // After success the host's table does not map the page; it holds what the host wrote there last.
  Status revoke_vm_page(VmId vmid, Pfn pfn) {
    return of_vm(vmid, pfn, [&] {
      if (this->get_pfn_count(pfn) == Word(0)) {
        return Status::not_found;
      }
      this->clear_pfn_host(pfn);
      given_content(vmid, pfn);
      this->set_pfn_count(pfn, Word(0));
      count(vmid, 1, ~Word(0));
      return Status::ok;
    });
  }

  Word count_vm_pages(VmId vmid) { return total(vmid, 0); }
  Word count_shared_pages(VmId vmid) { return total(vmid, 1); }

 protected:
  using Base::s;

  static Bool guest(VmId vmid) { return both(vmid.raw != Word(0), vmid.raw < Word(16)); }

 private:
  enum class Kind { refused, memory, shared_memory, device };

  template <class Body>
  auto locked(Body body) {
    this->acquire_lock_s2page();
    const auto result = body();
    this->release_lock_s2page();
    return result;
  }

  // --- the host ---
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

  // --- the VMs ---
  // Runs body() in the section of a page that the VM owns.
  template <class Body>
  Status of_vm(VmId vmid, Pfn pfn, Body body) {
    if (!both(guest(vmid), pfn.raw < Word(u64{1} << 28))) {
      return Status::invalid_parameter;
    }
    return locked([&] { return this->get_pfn_owner(pfn) == vmid.raw ? body() : Status::denied; });
  }

  template <class Fill>
  Status assign(VmId vmid, Frame gfn, Pfn pfn, Fill fill) {
    const Bool frames = both(gfn.raw < Word(u64{1} << (P::ipa_bits - 12)), pfn.raw < Word(u64{1} << 28));
    if (!both(guest(vmid), frames)) {
      return Status::invalid_parameter;
    }
    return locked([&] {
      const Word owner = this->get_pfn_owner(pfn), seen = this->get_pfn_map(pfn);
      if (both(owner == vmid.raw, seen == gfn.raw)) {
        return Status::unchanged;
      }
      const bool late = bool(both(owner == vmid.raw, seen == Word(INVALID64)));
      if (!late && owner != Word(0)) {
        return Status::denied;
      }
      if (late) {
        this->set_pfn_map(pfn, gfn.raw);
        return Status::ok;
      }
      this->clear_pfn_host(pfn);
      fill();
      describe(pfn, vmid.raw, Word(0), gfn.raw);
      count(vmid, 0, Word(1));
      return Status::ok;
    });
  }
  // A page of 4 KiB goes; a block around it goes as a whole.
  void out_of_table(VmId vmid, Ipa addr) {
    const Status status = this->unmap_s2pt(vmid, addr);
    if (status == Status::exists) {
      this->drop_block_s2pt(vmid, addr);
    }
  }

  void describe(Pfn pfn, Word owner, Word shared, Word gfn) {
    this->set_pfn_owner(pfn, owner);
    this->set_pfn_count(pfn, shared);
    this->set_pfn_map(pfn, gfn);
  }
  void count(VmId vmid, u64 which, Word more) {
    if (!s.halt) {
      auto& totals = s.records.vm_total;
      totals.write(vmid.raw, Word(which), totals.read(vmid.raw, Word(which)) + more);
    }
  }
  Word total(VmId vmid, u64 which) {
    if (!guest(vmid)) {
      return Word(0);
    }
    return locked([&] { return s.halt ? Word(0) : s.records.vm_total.read(vmid.raw, Word(which)); });
  }

  // --- contents ---
  static constexpr u64 kCells = kPageCells<D>;

  void zero(Pfn pfn) {
    if (s.halt) {
      return;
    }
    for (u64 cell = 0; cell < kCells; ++cell) {
      s.content.contents.write(pfn.raw, Word(cell), Word(0));
    }
    s.tstate = Word(1);
  }
  // What others wrote: the next value of the principal's tape.
  void given_content(VmId vmid, Pfn pfn) {
    if (s.halt) {
      return;
    }
    const Word n = s.oracles.data_log.read(vmid.raw, Word(0));
    for (u64 cell = 0; cell < kCells; ++cell) {
      const Word tape = vmid.raw + Word(cell << 8);
      s.content.contents.write(pfn.raw, Word(cell), s.oracles.doracle.read(tape, n));
    }
    s.oracles.data_log.write(vmid.raw, Word(0), n + Word(1));
  }
};

}  // namespace redoubt::spec
