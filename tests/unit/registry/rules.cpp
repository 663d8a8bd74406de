// SPDX-License-Identifier: BSD-3-Clause
// The one translation unit that checks the registry's rules for every layer, at compile time (E1).
#include "core/registry/check.hpp"
#include "core/registry/tower.hpp"
#include "machine/domain/concrete.hpp"
#include "machine/model/model_machine.hpp"

namespace redoubt::registry {
namespace {

struct NoOthers {  // an oracle: nobody else acts
  template <class Log>
  spec::lock::Stuck operator()(std::uint8_t, Log&) const {
    return spec::lock::Stuck::no;
  }
};

using Machine = ModelMachine<Concrete, ModelParams>;
static_assert(all_of(Tower{}, []<class E>() { return check::layer<E, Machine, Concrete, NoOthers>(); }));

// The counts of digest 5; core/registry/README.md says where two of them differ.
template <class E, std::size_t Fresh, std::size_t Passed>
inline constexpr bool counts = Layer<E>::Fresh::size == Fresh && E::Passthrough::size == Passed;
static_assert(counts<AbstractMachineEntry, 139, 0>);
static_assert(counts<LockOpsEntry, 2, 134>);
static_assert(counts<LockOpsQEntry, 2, 134>);
static_assert(counts<LockOpsHEntry, 2, 134>);
static_assert(counts<LocksEntry, 12, 127>);
static_assert(counts<PtAllocEntry, 3, 126>);
static_assert(counts<PtWalkEntry, 6, 124>);
static_assert(counts<NptWalkEntry, 5, 121>);
static_assert(counts<NptOpsEntry, 4, 121>);

}  // namespace
}  // namespace redoubt::registry
