// SPDX-License-Identifier: BSD-3-Clause
// The symbolic value domain: the interface of domain.hpp over solver terms, for proofs.
#pragma once
#include <functional>
#include <memory>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "machine/domain/domain.hpp"
#include "machine/domain/symbolic_engine.hpp"
#include "machine/domain/symbolic_term.hpp"

namespace redoubt {

// What `rely` means. A specification's precondition is assumed while code is proven against the
// specification, and is an obligation while the specification stands in for that code below another layer.
enum class Rely { assumed, obligation };

class Symbolic {
 public:
  using Word = smt::Word;
  using Bool = smt::Bool;
  static constexpr bool symbolic = true;

  explicit Symbolic(smt::Engine& engine) : engine_(engine) {}

  Word any(std::string_view name) { return Word(engine_.name(name)); }
  void assume(const Bool& holds) { engine_.assume(term(holds)); }
  void prove(std::string_view label, const Bool& holds,
             const std::source_location& where = std::source_location::current()) {
    engine_.prove(label, smt::Kind::property, term(holds), where);
  }
  void cover(std::string_view label, const Bool& condition) { engine_.cover(label, term(condition)); }
  void rely(std::string_view label, const Bool& holds,
            const std::source_location& where = std::source_location::current()) {
    if (rely_ == Rely::assumed) {
      engine_.guard(label, term(holds));
    } else {
      engine_.prove(label, smt::Kind::precondition, term(holds), where);
    }
  }
  void set_rely(Rely meaning) { rely_ = meaning; }
  [[noreturn]] static void stop() { throw Halt("fail-stop"); }

  // Bounded searches over i < n. "All" is a case of its own that is used at the indices named by
  // instantiate_at(), an instance of what it says; "not all" gives a witness. So a harness that names too few
  // indices can only fail to prove, never prove too much.
  template <class Predicate>
  Bool for_all(const Word& n, Predicate predicate);
  template <class Predicate>
  Word find_last(const Word& n, Predicate predicate);
  void instantiate_at(const Word& index) { instances_.push_back(index); }

  class Map;

 private:
  z3::expr term(const Bool& condition) { return condition.term(engine_.context()); }

  Word fresh(std::string_view purpose) {
    return any(std::string(purpose) + "." + std::to_string(fresh_names_++));
  }
  static constexpr std::uint64_t kUnrolled = 8;  // searches no longer than this are exact

  smt::Engine& engine_;
  Rely rely_ = Rely::assumed;
  std::vector<Word> instances_;
  unsigned fresh_names_ = 0;
};

template <class Predicate>
smt::Bool Symbolic::for_all(const Word& n, Predicate predicate) {
  if (n.constant() && n.value() <= kUnrolled) {
    Bool all(true);
    for (std::uint64_t i = 0; i < n.value(); ++i) {
      all = both(all, predicate(Word(i)));
    }
    return all;
  }
  if (fresh("all") == Word(1)) {
    for (const Word& i : instances_) {
      assume(implies(i < n, predicate(i)));
    }
    return Bool(true);
  }
  const Word witness = fresh("witness");
  assume(witness < n);
  assume(negation(predicate(witness)));
  return Bool(false);
}

template <class Predicate>
smt::Word Symbolic::find_last(const Word& n, Predicate predicate) {
  if (n.constant() && n.value() <= kUnrolled) {
    Word last = n;
    for (std::uint64_t i = 0; i < n.value(); ++i) {
      last = select(predicate(Word(i)), Word(i), last);
    }
    return last;
  }
  const bool none = bool(fresh("none") == Word(1));
  const Word last = none ? n : fresh("last");
  if (!none) {
    assume(last < n);
    assume(predicate(last));
  }
  for (const Word& i : instances_) {
    const Bool later = none ? i < n : both(last < i, i < n);
    assume(implies(later, negation(predicate(i))));
  }
  return last;
}

// A total function of two words: an uninterpreted function, or what `source` computes, under a log of writes.
// A read becomes a chain of conditions over the log, those left out that the path settles; an entry may be a
// whole range.
class Symbolic::Map {
 public:
  using Source = std::function<Word(Word, Word)>;
  using Hook = std::function<void(Word, Word, Word)>;

  Map(Symbolic& domain, std::string_view name, Source source = {})
      : engine_(&domain.engine_), name_(name), source_(std::move(source)) {}

  // Called with (k0, k1, value) before the initial contents of a cell are used for the first time. An
  // invariant "for all cells" that a harness assumes is instantiated here, at exactly the cells that a proof
  // looks at: sound, since it is an instance of what is assumed, and no quantifier reaches the solver.
  void on_first_read(Hook hook) { watch_ = std::make_shared<Watch>(Watch{std::move(hook), {}}); }

  [[nodiscard]] Word base(const Word& k0, const Word& k1) const;
  [[nodiscard]] Word read(const Word& k0, const Word& k1) const;
  void write(const Word& k0, const Word& k1, const Word& value) {
    log_.push_back({k0, k1, k1, value, false});
  }
  void zero_range(const Word& k0, const Word& lo, const Word& hi) {
    log_.push_back({k0, lo, hi, Word(0), true});
  }

 private:
  struct Watch {
    Hook hook;
    std::set<std::pair<unsigned, unsigned>> seen;  // keys as terms
  };
  struct Write {
    Word k0, lo, hi, value;
    bool range;
  };
  [[nodiscard]] Bool hits(const Write& write, const Word& k0, const Word& k1) const;

  smt::Engine* engine_;
  std::string name_;
  Source source_;
  std::vector<Write> log_;
  std::shared_ptr<Watch> watch_;  // shared by copies, as they share the initial contents
};

static_assert(ValueDomain<Symbolic>);

}  // namespace redoubt
