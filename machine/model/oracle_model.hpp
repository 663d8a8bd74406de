// SPDX-License-Identifier: BSD-3-Clause
// The part of the model machine that supplies what untrusted memory holds: each read takes the next value.
#pragma once
#include "machine/model/event.hpp"
#include "spec/machine/oracle_state.hpp"

namespace redoubt {

// A base of the model machine `Self`. Whoever reads untrusted memory reads here: there is one position a
// principal.
template <class Self, ValueDomain D>
class OracleModel {
 public:
  using Word = typename D::Word;

  // One read of memory that the principal, or the host on its behalf, can write at any time.
  Word data_oracle(Word vmid) {
    const Word at = oracles_.data_log.read(vmid, Word(0));
    oracles_.data_log.write(vmid, Word(0), at + Word(1));
    static_cast<Self&>(*this).record(EventKind::data_oracle, vmid, at, Word(0));
    return oracles_.doracle.read(vmid, at);
  }
  // What harnesses look at; a primitive that moves a position by itself writes here.
  spec::OracleState<D>& oracles() { return oracles_; }

 private:
  friend Self;
  explicit OracleModel(const spec::OracleState<D>& initial) : oracles_(initial) {}

  spec::OracleState<D> oracles_;
};

}  // namespace redoubt
