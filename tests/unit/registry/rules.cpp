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

}  // namespace
}  // namespace redoubt::registry
