// SPDX-License-Identifier: BSD-3-Clause
// The words of a vCPU's mailbox (struct redoubt_vcpu_mailbox, R23), and what a machine with mailboxes offers.
#pragma once
#include <cstddef>

#include "abi/redoubt.h"
#include "core/machine/cpu_machine.hpp"
#include "core/machine/field.hpp"

namespace redoubt {

// What the host answers; each read is one load of what it can change at any time. `mmio_data` is
// HostField::gpr.
enum class HostAnswer : std::uint32_t { mmio_abort, spi_count, spi, count };
// What the core shows at an exit; each write is one store. `data` is show_host_gpr's.
enum class ShownWord : std::uint32_t {
  exit,
  wake,
  address,
  size,
  is_write,
  deadline,
  runnable,
  spi_taken,
  spi_active,
  count
};

inline constexpr u64 MAILBOX_SPIS = 4;     // spi[]
inline constexpr u64 MAILBOX_ACTIVES = 4;  // spi_active[]

// One entry of spi[], as the 32 bits that it is.
struct SpiEntry {
  using Intid = Field<15, 0>;
  using Priority = Field<23, 16>;
};

// Where a word stands in the structure, in bytes; its elements follow each other.
struct MailboxPlace {
  u64 offset, bytes;
};
constexpr MailboxPlace mailbox_place(HostAnswer which) {
  switch (which) {
    case HostAnswer::mmio_abort:
      return {offsetof(redoubt_vcpu_mailbox, mmio_abort), 4};
    case HostAnswer::spi_count:
      return {offsetof(redoubt_vcpu_mailbox, spi_count), 4};
    case HostAnswer::spi:
    case HostAnswer::count:
      break;
  }
  return {offsetof(redoubt_vcpu_mailbox, spi), 4};
}
// long: one case a word
constexpr MailboxPlace mailbox_place(ShownWord which) {
  switch (which) {
    case ShownWord::exit:
      return {offsetof(redoubt_vcpu_mailbox, exit), 4};
    case ShownWord::wake:
      return {offsetof(redoubt_vcpu_mailbox, wake), 4};
    case ShownWord::address:
      return {offsetof(redoubt_vcpu_mailbox, address), 8};
    case ShownWord::size:
      return {offsetof(redoubt_vcpu_mailbox, size), 4};
    case ShownWord::is_write:
      return {offsetof(redoubt_vcpu_mailbox, is_write), 4};
    case ShownWord::deadline:
      return {offsetof(redoubt_vcpu_mailbox, deadline), 8};
    case ShownWord::runnable:
      return {offsetof(redoubt_vcpu_mailbox, runnable), 4};
    case ShownWord::spi_taken:
      return {offsetof(redoubt_vcpu_mailbox, spi_taken), 4};
    case ShownWord::spi_active:
    case ShownWord::count:
      break;
  }
  return {offsetof(redoubt_vcpu_mailbox, spi_active), 8};
}
static_assert(sizeof(redoubt_vcpu_mailbox) <= PAGE_SIZE && sizeof(redoubt_vcpu_mailbox::spi[0]) == 4);
static_assert(SpiEntry::Priority::lo ==
              8 * offsetof(std::remove_reference_t<decltype(redoubt_vcpu_mailbox::spi[0])>, priority));

// Single effects; none can fail. The last word of both: which element, below 4, of spi[] and spi_active[];
// else 0.
template <class M>
concept MailboxMachine =
    HostValueMachine<M> && requires(M& m, typename M::Word w, VmId<typename M::Word> vmid,
                                    VcpuId<typename M::Word> vcpuid, HostAnswer answer, ShownWord shown) {
      { m.mailbox_read(answer, vmid, vcpuid, w) } -> std::same_as<typename M::Word>;
      { m.mailbox_write(shown, vmid, vcpuid, w, w) };  // w, value
    };

}  // namespace redoubt
