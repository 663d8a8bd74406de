// SPDX-License-Identifier: BSD-3-Clause
// A case of one primitive of the registry: what the checks ask of it, its arguments, its specification and
// its code.
#pragma once
#include "tests/property/registry/checks.hpp"

namespace redoubt::test {

template <class E, class Prim, class F>
constexpr About about() {
  namespace inv = registry::inv;
  using Kept = typename Prim::preserves;
  return {.layer = E::number,
          .name = Prim::name,
          .row = Prim::row,
          .changes = Prim::changes,
          .returns = !std::is_void_v<typename registry::Signature<F>::Result>,
          .of_cpu = std::is_same_v<Kept, inv::Cpu>,
          .of_smmu = std::is_same_v<Kept, inv::SmmuTables>,
          .of_records = std::is_same_v<Kept, inv::Records>,
          .of_vms = std::is_same_v<Kept, inv::Pages> || std::is_same_v<Kept, inv::Life>,
          .of_vcpus = std::is_same_v<Kept, inv::Vcpus> || std::is_same_v<Kept, inv::Handlers>,
          .of_contents = std::is_same_v<Kept, inv::Contents>,
          .of_record_obligations =
              registry::contains<typename Prim::primitive, registry::Plain<registry::RecordObligations>>};
}

// Primitive Prim of layer E on platform P.
template <class E, class Prim, class P>
class Case final : public AnyCase<P> {
 public:
  using Code = typename E::template Code<ModelMachine<Concrete, P>>;
  using F = decltype(Prim::template in<Code>());
  static constexpr About kAbout = about<E, Prim, F>();

  Case(Choice& c, Concrete& domain) : Case(c, domain, Case::a_state(kAbout, c, domain)) {}
  Case(Choice& c, Concrete& domain, State<P> before) : AnyCase<P>(kAbout, domain, std::move(before)) {
    arguments_ = this->prepare(c).template draw<F>(kAbout.row.signature, kAbout.of_contents);
    if constexpr (kAbout.of_contents) {
      expect_ciphers(this->before(), kAbout.name, arguments_);
    } else if constexpr (kAbout.of_seals()) {
      prepare_seals(c, this->before(), kAbout.name, arguments_);
    }
  }

 private:
  u64 call_specification(State<P>& s) override {
    using Spec = typename E::template Spec<Concrete, P>;
    Spec spec(s);
    return call(spec, Prim::template in<Spec>(), arguments_);
  }
  u64 call_code(ModelMachine<Concrete, P>& machine) override {
    Code code(machine);
    return call(code, Prim::template in<Code>(), arguments_);
  }
  std::string broken(State<P>& s) override { return broken_invariant<typename Prim::preserves>(s); }
  [[nodiscard]] std::vector<u64> arguments() const override {
    return std::apply([](auto... as) { return std::vector<u64>{number(as)...}; }, arguments_);
  }

  decltype(std::declval<Arguments<P>&>().template draw<F>("")) arguments_;
};

}  // namespace redoubt::test
