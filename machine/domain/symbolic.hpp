// SPDX-License-Identifier: BSD-3-Clause
// The symbolic value domain: the interface of domain.hpp over solver terms, for proofs.
#pragma once
#include <functional>
#include <memory>
#include <optional>
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
  static inline spec::Mutant active_mutant = spec::Mutant::none;

  explicit Symbolic(smt::Engine& engine) : engine_(engine) {}

  Word any(std::string_view name) { return Word(engine_.name(name)); }
  void assume(const Bool& holds) { engine_.assume(term(given(holds))); }
  void prove(std::string_view label, const Bool& holds,
             const std::source_location& where = std::source_location::current()) {
    engine_.prove(label, smt::Kind::property, term(given(holds)), where);
  }
  void cover(std::string_view label, const Bool& condition) { engine_.cover(label, term(condition)); }
  void rely(std::string_view label, const Bool& holds,
            const std::source_location& where = std::source_location::current()) {
    if (rely_ == Rely::assumed) {
      engine_.guard(label, term(given(holds)));
    } else {
      engine_.prove(label, smt::Kind::precondition, term(given(holds)), where);
    }
  }
  void set_rely(Rely meaning) { rely_ = meaning; }
  // A usage rule of the machine: an obligation of the code, or assumed where a theorem asks what follows from
  // it.
  void require(std::string_view label, const Bool& holds,
               const std::source_location& where = std::source_location::current()) {
    if (usage_ == Rely::obligation) {
      prove(label, holds, where);
    } else {
      assume(holds);
    }
  }
  void set_usage(Rely meaning) { usage_ = meaning; }
  [[noreturn]] static void stop() { throw Halt("fail-stop"); }

  // Bounded searches over i < n. "All" is a case of its own that is used at the witnesses of other searches
  // and at the indices named by instantiate_at(), an instance of what it says; "not all" gives a witness. So
  // a harness that names too few indices can only fail to prove, never prove too much. Predicates do not
  // fork.
  template <class Predicate>
  Bool for_all(const Word& n, Predicate predicate);
  template <class Predicate>
  Word find_last(const Word& n, Predicate predicate);
  void instantiate_at(const Word& index);

  // The loop `for (i = 0; i < n; ++i) body(i)` by induction: `invariant(i)` holds before round i. Base: it
  // holds for 0. Step: after `havoc()`, which makes all that the body changes arbitrary, one round at an
  // arbitrary i keeps it. Use: after the loop it is all that is known. It is proven with prove() and assumed
  // with assume(), so an invariant about every cell takes the cell from the caller: a fresh one to prove,
  // those looked at to assume.
  template <class Havoc, class Invariant, class Body>
  void for_range(const Word& n, Havoc havoc, Invariant invariant, Body body);

  class Map;

 private:
  z3::expr term(const Bool& condition) { return condition.term(engine_.context()); }

  Word fresh(std::string_view purpose) {
    return any(std::string(purpose) + "." + std::to_string(fresh_names_++));
  }
  // Under a hypothesis, which holds while a predicate is looked at in general.
  Bool given(const Bool& holds) const { return hypothesis_ ? implies(*hypothesis_, holds) : holds; }
  template <class Predicate>
  Bool under(const Bool& hypothesis, Predicate predicate);
  template <class Predicate>
  void all_between(const Word& from, const Word& to, Predicate predicate);
  static constexpr std::uint64_t kUnrolled = 8;  // searches no longer than this are exact

  struct Universal {  // `body` holds whatever `index` stands for
    Word index;
    Bool body;
  };

  smt::Engine& engine_;
  Rely rely_ = Rely::assumed, usage_ = Rely::obligation;
  std::optional<Bool> hypothesis_;
  std::vector<Word> instances_;
  std::vector<Universal> universals_;
  unsigned fresh_names_ = 0;
};

template <class Predicate>
smt::Bool Symbolic::under(const Bool& hypothesis, Predicate predicate) {
  if (hypothesis_) {
    throw smt::EngineError("a search inside the predicate of a search");
  }
  hypothesis_ = hypothesis;
  const smt::Engine::NoForks guard(engine_);
  const Bool result = predicate();
  hypothesis_.reset();
  return result;
}

// Assumes that the predicate holds for from <= i < to: now at the instances, later at those that come.
template <class Predicate>
void Symbolic::all_between(const Word& from, const Word& to, Predicate predicate) {
  const auto at = [&](const Word& i) {
    const Bool inside = both(from <= i, i < to);
    return implies(inside, under(inside, [&] { return predicate(i); }));
  };
  for (const Word& i : instances_) {
    assume(at(i));
  }
  const Word index = fresh("index");
  universals_.push_back({index, at(index)});
}

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
    all_between(Word(0), n, predicate);
    return Bool(true);
  }
  const Word witness = fresh("witness");
  assume(witness < n);
  assume(negation(predicate(witness)));
  instantiate_at(witness);
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
  const auto miss = [&](const Word& i) { return negation(predicate(i)); };
  if (fresh("none") == Word(1)) {
    all_between(Word(0), n, miss);
    return n;
  }
  const Word last = fresh("last");
  assume(last < n);
  assume(predicate(last));
  instantiate_at(last);
  all_between(last + Word(1), n, miss);
  return last;
}

template <class Havoc, class Invariant, class Body>
void Symbolic::for_range(const Word& n, Havoc havoc, Invariant invariant, Body body) {
  prove("a loop's invariant holds before the first round", invariant(Word(0)));
  havoc();
  if (fresh("round") == Word(1)) {
    const Word i = fresh("i");
    assume(i < n);
    assume(invariant(i));
    body(i);
    prove("a loop's invariant holds after every round", invariant(i + Word(1)));
    throw smt::PathEnd{};
  }
  assume(invariant(n));
}

// A total function of two words: an uninterpreted function, or what `source` computes, under a log of writes.
// A read becomes a chain of conditions over the log, those left out that the path settles; an entry may be a
// whole range.
class Symbolic::Map {
 public:
  using Source = std::function<Word(Word, Word)>;
  using Hook = std::function<void(Word, Word, Word)>;
  using OfRow = std::function<Word(Word)>;

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
  void zero_row(const Word& k0) { log_.push_back({k0, Word(0), Word(0), Word(0), true, true}); }
  // One entry, however many rows; `of_row` must stay usable as long as the map and its copies.
  void write_rows(const Word& lo, const Word& hi, const Word& k1, OfRow of_row) {
    log_.push_back({lo, k1, k1, Word(0), false, false, Rows{hi, std::move(of_row)}});
  }

 private:
  struct Watch {
    Hook hook;
    std::set<std::pair<unsigned, unsigned>> seen;  // keys as terms
  };
  struct Rows {
    Word end;
    OfRow value;
  };
  struct Write {
    Word k0, lo, hi, value;
    bool range, row = false;
    std::optional<Rows> rows = {};  // of the rows from k0 on, instead of `value`
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
