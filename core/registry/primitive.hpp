// SPDX-License-Identifier: BSD-3-Clause
// A primitive as an object: its name, its row of the specification, and whether a class offers it. Hosted
// builds only.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace redoubt::registry {

// What the specification says of a primitive, in the digest's notation (lower 0.1): guards from left to
// right.
struct Row {
  std::string_view signature;  // "(vmid u32, addr u64) → u64"
  std::string_view lock;       // "pt(v)": the caller holds it; "takes pt(v)", "releases pt(v)"; "-": none
  std::string_view guards;     // "V·H·L(pt v)"
  std::string_view source;     // "lower 4.1.1"; "own": Redoubt's own
  std::string_view effect;     // one line
};

// C++ has no templates over identifiers, so this macro makes one object of a name. It ties the text to the
// identifier: a name cannot be mistyped in one place only.
//   visible<L>       may any caller use L::id?
//   in<L>()          pointer to that member
//   visible<L, O>    is L::id there as a template over O?
#define REDOUBT_PRIMITIVE(id, ...)                                                               \
  struct id {                                                                                    \
    static constexpr std::string_view name = #id;                                                \
    static constexpr ::redoubt::registry::Row row{__VA_ARGS__};                                  \
    template <class L, class... O>                                                               \
    static constexpr bool visible = requires { &L::id; } || requires { &L::template id<O...>; }; \
    template <class L>                                                                           \
    static constexpr auto in() {                                                                 \
      return &L::id;                                                                             \
    }                                                                                            \
  }

// The same for a member template over a type that L names.
#define REDOUBT_PRIMITIVE_TEMPLATE(id, Argument, ...)                                    \
  struct id {                                                                            \
    static constexpr std::string_view name = #id;                                        \
    static constexpr ::redoubt::registry::Row row{__VA_ARGS__};                          \
    template <class L, class...>                                                         \
    static constexpr bool visible = requires { &L::template id<typename L::Argument>; }; \
    template <class L>                                                                   \
    static constexpr auto in() {                                                         \
      return &L::template id<typename L::Argument>;                                      \
    }                                                                                    \
  }

template <class... Ts>
struct List {
  static constexpr std::size_t size = sizeof...(Ts);
};

// Parts of the abstract state, as bits: what a primitive may change (its frame).
using Fields = unsigned;
namespace field {
inline constexpr Fields none = 0;
inline constexpr Fields table = 1 << 0;    // raw entries of the stage-2 tables
inline constexpr Fields next = 1 << 1;     // bump pointers
inline constexpr Fields parents = 1 << 2;  // ghost: who links a table page
inline constexpr Fields updates = 1 << 3;  // ghost: stores and barriers of this critical section
inline constexpr Fields map = 1 << 4;      // the tables as maps from frames
inline constexpr Fields lock = 1 << 5;
inline constexpr Fields tstate = 1 << 6;
inline constexpr Fields owner = 1 << 7;
inline constexpr Fields count = 1 << 8;
inline constexpr Fields gfn = 1 << 9;
inline constexpr Fields halt = 1 << 10;
inline constexpr Fields smmu = 1 << 11;     // SMMU tables, records beside them, bank owners
inline constexpr Fields core = 1 << 12;     // core data
inline constexpr Fields vm = 1 << 13;       // VM information
inline constexpr Fields memory = 1 << 14;   // page contents and mailboxes
inline constexpr Fields dma = 1 << 16;      // which pages are for devices
inline constexpr Fields seals = 1 << 15;    // version counters and what is sealed under them
inline constexpr Fields shadow = 1 << 20;   // saved registers of the vCPUs
inline constexpr Fields hw = 1 << 21;       // registers of this CPU
inline constexpr Fields per_cpu = 1 << 22;  // which vCPU is loaded on this CPU
inline constexpr Fields oracle = 1 << 23;   // how much of the untrusted data has been read
inline constexpr Fields shown = 1 << 24;    // what the core shows the host of a vCPU
inline constexpr Fields mmio = 1 << 25;     // device accesses
inline constexpr Fields guest = 1 << 26;    // events that the emulation saw
inline constexpr Fields cpu = shadow | hw | per_cpu | oracle | shown | mmio | guest;

struct Name {
  Fields bit;
  std::string_view text;
};
inline constexpr auto kNames = std::to_array<Name>({
    {table, "tables"},
    {next, "bump pointers"},
    {parents, "parents"},
    {updates, "steps"},
    {map, "map"},
    {lock, "lock"},
    {tstate, "tstate"},
    {owner, "owner"},
    {count, "count"},
    {gfn, "gfn"},
    {dma, "pages for devices"},
    {halt, "halt"},
    {smmu, "SMMU"},
    {core, "core data"},
    {vm, "VM information"},
    {memory, "page contents"},
    {seals, "seals"},
    {shadow, "shadow contexts"},
    {hw, "registers"},
    {per_cpu, "loaded vCPU"},
    {oracle, "data read"},
    {shown, "shown to the host"},
    {mmio, "device accesses"},
    {guest, "events of vCPUs"},
});
}  // namespace field

// How a primitive is specified: on the abstract state of spec/machine/state.hpp, or on the logs of spec/lock.
enum class Model : unsigned char { state, log };

// A fresh primitive with its obligations: the invariants that it preserves, all that it may change.
template <class Primitive, class Invariants, Fields Changes, Model On>
struct Bound : Primitive {
  using primitive = Primitive;
  using preserves = Invariants;
  static constexpr Fields changes = Changes;
  static constexpr Model model = On;
};
template <class Invariants, Fields Changes, class... Primitives>
using Preserving = List<Bound<Primitives, Invariants, Changes, Model::state>...>;
template <class Invariants, class... Primitives>
using OnLogs =
    List<Bound<Primitives, Invariants, field::lock | field::tstate | field::updates, Model::log>...>;

namespace detail {
template <class... Lists>
struct Join;
template <>
struct Join<> {
  using type = List<>;
};
template <class... As>
struct Join<List<As...>> {
  using type = List<As...>;
};
template <class... As, class... Bs, class... Rest>
struct Join<List<As...>, List<Bs...>, Rest...> : Join<List<As..., Bs...>, Rest...> {};

template <class T>
struct Plain {
  using type = T;
};
template <class P, class I, Fields F, Model On>
struct Plain<Bound<P, I, F, On>> {
  using type = P;
};
template <class L>
struct PlainList;
template <class... Ts>
struct PlainList<List<Ts...>> {
  using type = List<typename Plain<Ts>::type...>;
};

template <class T, class L>
inline constexpr bool contains = false;
template <class T, class... Ts>
inline constexpr bool contains<T, List<Ts...>> = (std::is_same_v<T, Ts> || ...);

template <class All, class Without>
struct Minus;
template <class... As, class Without>
struct Minus<List<As...>, Without> : Join<std::conditional_t<contains<As, Without>, List<>, List<As>>...> {};
}  // namespace detail

template <class... Lists>
using Join = typename detail::Join<Lists...>::type;
template <class L>
using Plain = typename detail::PlainList<L>::type;  // without the invariants
template <class All, class Without>
using Minus = typename detail::Minus<All, Without>::type;
template <class T, class L>
inline constexpr bool contains = detail::contains<T, L>;

// Calls f.template operator()<T>() for each element.
template <class... Ts, class F>
constexpr void for_each(List<Ts...>, [[maybe_unused]] F f) {
  (f.template operator()<Ts>(), ...);
}
template <class... Ts, class F>
constexpr bool all_of(List<Ts...>, [[maybe_unused]] F f) {
  return (f.template operator()<Ts>() && ...);
}
template <class... Ts, class F>
constexpr std::size_t count_if(List<Ts...>, [[maybe_unused]] F f) {
  return (std::size_t{0} + ... + (f.template operator()<Ts>() ? 1u : 0u));
}

}  // namespace redoubt::registry
