// SPDX-License-Identifier: BSD-3-Clause
// The concrete value domain: machine words, for unit and property tests, fuzzing and the replay of
// counterexamples.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "machine/domain/domain.hpp"
#include "machine/domain/index_loops.hpp"
#include "spec/machine/mutant.hpp"

namespace redoubt {

struct Stuck : std::runtime_error {  // a precondition does not hold: the specification has no result
  using std::runtime_error::runtime_error;
};
struct Halt : std::runtime_error {  // the machine has stopped
  using std::runtime_error::runtime_error;
};
struct Refuted : std::runtime_error {  // an obligation fails on these values
  using std::runtime_error::runtime_error;
};
struct Unfounded : std::runtime_error {  // the values contradict an assumption: no counterexample after all
  using std::runtime_error::runtime_error;
};

class Concrete : public IndexLoops {
 public:
  using Word = std::uint64_t;
  using Bool = bool;
  static constexpr bool symbolic = false;
  static inline spec::Mutant active_mutant = spec::Mutant::none;

  // Contents of the maps and values of the names; what is not there is zero.
  using Cells = std::map<std::pair<Word, Word>, Word>;
  struct Inputs {
    std::map<std::string, Word, std::less<>> names;
    std::map<std::string, Cells, std::less<>> maps;
  };

  Concrete() = default;
  explicit Concrete(Inputs inputs) : inputs_(std::move(inputs)) {}

  [[nodiscard]] Word any(std::string_view name) const {
    const auto found = inputs_.names.find(name);
    return found == inputs_.names.end() ? 0 : found->second;
  }
  void assume(Bool holds) const {
    if (!holds) {
      throw Unfounded("an assumption does not hold for these values");
    }
  }
  void prove(std::string_view label, Bool holds) {
    if (!holds) {
      throw Refuted(std::string(label));
    }
    ++proved_;
  }
  void cover(std::string_view, Bool) {}
  void rely(std::string_view label, Bool holds) const {
    if (!holds) {
      throw Stuck(std::string(label));
    }
  }
  // A usage rule of the machine: checked, or assumed where a theorem asks what follows from it.
  void require(std::string_view label, Bool holds) {
    if (usage_assumed_) {
      assume(holds);
    } else {
      prove(label, holds);
    }
  }
  void assume_usage(bool assumed) { usage_assumed_ = assumed; }
  [[noreturn]] void stop() const { throw Halt("fail-stop"); }
  [[nodiscard]] unsigned proved() const { return proved_; }
  // Do the inputs say what this cell holds? Else it may hold anything that the assumptions allow.
  [[nodiscard]] bool given(std::string_view map, Word k0, Word k1) const {
    const auto found = inputs_.maps.find(map);
    return found != inputs_.maps.end() && found->second.contains({k0, k1});
  }

  // A loop with its invariant, which is checked before and after every round.
  template <class Havoc, class Invariant, class Body>
  void for_range(Word n, Havoc, Invariant invariant, Body body) {
    prove("a loop's invariant holds before the first round", invariant(Word(0)));
    for (Word i = 0; i < n; ++i) {
      body(i);
      prove("a loop's invariant holds after every round", invariant(i + 1));
    }
  }

  class Map {
   public:
    using Source = std::function<Word(Word, Word)>;
    using Hook = std::function<void(Word, Word, Word)>;

    Map(Concrete& domain, std::string_view name, Source source = {}) : source_(std::move(source)) {
      const auto found = domain.inputs_.maps.find(name);
      if (found == domain.inputs_.maps.end()) {
        return;
      }
      Table table;
      for (const auto& [key, value] : found->second) {
        table[key] = value;
      }
      initial_ = std::make_shared<const Table>(std::move(table));
    }
    // Called with (k0, k1, value) before the initial contents of a cell are used for the first time: the
    // place where a harness assumes what it knows about every cell.
    void on_first_read(Hook hook) { hook_ = std::make_shared<Watch>(Watch{std::move(hook), {}}); }

    [[nodiscard]] Word base(Word k0, Word k1) const {
      const Word value = source_ ? source_(k0, k1) : initial(k0, k1);
      if (hook_ && hook_->seen.insert({k0, k1}).second) {
        hook_->hook(k0, k1, value);
      }
      return value;
    }
    [[nodiscard]] Word read(Word k0, Word k1) const {
      if (written_) {
        const auto found = written_->find({k0, k1});
        if (found != written_->end()) {
          return found->second;
        }
      }
      return base(k0, k1);
    }
    void write(Word k0, Word k1, Word value) {
      if (written_) {
        const auto found = written_->find({k0, k1});
        if (found != written_->end() && found->second == value) {
          return;
        }
      }
      own()[{k0, k1}] = value;
    }
    void zero_range(Word k0, Word lo, Word hi) {
      for (Word k1 = lo; k1 < hi; k1 += 8) {
        write(k0, k1, 0);
      }
    }
    void zero_row(Word k0) {
      for (const auto& [key, value] : cells()) {
        if (key.first == k0) {
          write(k0, key.second, 0);
        }
      }
    }
    template <class OfRow>
    void write_rows(Word lo, Word hi, Word k1, OfRow of_row) {
      for (Word k0 = lo; k0 < hi; ++k0) {
        write(k0, k1, of_row(k0));
      }
    }
    // Cells that are not zero, in key order: for comparing states and for printing.
    [[nodiscard]] Cells cells() const {
      Cells all;
      for (const auto* table : {initial_.get(), static_cast<const Table*>(written_.get())}) {
        if (table != nullptr) {
          for (const auto& [key, value] : *table) {
            all[key] = value;
          }
        }
      }
      std::erase_if(all, [](const auto& cell) { return cell.second == 0; });
      return all;
    }
    // Does a read of any cell that one of them lists give the same in both? Cheap for a copy that neither
    // side has written to.
    [[nodiscard]] bool same_cells(const Map& other) const {
      const bool shared = initial_ == other.initial_ && written_ == other.written_;
      return shared || (agrees_where_it_lists(other) && other.agrees_where_it_lists(*this));
    }

   private:
    struct Watch {
      Hook hook;
      std::set<std::pair<Word, Word>> seen;
    };
    [[nodiscard]] bool agrees_where_it_lists(const Map& other) const {
      for (const auto* table : {initial_.get(), static_cast<const Table*>(written_.get())}) {
        if (table == nullptr) {
          continue;
        }
        for (const auto& cell : *table) {
          const auto [k0, k1] = cell.first;
          if (read(k0, k1) != other.read(k0, k1)) {
            return false;
          }
        }
      }
      return true;
    }
    [[nodiscard]] Word initial(Word k0, Word k1) const {
      if (!initial_) {
        return 0;
      }
      const auto found = initial_->find({k0, k1});
      return found == initial_->end() ? 0 : found->second;
    }
    struct Hash {
      std::size_t operator()(const std::pair<Word, Word>& key) const {
        return std::hash<Word>{}(key.first * 0x9e3779b97f4a7c15u ^ key.second);
      }
    };
    using Table = std::unordered_map<std::pair<Word, Word>, Word, Hash>;
    Table& own() {
      if (!written_) {
        written_ = std::make_shared<Table>();
      } else if (written_.use_count() > 1) {
        written_ = std::make_shared<Table>(*written_);
      }
      return *written_;
    }
    // Copies share their cells until one of them writes: states are copied far more often than changed.
    std::shared_ptr<const Table> initial_;
    std::shared_ptr<Table> written_;
    Source source_;
    std::shared_ptr<Watch> hook_;  // shared by copies, as they share the initial contents
  };

 private:
  Inputs inputs_;
  unsigned proved_ = 0;
  bool usage_assumed_ = false;
};
static_assert(ValueDomain<Concrete>);

}  // namespace redoubt
