// SPDX-License-Identifier: BSD-3-Clause
// Arbitrary arguments for any primitive, by the types of its signature and the names of its row; calls and
// results.
#pragma once
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "core/machine/machine.hpp"
#include "core/machine/smmu_layout.hpp"
#include "core/registry/signature.hpp"
#include "machine/domain/domain.hpp"

namespace redoubt::verify {

// The values of an enumeration that is an argument.
template <class E>
inline constexpr std::array<E, 0> choices{};
template <>
inline constexpr std::array choices<Alloc>{Alloc::no, Alloc::yes};
template <>
inline constexpr std::array choices<Level>{Level::none, Level::block, Level::page};
template <>
inline constexpr std::array choices<Stop>{Stop::stuck};  // only a crash record differs
template <>
inline constexpr std::array choices<Zone>{Zone::pgd, Zone::pud, Zone::pmd};
template <>
inline constexpr std::array choices<SmmuZone>{SmmuZone::pgd, SmmuZone::pmd};

// Those above, or 0 to count - 1 where an enumeration numbers its values.
template <class E>
constexpr auto all_choices() {
  if constexpr (requires { E::count; }) {
    std::array<E, static_cast<std::size_t>(E::count)> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = static_cast<E>(i);
    }
    return all;
  } else {
    return choices<E>;
  }
}

template <class E, ValueDomain D>
E any_of(D& d, std::string_view name) {
  constexpr auto all = all_choices<E>();
  static_assert(all.size() != 0, "a primitive takes an enumeration whose values `choices` does not list");
  const auto chosen = d.any(name);
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    if (chosen == typename D::Word(i)) {
      return all[i];
    }
  }
  return all.back();
}

// An arbitrary value of type A: a word, a quantity, a truth value, an enumeration.
template <class A, ValueDomain D>
A any_value(D& d, std::string_view name) {
  if constexpr (std::is_same_v<A, typename D::Word>) {
    return d.any(name);
  } else if constexpr (std::is_same_v<A, typename D::Bool>) {
    return (d.any(name) & typename D::Word(1)) == typename D::Word(1);
  } else if constexpr (std::is_enum_v<A>) {
    return any_of<A>(d, name);
  } else {
    return A(d.any(name));
  }
}

template <ValueDomain D>
class AnyArguments {
 public:
  // `signature` as in a row: "(vmid u32, addr u64) → u64".
  AnyArguments(D& d, std::string_view signature) : d_(d), names_(signature.substr(1)) {}

  template <class... As>
  std::tuple<As...> draw(registry::List<As...>) {
    return std::tuple<As...>{next<As>()...};  // braces: from left to right
  }

 private:
  template <class A>
  A next() {
    const std::string name(names_.substr(0, names_.find(' ')));
    const std::size_t comma = names_.find(", ");
    names_ = comma == std::string_view::npos ? std::string_view{} : names_.substr(comma + 2);
    return any_value<A>(d_, name);
  }

  D& d_;
  std::string_view names_;
};

// A result as a word, whatever its type; nothing is zero.
template <ValueDomain D, class R>
typename D::Word as_word(const R& result) {
  using Word = typename D::Word;
  if constexpr (requires { result.raw; }) {
    return result.raw;
  } else if constexpr (std::is_same_v<R, typename D::Bool>) {
    return select(result, Word(1), Word(0));
  } else if constexpr (std::is_same_v<R, Word>) {
    return result;
  } else {
    return Word(static_cast<std::uint64_t>(result));
  }
}

template <ValueDomain D, class T, class F, class... As>
typename D::Word call(T& object, F f, const std::tuple<As...>& arguments) {
  return std::apply(
      [&](const As&... as) {
        if constexpr (std::is_void_v<typename registry::Signature<F>::Result>) {
          (object.*f)(as...);
          return typename D::Word(0);
        } else {
          return as_word<D>((object.*f)(as...));
        }
      },
      arguments);
}

}  // namespace redoubt::verify
