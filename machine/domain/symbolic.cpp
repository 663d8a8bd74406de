// SPDX-License-Identifier: BSD-3-Clause
// Maps of the symbolic domain.
#include "machine/domain/symbolic.hpp"

namespace redoubt {

void Symbolic::instantiate_at(const Word& index) {
  instances_.push_back(index);
  smt::Context& c = engine_.context();
  for (const Universal& u : universals_) {
    assume(Bool(engine_.instance(u.body.term(c), u.index.term(c), index.term(c))));
  }
}

smt::Bool Symbolic::Map::hits(const Write& write, const Word& k0, const Word& k1) const {
  const Bool within = write.range ? both(write.lo <= k1, k1 < write.hi) : write.lo == k1;
  const Bool address = write.row ? Bool(true) : within;
  const Bool row = write.rows ? both(write.k0 <= k0, k0 < write.rows->end) : write.k0 == k0;
  Bool hit = both(row, address);
  if (hit.constant()) {
    return hit;
  }
  const z3::expr term = engine_->simplify(hit.term(engine_->context()));
  const int known = engine_->known(term);
  return known < 0 ? Bool(term) : Bool(known == 1);
}

smt::Word Symbolic::Map::base(const Word& k0, const Word& k1) const {
  smt::Context& context = engine_->context();
  const z3::expr first = engine_->simplify(k0.term(context)), second = engine_->simplify(k1.term(context));
  const Word value = source_ ? source_(Word(first), Word(second)) : Word(engine_->cell(name_, first, second));
  if (watch_ && watch_->seen.insert({first.id(), second.id()}).second) {
    watch_->hook(Word(first), Word(second), value);
  }
  return value;
}

smt::Word Symbolic::Map::read(const Word& k0, const Word& k1) const {
  std::vector<std::pair<Bool, Word>> alternatives;  // newest first
  for (auto write = log_.rbegin(); write != log_.rend(); ++write) {
    const Bool hit = hits(*write, k0, k1);
    if (hit.constant() && !hit.value()) {
      continue;
    }
    alternatives.emplace_back(hit, write->rows ? write->rows->value(k0) : write->value);
    if (hit.constant()) {
      break;
    }
  }
  const bool settled = !alternatives.empty() && alternatives.back().first.constant();
  Word result = settled ? alternatives.back().second : base(k0, k1);
  for (auto other = alternatives.rbegin(); other != alternatives.rend(); ++other) {
    result = select(other->first, other->second, result);
  }
  return result;
}

}  // namespace redoubt
