// SPDX-License-Identifier: BSD-3-Clause
// Fuzzes every layer of the registry: random sequences of its primitives on the model machine against the
// specification, the state carried from step to step.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "core/machine/fault_texts.hpp"
#include "tests/property/registry/case.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

using P = TinyParams;
constexpr unsigned kMaxSteps = 24;

// One call of a primitive on `state`, which becomes what it left behind; what is wrong, or empty.
struct Step {
  std::string_view name;
  std::string (*run)(Choice&, Concrete&, State<P>&);
};

// Nothing where the state is none that the primitive must keep: raw stores come to those too.
template <class E, class Prim>
std::string run_step(Choice& choice, Concrete& domain, State<P>& state) {
  for (u64 id = 0; id < ID_END; ++id) {
    state.lock.write(id, 0, spec::LOCK_FALSE);
  }
  state.updates = {};  // the machine of each step is a new one, and tells of its own steps alone
  state.epoch = 0;
  Case<E, Prim, P> one(choice, domain, state);
  if (!one.invalid().empty()) {
    return "";
  }
  Account account;
  const std::string wrong = one.run(account);
  if (one.after()) {
    state = *one.after();
  }
  return wrong;
}

struct LayerSteps {
  State<P> (*start)(Choice&, Concrete&);
  std::vector<Step> steps;
};

template <class E>
LayerSteps layer() {
  LayerSteps all;
  all.start = E::number >= 9 && E::number <= 12 ? random_smmu_state<P> : random_state<P>;
  registry::for_each(typename registry::Layer<E>::FreshAndOwn{}, [&]<class Prim>() {
    using Code = typename E::template Code<ModelMachine<Concrete, P>>;
    if constexpr (Prim::model == registry::Model::state && Prim::template visible<Code>) {
      all.steps.push_back({Prim::name, run_step<E, Prim>});
    }
  });
  return all;
}

const std::vector<LayerSteps>& layers() {
  using namespace registry;
  static const std::vector<LayerSteps> all{
      layer<AbstractMachineEntry>(), layer<LocksEntry>(),      layer<PtAllocEntry>(),
      layer<PtWalkEntry>(),          layer<NptWalkEntry>(),    layer<NptOpsEntry>(),
      layer<MmioPtAllocEntry>(),     layer<MmioPtWalkEntry>(), layer<MmioSptWalkEntry>(),
      layer<MmioSptOpsEntry>(),      layer<MemRegionEntry>(),  layer<PageIndexEntry>(),
      layer<PageManagerEntry>(),     layer<MemManagerEntry>()};
  return all;
}

// Two bytes a choice: most choices are among few values.
Choice choices(const std::uint8_t* bytes, std::size_t size) {
  std::vector<std::uint32_t> words;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    words.push_back(std::uint32_t{bytes[i]} | std::uint32_t{bytes[i + 1]} << 8);
  }
  return Choice(std::move(words));
}

// The control: with a fault seeded, by name, the fuzzer has to find it.
void seed_fault() {
  const char* const wanted = std::getenv("REDOUBT_FUZZ_FAULT");
  if (wanted == nullptr) {
    return;
  }
  for (const FaultText& fault : kFaults) {
    if (fault.name == wanted) {
      ModelMachine<Concrete, P>::active_fault = fault.fault;
      return;
    }
  }
  std::fprintf(stderr, "error: REDOUBT_FUZZ_FAULT names no fault: %s\n", wanted);
  std::exit(2);
}

void run_sequence(Choice& choice) {
  const LayerSteps& layer = layers()[choice.below(layers().size())];
  Concrete domain;
  State<P> state = layer.start(choice, domain);
  for (unsigned n = 0; n < kMaxSteps && !choice.empty() && !layer.steps.empty(); ++n) {
    const Step& step = layer.steps[choice.below(layer.steps.size())];
    const std::string wrong = step.run(choice, domain, state);
    if (!wrong.empty()) {
      std::fprintf(stderr, "mismatch at step %u: %s\n", n, wrong.c_str());
      std::abort();
    }
  }
}

}  // namespace
}  // namespace redoubt::test

// NOLINTNEXTLINE(misc-unused-parameters): the name and the parameters are libFuzzer's.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  redoubt::test::seed_fault();
  return 0;
}

// NOLINTNEXTLINE(misc-unused-parameters): the name and the parameters are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  auto choice = redoubt::test::choices(bytes, size);
  redoubt::test::run_sequence(choice);
  return 0;
}
