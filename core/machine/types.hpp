// SPDX-License-Identifier: BSD-3-Clause
// The vocabulary of the layers: distinct types for addresses, frames, principals and descriptors over any
// word.
#pragma once
#include <concepts>
#include <cstdint>

namespace redoubt {

// A word with a meaning. Two quantities of different meaning neither compare, assign nor mix; the only way in
// and out is `raw`. W is std::uint64_t on hardware and in the concrete domain, a solver term in the symbolic
// one.
template <class Tag, class W>
struct Quantity {
  W raw{};

  constexpr Quantity() = default;
  constexpr explicit Quantity(W value) : raw(value) {}

  friend constexpr auto operator==(Quantity a, Quantity b) { return a.raw == b.raw; }
  friend constexpr auto operator!=(Quantity a, Quantity b) { return a.raw != b.raw; }
  friend constexpr auto operator<(Quantity a, Quantity b) { return a.raw < b.raw; }
  friend constexpr auto operator<=(Quantity a, Quantity b) { return a.raw <= b.raw; }
  friend constexpr auto operator>(Quantity a, Quantity b) { return a.raw > b.raw; }
  friend constexpr auto operator>=(Quantity a, Quantity b) { return a.raw >= b.raw; }
  friend constexpr Quantity operator+(Quantity a, W offset) { return Quantity(a.raw + offset); }
  friend constexpr Quantity operator-(Quantity a, W offset) { return Quantity(a.raw - offset); }
};

template <class W>
using Pa = Quantity<struct PaTag, W>;  // physical address, bytes
template <class W>
using Ipa = Quantity<struct IpaTag, W>;  // intermediate physical address, bytes
template <class W>
using CoreVa = Quantity<struct CoreVaTag, W>;  // address in the core's window of boot images, bytes
template <class W>
using Pfn = Quantity<struct PfnTag, W>;  // physical page frame, Pa >> 12
template <class W>
using Gfn = Quantity<struct GfnTag, W>;  // guest page frame, Ipa >> 12
template <class W>
using VmId = Quantity<struct VmIdTag, W>;  // principal: 0 host, 1..15 VMs, 16 core
template <class W>
using VcpuId = Quantity<struct VcpuIdTag, W>;  // vCPU of a principal: 0..7
template <class W>
using ContextId = Quantity<struct ContextIdTag, W>;  // saved context: vmid * 8 + vcpuid
template <class W>
using Vttbr = Quantity<struct VttbrTag, W>;  // VMID << 48 | root table address
template <class W>
using Descriptor = Quantity<struct DescriptorTag, W>;  // one page-table entry
template <class W>
using LockId = Quantity<struct LockIdTag, W>;  // lock_id.hpp
template <class W>
using PageIndex = Quantity<struct PageIndexTag, W>;  // index into the ownership array
template <class W>
using RegionIndex = Quantity<struct RegionTag, W>;  // index into the memory regions
template <class W>
using LoadIndex = Quantity<struct LoadIndexTag, W>;  // boot image of a VM: 0..4

// Whether a walk may allocate the table it does not find. Any other value means no (digest 4.1.1 step 5).
enum class Alloc : std::uint32_t { no = 0, yes = 1 };

// Level of a leaf in a stage-2 table, as the architecture numbers levels. `none`: nothing mapped there.
enum class Level : std::uint32_t { none = 0, block = 2, page = 3 };

// Outcome of an operation that can be refused. Only `ok` means that something has changed.
enum class Status : std::int32_t {
  ok = 0,
  unchanged = 1,           // it is as asked for already
  not_supported = -1,      // this machine does not have it
  invalid_parameter = -2,  // an argument is outside its range, misaligned or malformed
  not_found = -3,          // nothing is mapped there
  denied = -4,             // the page belongs to somebody else, or the range is not listed
  no_memory = -5,          // the table pool of that principal is used up
  busy = -6,               // somebody uses it just now
  exists = -7,             // something else is mapped there; drop or unmap it first
  again = -8,              // part of the work is done: call again
};

constexpr bool succeeded(Status status) { return status == Status::ok || status == Status::unchanged; }

// Which zone of a page-table pool, named as the digest does: after the entry that points to its pages.
enum class Zone : std::uint32_t { pgd = 0, pud = 1, pmd = 2 };

// Logic on Booleans of any domain. `both` and `either` never fork a symbolic path, `&&` and `||` do.
constexpr bool both(bool a, bool b) { return a && b; }
constexpr bool either(bool a, bool b) { return a || b; }
constexpr bool negation(bool a) { return !a; }
constexpr std::uint64_t select(bool condition, std::uint64_t yes, std::uint64_t no) {
  return condition ? yes : no;
}
template <class B>
constexpr B implies(B a, B b) {
  return either(negation(a), b);
}
template <class B, class... Rest>
  requires(sizeof...(Rest) >= 1)
constexpr B both(B a, B b, Rest... rest) {
  return both(both(a, b), rest...);
}

}  // namespace redoubt
