// SPDX-License-Identifier: BSD-3-Clause
// What a machine with SMMUs must offer beside Machine: table memory, stamps, bank owners, topology, and to
// change live tables also invalidation.
#pragma once
#include "core/machine/machine.hpp"
#include "core/machine/smmu_layout.hpp"

namespace redoubt {

// Only the SMMU layers need it; a machine without is a Machine all the same. Single effects; none can fail.
template <class M>
concept SmmuTableMachine =
    Machine<M> && requires(M& m, typename M::Word w, Pa<typename M::Word> pa, Descriptor<typename M::Word> d,
                           SmmuZone z, SmmuBank<typename M::Word> bank, SmmuIndex<typename M::Word> index) {
      // Table memory, one single-copy atomic 64-bit access each (lock spt). Where SMMU walks are not
      // coherent, a store also cleans its line to the point of coherency.
      { m.spt_load(pa) } -> std::same_as<Descriptor<typename M::Word>>;
      { m.spt_store(pa, d) };
      { m.spt_zero(pa, w) };  // w bytes, a multiple of 8, by such stores of zero
      { m.spt_next(z) } -> std::same_as<Pa<typename M::Word>>;  // bump pointer of a zone
      { m.set_spt_next(z, pa) };

      // Records beside the tables (lock spt): stamp of a table page, generation of a bank.
      { m.spt_stamp(pa) } -> std::same_as<typename M::Word>;
      { m.set_spt_stamp(pa, w) };
      { m.spt_generation(bank) } -> std::same_as<typename M::Word>;
      { m.set_spt_generation(bank, w) };

      // Owner of a bank (lock smmu), and topology (boot constants).
      { m.smmu_vmid(bank) } -> std::same_as<typename M::Word>;
      { m.set_smmu_vmid(bank, w) };
      { m.smmu_num() } -> std::same_as<typename M::Word>;
      { m.smmu_num_context_banks(index) } -> std::same_as<typename M::Word>;
      { m.smmu_size(index) } -> std::same_as<typename M::Word>;
      { m.smmu_base(index) } -> std::same_as<typename M::Word>;
      { m.smmu_pgshift(index) } -> std::same_as<typename M::Word>;

      // DSB ST, full system: earlier table stores are seen by every SMMU walk that starts later.
      { m.dsb_st() };
    };

// Without invalidation tables can be built, but not changed where an SMMU may have cached them.
template <class M>
concept SmmuMachine =
    SmmuTableMachine<M> && requires(M& m, SmmuBank<typename M::Word> bank, Iova<typename M::Word> iova) {
      // Invalidation of translations and walk caches (SMMU_CBn_TLBIIPAS2, SMMU_TLBIVMID; SMMUv3
      // CMD_TLBI_S2_IPA, CMD_TLBI_S12_VMALL); complete only after the sync (SMMU_CBn_TLBSYNC; CMD_SYNC),
      // which waits.
      { m.smmu_tlbi_iova(bank, iova) };
      { m.smmu_tlbi_bank(bank) };
      { m.smmu_tlb_sync(bank) };
    };

}  // namespace redoubt
