// SPDX-License-Identifier: BSD-3-Clause
// Reads the condition: atoms under not, /\ and \/, and what is claimed about it.
#include "tools/redoubt-litmus/parse.hpp"

namespace redoubt::litmus {
namespace {

class Reader {
 public:
  Reader(Cursor& cursor, LitmusTest& test) : cursor_(cursor), test_(test) {}

  Condition disjunction() {  // NOLINT(misc-no-recursion): depth is bounded by MAX_NESTING
    Condition out{Condition::Kind::disjunction, 0, {conjunction()}};
    while (cursor_.take("\\/")) {
      out.parts.push_back(conjunction());
    }
    return out.parts.size() == 1 ? std::move(out.parts.front()) : out;
  }

 private:
  Condition conjunction() {  // NOLINT(misc-no-recursion)
    Condition out{Condition::Kind::conjunction, 0, {factor()}};
    while (cursor_.take("/\\")) {
      out.parts.push_back(factor());
    }
    return out.parts.size() == 1 ? std::move(out.parts.front()) : out;
  }

  Condition factor() {  // NOLINT(misc-no-recursion)
    if (++depth_ > MAX_NESTING) {
      cursor_.fail(fmt::format("brackets nest deeper than {}", MAX_NESTING));
    }
    Condition out = bare_factor();
    --depth_;
    return out;
  }

  Condition bare_factor() {  // NOLINT(misc-no-recursion)
    if (cursor_.take("~")) {
      return {Condition::Kind::negation, 0, {factor()}};
    }
    if (cursor_.take("(")) {
      Condition inner = disjunction();
      cursor_.need(")");
      return inner;
    }
    if (const auto thread = cursor_.number()) {
      return register_atom(*thread);
    }
    const bool bracket = cursor_.take("[");
    const std::string name = cursor_.word();
    if (bracket) {
      cursor_.need("]");
    } else if (name == "not") {
      return {Condition::Kind::negation, 0, {factor()}};
    } else if (name == "true") {
      return {};
    }
    return location_atom(name);
  }

  Condition register_atom(Value thread) {
    if (thread >= test_.programs.size()) {
      cursor_.fail(fmt::format("there is no thread {}", thread));
    }
    cursor_.need(":");
    const std::string name = cursor_.word();
    const auto reg = register_named(name);
    if (!reg || reg->number == ZERO_REGISTER) {
      cursor_.fail(fmt::format("'{}' is not a register (X0 to X30, W0 to W30)", name));
    }
    Atom atom;
    atom.thread = static_cast<unsigned>(thread);
    atom.reg = *reg;
    atom.name = fmt::format("{}:{}", thread, name);
    return finish(atom);
  }

  Condition location_atom(const std::string& name) {
    if (!test_.addresses.contains(name)) {
      cursor_.fail(name.empty() ? fmt::format("a condition expected before '{}'", cursor_.rest())
                                : fmt::format("'{}' is not a location of the initial state", name));
    }
    Atom atom;
    atom.address = address_of(test_, name);
    atom.name = name;
    return finish(atom);
  }

  Condition finish(Atom& atom) {
    cursor_.need("=");
    const std::size_t known = test_.addresses.size();
    atom.equals = parse_value(cursor_, test_);
    if (test_.addresses.size() != known) {
      cursor_.fail(fmt::format("{} is compared with something that is not a location of the initial state",
                               atom.name));
    }
    test_.atoms.push_back(atom);
    return {Condition::Kind::atom, test_.atoms.size() - 1, {}};
  }

  Cursor& cursor_;
  LitmusTest& test_;
  unsigned depth_ = 0;
};

void parse_quantifier(Cursor& cursor, LitmusTest& test) {
  if (cursor.take("~")) {
    cursor.need("exists");
    test.quantifier = Quantifier::not_exists;
    return;
  }
  const std::string name = cursor.word();
  if (name != "exists" && name != "forall") {
    cursor.fail(fmt::format("'{}': the condition starts with exists, ~exists or forall",
                            name.empty() ? cursor.rest() : name));
  }
  test.quantifier = name == "exists" ? Quantifier::exists : Quantifier::forall;
}

}  // namespace

void parse_condition(Cursor& cursor, LitmusTest& test) {
  if (cursor.at_end()) {
    cursor.fail("the condition is missing: exists, ~exists or forall");
  }
  parse_quantifier(cursor, test);
  test.condition = Reader(cursor, test).disjunction();
  if (!cursor.at_end()) {
    cursor.fail(fmt::format("'{}' is too much behind the condition", cursor.rest()));
  }
}

}  // namespace redoubt::litmus
