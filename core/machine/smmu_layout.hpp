// SPDX-License-Identifier: BSD-3-Clause
// SMMU banks, their table pool and the stamps of table pages: types, constants, addresses
// (digest 2.1, 2.4, 2.5).
#pragma once
#include "core/machine/field.hpp"
#include "core/machine/params.hpp"

namespace redoubt {

template <class W>
using ContextBank = Quantity<struct ContextBankTag, W>;  // cbndx: context bank within an SMMU, 0..7
template <class W>
using SmmuIndex = Quantity<struct SmmuIndexTag, W>;  // SMMU instance, 0..1
template <class W>
using SmmuBank = Quantity<struct SmmuBankTag, W>;  // configuration slot, 0..15: one root, one principal
template <class W>
using Ttbr = Quantity<struct TtbrTag, W>;  // address of a bank's root
template <class W>
using Iova = Quantity<struct IovaTag, W>;  // address that a device issues

inline constexpr u64 SMMU_NUM = 2;
inline constexpr u64 SMMU_NUM_CTXT_BANKS = 8;
inline constexpr u64 EL2_SMMU_CFG_SIZE = 16;
static_assert(SMMU_NUM * SMMU_NUM_CTXT_BANKS == EL2_SMMU_CFG_SIZE && SMMU_NUM_CTXT_BANKS == u64{1} << 3);

// The walk starts at level 1 on two concatenated pages: 1024 entries of 1 GiB each, 40-bit IOVA.
inline constexpr unsigned S2_PGDIR_SHIFT = 30;
inline constexpr u64 PTRS_PER_S2_PGD = 1024;
inline constexpr unsigned SMMU_ROOT_SHIFT = 13;
inline constexpr u64 SMMU_ROOT_SIZE = u64{1} << SMMU_ROOT_SHIFT;
inline constexpr unsigned SMMU_IOVA_BITS = 40;
static_assert(PTRS_PER_S2_PGD << S2_PGDIR_SHIFT == u64{1} << SMMU_IOVA_BITS &&
              PTRS_PER_S2_PGD * 8 == SMMU_ROOT_SIZE);

// Zones of the pool, named after the entry that points to their pages: pgd pages hold PMD entries (level 2),
// pmd pages hold PTEs (level 3).
enum class SmmuZone : std::uint32_t { pgd = 0, pmd = 1 };

// Access flag and inner shareability, which every SMMU leaf carries (designs out W14: 0x10000 in the digest).
inline constexpr u64 PTE_AF_OR_SH_IS =
    Stage2Leaf::AccessFlag::put(u64{1}) | Stage2Leaf::Shareability::put(u64{3});
static_assert(PTE_AF_OR_SH_IS == 0x700);

template <class W>
constexpr SmmuBank<W> smmu_id(ContextBank<W> cbndx, SmmuIndex<W> index) {
  return SmmuBank<W>((index.raw << 3) + cbndx.raw);
}

// [roots, pgd) sixteen roots of 8 KiB; [pgd, pmd) and [pmd, end) zones of table pages, shared by all banks.
template <class W>
struct SmmuPool {
  Pa<W> roots, pgd, pmd, end;
};

// `stage2_base`: where the stage-2 pools of the platform start.
template <class P, class W>
constexpr SmmuPool<W> smmu_pool_of(W stage2_base) {
  const W start = P::smmu_own_space ? W(P::smmu_pool_base) : stage2_base + W(smmu_pool_offset<P>());
  return {Pa<W>(start), Pa<W>(start + W(P::smmu.pgd_offset)), Pa<W>(start + W(P::smmu.pmd_offset)),
          Pa<W>(start + W(P::smmu.size))};
}

// Who took a table page, and in which generation of that bank. Emptying a bank raises its generation, which
// gives back all its pages in one store; a page is live while its stamp is that of its bank.
struct TableStamp {
  using BankPlusOne = Field<7, 0>;  // 0: never taken
  using Generation = Field<63, 8>;

  template <class W>
  static constexpr W of(SmmuBank<W> bank, W generation) {
    return BankPlusOne::put(bank.raw + W(1)) | Generation::put(generation);
  }
};
static_assert(round_trips<TableStamp::Generation>(0xabcdef, ~u64{0}) &&
              EL2_SMMU_CFG_SIZE < TableStamp::BankPlusOne::max);

}  // namespace redoubt
