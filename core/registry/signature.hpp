// SPDX-License-Identifier: BSD-3-Clause
// Taking a member function pointer apart: class, result, arguments, and their names as the layers spell them.
#pragma once
#include <string>
#include <string_view>

#include "core/machine/smmu_layout.hpp"
#include "core/registry/primitive.hpp"

namespace redoubt::registry {

template <class F>
struct Signature;
template <class C, class R, class... As>
struct Signature<R (C::*)(As...)> {
  using Class = C;
  using Result = R;
  using Arguments = List<As...>;
};
template <class C, class R, class... As>
struct Signature<R (C::*)(As...) const> : Signature<R (C::*)(As...)> {};

// Same result and arguments, whatever the class?
template <class F, class G>
inline constexpr bool same_shape =
    std::is_same_v<typename Signature<F>::Result, typename Signature<G>::Result> &&
    std::is_same_v<typename Signature<F>::Arguments, typename Signature<G>::Arguments>;

template <class T>
inline constexpr std::string_view type_name = "?";
template <>
inline constexpr std::string_view type_name<void> = "()";
template <>
inline constexpr std::string_view type_name<bool> = "Bool";
template <>
inline constexpr std::string_view type_name<std::uint64_t> = "Word";
template <>
inline constexpr std::string_view type_name<Alloc> = "Alloc";
template <>
inline constexpr std::string_view type_name<Level> = "Level";
template <>
inline constexpr std::string_view type_name<Status> = "Status";
template <class W>
inline constexpr std::string_view type_name<Quantity<PaTag, W>> = "Pa";
template <class W>
inline constexpr std::string_view type_name<Quantity<IpaTag, W>> = "Ipa";
template <class W>
inline constexpr std::string_view type_name<Quantity<CoreVaTag, W>> = "CoreVa";
template <class W>
inline constexpr std::string_view type_name<Quantity<PfnTag, W>> = "Pfn";
template <class W>
inline constexpr std::string_view type_name<Quantity<GfnTag, W>> = "Gfn";
template <class W>
inline constexpr std::string_view type_name<Quantity<VmIdTag, W>> = "VmId";
template <class W>
inline constexpr std::string_view type_name<Quantity<VcpuIdTag, W>> = "VcpuId";
template <class W>
inline constexpr std::string_view type_name<Quantity<LoadIndexTag, W>> = "LoadIndex";
template <class W>
inline constexpr std::string_view type_name<Quantity<ContextIdTag, W>> = "ContextId";
template <class W>
inline constexpr std::string_view type_name<Quantity<VttbrTag, W>> = "Vttbr";
template <class W>
inline constexpr std::string_view type_name<Quantity<DescriptorTag, W>> = "Descriptor";
template <class W>
inline constexpr std::string_view type_name<Quantity<LockIdTag, W>> = "LockId";
template <class W>
inline constexpr std::string_view type_name<Quantity<PageIndexTag, W>> = "PageIndex";
template <class W>
inline constexpr std::string_view type_name<Quantity<RegionTag, W>> = "RegionIndex";
template <class W>
inline constexpr std::string_view type_name<Quantity<ContextBankTag, W>> = "ContextBank";
template <class W>
inline constexpr std::string_view type_name<Quantity<SmmuIndexTag, W>> = "SmmuIndex";
template <class W>
inline constexpr std::string_view type_name<Quantity<SmmuBankTag, W>> = "SmmuBank";
template <class W>
inline constexpr std::string_view type_name<Quantity<TtbrTag, W>> = "Ttbr";
template <class W>
inline constexpr std::string_view type_name<Quantity<IovaTag, W>> = "Iova";

// Number of arguments in a row's signature text.
constexpr std::size_t arity(std::string_view signature) {
  const std::string_view inner = signature.substr(0, signature.find(')'));
  if (inner == "(") {
    return 0;
  }
  std::size_t n = 1;
  for (const char c : inner) {
    n += c == ',';
  }
  return n;
}

template <class... As>
std::string argument_types(List<As...>) {
  std::string text = "(";  // NOLINT(misc-const-correctness): the fold changes it
  ((text += (text.size() > 1 ? ", " : ""), text += type_name<As>), ...);
  return text + ")";
}

// "(VmId, Ipa) → Descriptor"
template <class F>
std::string signature_text() {
  using S = Signature<F>;
  return argument_types(typename S::Arguments{}) + " → " + std::string(type_name<typename S::Result>);
}

}  // namespace redoubt::registry
