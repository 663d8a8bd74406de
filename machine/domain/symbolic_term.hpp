// SPDX-License-Identifier: BSD-3-Clause
// Words and Booleans of the symbolic domain: constants fold, everything else is a solver term.
#pragma once
#include <z3++.h>

#include <cassert>
#include <cstdint>
#include <optional>

namespace redoubt::smt {

class Engine;

// The solver's context, which knows the engine that decides its branches.
struct Context : z3::context {
  explicit Context(Engine& owner) : engine(owner) {}
  Engine& engine;
};

// Decides `condition` on the current path; both ways are explored if both are possible (symbolic_engine.cpp).
bool decide(const z3::expr& condition);

// A truth value. `if`, `&&`, `||`, `!` and `?:` fork the path; both(), either(), negation() and select() do
// not.
class Bool {
 public:
  explicit Bool(bool value = false) : value_(value) {}
  explicit Bool(z3::expr term) : term_(std::move(term)) { fold(); }

  explicit operator bool() const { return term_ ? decide(expr()) : value_; }

  [[nodiscard]] bool constant() const { return !term_; }
  [[nodiscard]] bool value() const { return value_; }  // of a constant
  [[nodiscard]] z3::expr term(z3::context& context) const {
    return term_ ? expr() : context.bool_val(value_);
  }
  [[nodiscard]] z3::context& context() const { return expr().ctx(); }  // not of a constant

  friend Bool both(const Bool& a, const Bool& b) {
    if (a.constant()) {
      return a.value_ ? b : a;
    }
    if (b.constant()) {
      return b.value_ ? a : b;
    }
    return Bool(a.expr() && b.expr());
  }
  friend Bool either(const Bool& a, const Bool& b) {
    if (a.constant()) {
      return a.value_ ? a : b;
    }
    if (b.constant()) {
      return b.value_ ? b : a;
    }
    return Bool(a.expr() || b.expr());
  }
  friend Bool negation(const Bool& a) { return a.constant() ? Bool(!a.value_) : Bool(!a.expr()); }
  friend Bool operator==(const Bool& a, const Bool& b) {
    if (a.constant()) {
      return a.value_ ? b : negation(b);
    }
    if (b.constant()) {
      return b.value_ ? a : negation(a);
    }
    return Bool(a.expr() == b.expr());
  }
  friend Bool operator!=(const Bool& a, const Bool& b) { return negation(a == b); }

 private:
  // Of what is not a constant, which every caller knows.
  [[nodiscard]] const z3::expr& expr() const { return *term_; }  // NOLINT(bugprone-unchecked-optional-access)

  void fold() {
    if (!expr().is_true() && !expr().is_false()) {
      return;
    }
    value_ = expr().is_true();
    term_.reset();
  }

  bool value_ = false;
  std::optional<z3::expr> term_;
};

// A 64-bit word with the semantics of std::uint64_t. Shift distances are constants below 64.
class Word {
 public:
  explicit Word(std::uint64_t value = 0) : value_(value) {}
  explicit Word(z3::expr term) : term_(std::move(term)) {
    if (expr().is_numeral_u64(value_)) {
      term_.reset();
    }
  }

  [[nodiscard]] bool constant() const { return !term_; }
  [[nodiscard]] std::uint64_t value() const { return value_; }  // of a constant
  [[nodiscard]] z3::expr term(z3::context& context) const {
    return term_ ? expr() : context.bv_val(value_, 64);
  }
  [[nodiscard]] z3::context& context() const { return expr().ctx(); }  // not of a constant

  friend Word operator+(const Word& a, const Word& b) {
    return apply<Word>(a, b, [](const auto& x, const auto& y) { return x + y; });
  }
  friend Word operator-(const Word& a, const Word& b) {
    return apply<Word>(a, b, [](const auto& x, const auto& y) { return x - y; });
  }
  friend Word operator*(const Word& a, const Word& b) {  // by constants: strides
    return apply<Word>(a, b, [](const auto& x, const auto& y) { return x * y; });
  }
  friend Word operator&(const Word& a, const Word& b) {
    return apply<Word>(a, b, [](const auto& x, const auto& y) { return x & y; });
  }
  friend Word operator|(const Word& a, const Word& b) {
    return apply<Word>(a, b, [](const auto& x, const auto& y) { return x | y; });
  }
  friend Word operator^(const Word& a, const Word& b) {
    return apply<Word>(a, b, [](const auto& x, const auto& y) { return x ^ y; });
  }
  friend Word operator~(const Word& a) { return a.constant() ? Word(~a.value_) : Word(~a.expr()); }
  friend Word operator<<(const Word& a, unsigned distance) {
    assert(distance < 64);
    return a.constant() ? Word(a.value_ << distance) : Word(z3::shl(a.expr(), static_cast<int>(distance)));
  }
  friend Word operator>>(const Word& a, unsigned distance) {
    assert(distance < 64);
    return a.constant() ? Word(a.value_ >> distance) : Word(z3::lshr(a.expr(), static_cast<int>(distance)));
  }

  friend Bool operator==(const Word& a, const Word& b) {
    return apply<Bool>(a, b, [](const auto& x, const auto& y) { return x == y; });
  }
  friend Bool operator!=(const Word& a, const Word& b) { return negation(a == b); }
  friend Bool operator<(const Word& a, const Word& b) { return below(a, b); }
  friend Bool operator<=(const Word& a, const Word& b) { return negation(below(b, a)); }
  friend Bool operator>(const Word& a, const Word& b) { return below(b, a); }
  friend Bool operator>=(const Word& a, const Word& b) { return negation(below(a, b)); }

  friend Word select(const Bool& condition, const Word& yes, const Word& no) {
    if (condition.constant()) {
      return condition.value() ? yes : no;
    }
    z3::context& c = condition.context();
    return Word(z3::ite(condition.term(c), yes.term(c), no.term(c)));
  }

 private:
  // Of what is not a constant, which every caller knows.
  [[nodiscard]] const z3::expr& expr() const { return *term_; }  // NOLINT(bugprone-unchecked-optional-access)

  template <class Result, class Operation>
  static Result apply(const Word& a, const Word& b, Operation operation) {
    if (a.constant() && b.constant()) {
      return Result(operation(a.value_, b.value_));
    }
    z3::context& c = a.constant() ? b.context() : a.context();
    return Result(operation(a.term(c), b.term(c)));
  }
  static Bool below(const Word& a, const Word& b) {
    if (a.constant() && b.constant()) {
      return Bool(a.value_ < b.value_);
    }
    z3::context& c = a.constant() ? b.context() : a.context();
    return Bool(z3::ult(a.term(c), b.term(c)));
  }

  std::uint64_t value_ = 0;
  std::optional<z3::expr> term_;
};

}  // namespace redoubt::smt
