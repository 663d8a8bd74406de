// SPDX-License-Identifier: BSD-3-Clause
// The Armv8-A memory model for Normal cacheable memory (Arm ARM B2.3, "The AArch64 memory model"), clause by
// clause.
//
//   internal   no cycle in  po-loc | co | rf | fr
//   atomic     between the read and the write of an atomic access comes no write of another thread
//   external   no cycle in  ob = obs | lws | dob | aob | bob
//              obs = rfe | fre | coe             observed by another thread
//              lws = po-loc;[W]                  local write successor
//              dob                               dependencies
//              aob                               atomic accesses
//              bob                               barriers, acquire, release
//
// lws, dob, aob and bob concern one thread and do not depend on rf or co: local read successors (lrs) stand
// where older texts have rfi, which makes no difference together with obs. All but obs are computed once for
// each trace.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tools/redoubt-litmus/trace.hpp"

namespace redoubt::litmus {

// A clause of the model, by the name that --without takes.
enum class Clause {
  internal,
  atomic,
  rfe,
  fre,
  coe,
  lws,   // po-loc;[W]
  addr,  // dob
  data,
  ctrl,             //   ctrl;[W]
  isb,              //   (ctrl | addr;po);[ISB];po;[R]
  addr_po,          //   addr;po;[W]
  forward,          //   (addr | data);lrs
  rmw,              // aob
  rmw_acquire,      //   [range(rmw)];lrs;[A | Q]
  dmb_full,         // bob: po;[dmb.full];po
  dmb_ld,           //   [R \ NoRet];po;[dmb.ld];po
  dmb_st,           //   [W];po;[dmb.st];po;[W]
  acquire,          //   [A | Q];po
  release,          //   po;[L]
  release_acquire,  // [L];po;[A]
  atomic_full,      //   [range([A];amo;[L])];po
  count
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(Clause::count)> CLAUSES{
    "internal",   "atomic",  "rfe",     "fre",         "coe",
    "lws",        "addr",    "data",    "ctrl",        "isb",
    "addr-po",    "forward", "rmw",     "rmw-acquire", "dmb-full",
    "dmb-ld",     "dmb-st",  "acquire", "release",     "release-acquire",
    "atomic-full"};

// The model, whole or with one clause left out, to see what depends on that clause.
class Model {
 public:
  Model() = default;
  explicit Model(Clause without) : without_(without) {}
  [[nodiscard]] bool has(Clause clause) const { return without_ != clause; }

 private:
  std::optional<Clause> without_;
};

// The clause of that name.
std::optional<Clause> clause_named(std::string_view name);

// Is `a` before `b` by one of lws, dob, aob, bob? Both are memory events of the trace, a before b in program
// order.
bool locally_ordered(const Model& model, const Trace& trace, unsigned a, unsigned b);

// All accesses to one location in an execution, and one choice of what they see.
struct Access {
  unsigned event = 0;  // of the execution
  int thread = -1;     // -1: the initial write
  unsigned place = 0;  // in its thread's program order
  bool write = false;
  Value value = 0;
  std::optional<unsigned> pair;  // of a write: event number of the read of the same atomic access
};

struct Choice {
  std::vector<unsigned> order;  // writes, coherence order, the initial one first; indices into the accesses
  std::vector<unsigned> from;   // for each access that reads: index of the write it reads from
};

bool satisfies_internal(std::span<const Access> accesses, const Choice& choice);
bool satisfies_atomic(std::span<const Access> accesses, const Choice& choice);

// Calls visit(from, to), by event number, for rfe, fre and coe. The initial write is left out: nothing comes
// before it.
template <class Visit>
void for_each_observed(const Model& model, std::span<const Access> accesses, const Choice& choice,
                       Visit visit) {
  const auto external = [&](Clause clause, const Access& a, const Access& b) {
    if (model.has(clause) && a.thread >= 0 && a.thread != b.thread) {
      visit(a.event, b.event);
    }
  };
  for (std::size_t i = 0; i < choice.order.size(); ++i) {
    for (std::size_t j = i + 1; j < choice.order.size(); ++j) {
      external(Clause::coe, accesses[choice.order[i]], accesses[choice.order[j]]);
    }
  }
  for (std::size_t read = 0; read < accesses.size(); ++read) {
    if (accesses[read].write) {
      continue;
    }
    external(Clause::rfe, accesses[choice.from[read]], accesses[read]);
    bool later = false;
    for (const unsigned write : choice.order) {
      if (later) {
        external(Clause::fre, accesses[read], accesses[write]);
      }
      later = later || write == choice.from[read];
    }
  }
}

}  // namespace redoubt::litmus
