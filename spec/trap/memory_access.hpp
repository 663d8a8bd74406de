// SPDX-License-Identifier: BSD-3-Clause
// Specification of loads and stores of principals and devices, as steps (upper digest 1.13, 3.6).
#pragma once
#include "spec/spt/mmio_spt_ops.hpp"
#include "spec/trap/trap_handler_raw.hpp"

namespace redoubt::spec {

// The first word of a page stands for what an access reaches. A page that is shared, and what is no memory,
// holds any value.
template <ValueDomain D, class P, class Below>
class MemoryAccess : public Below {
 public:
  using Base = Below;
  using Base::Base;
  using typename Base::Ipa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using Frame = redoubt::Gfn<Word>;
  using Bank = redoubt::ContextBank<Word>;
  using Smmu = redoubt::SmmuIndex<Word>;

  Status mem_load(Frame gfn, Word reg) {
    return by_table(gfn, reg, [&](const Word& frame) { return load(frame, reg); });
  }
  Status mem_store(Frame gfn, Word reg) {
    return by_table(gfn, reg, [&](const Word& frame) { return store(frame, reg); });
  }
  Status dev_load(Frame gfn, Word reg, Bank bank, Smmu smmu) {
    return by_bank(gfn, reg, bank, smmu, [&](const Word& frame) { return load(frame, reg); });
  }
  Status dev_store(Frame gfn, Word reg, Bank bank, Smmu smmu) {
    return by_bank(gfn, reg, bank, smmu, [&](const Word& frame) { return store(frame, reg); });
  }

 protected:
  using Base::s;

 private:
  template <class Move>
  Status by_table(Frame gfn, Word reg, Move move) {
    if (s.halt) {
      return Status::ok;
    }
    somebody_is_loaded();
    if (gfn.raw >= Word(u64{1} << (P::ipa_bits - 12)) || reg > Word(30)) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Status status = move(this->walk_to_pfn(VmId(s.cpu.cur_vmid), Ipa(gfn.raw << 12)));
    this->release_lock_s2page();
    return status;
  }
  template <class Move>
  Status by_bank(Frame gfn, Word reg, Bank bank, Smmu smmu, Move move) {
    if (s.halt) {
      return Status::ok;
    }
    somebody_is_loaded();
    if (!both(gfn.raw < Word(u64{1} << 28), reg <= Word(30), bank.raw < Word(8), smmu.raw < Word(2))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_smmu();
    Status status = Status::denied;
    if (s.smmu.smmu_vmid.read(smmu.raw * Word(8) + bank.raw, Word(0)) == s.cpu.cur_vmid) {
      this->acquire_lock_s2page();
      const Word leaf = MmioSptOps<D, P>(s).walk_spt(bank, smmu, redoubt::Iova<Word>(gfn.raw << 12)).raw;
      status = (leaf & Word(1)) == Word(0) ? Status::not_found : move(frame_of(leaf) >> 12);
      this->release_lock_s2page();
    }
    this->release_lock_smmu();
    return status;
  }
  void somebody_is_loaded() { this->stuck_unless("the host or a VM is loaded", s.cpu.cur_vmid < Word(16)); }

  // Owned by somebody, and by nobody else's leave written.
  bool alone(const Word& frame) {
    if (frame >= Word(u64{1} << 28)) {
      return false;
    }
    const bool owned(this->get_pfn_owner(Pfn(frame)) != Word(INVALID));
    return owned && bool(this->get_pfn_count(Pfn(frame)) == Word(0));
  }
  Status load(const Word& frame, const Word& reg) {
    if (frame == Word(INVALID64)) {
      return Status::not_found;
    }
    const Word value =
        alone(frame) ? s.content.contents.read(frame, Word(0)) : this->next_datum(s.cpu.cur_vmid);
    s.cpu.hw.write(Word(0), reg, value);
    return Status::ok;
  }
  Status store(const Word& frame, const Word& reg) {
    if (frame == Word(INVALID64)) {
      return Status::not_found;
    }
    if (alone(frame)) {
      s.content.contents.write(frame, Word(0), s.cpu.hw.read(Word(0), reg));
    }
    return Status::ok;
  }
};

}  // namespace redoubt::spec
