// SPDX-License-Identifier: BSD-3-Clause
// The value domain of the runtime oracle: machine words; maps read a view of live memory through and keep a
// write log.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "machine/domain/domain.hpp"
#include "machine/domain/index_loops.hpp"
#include "machine/oracle/cell_log.hpp"
#include "machine/oracle/fields.hpp"

namespace redoubt {

// No allocation. Stuck preconditions are noted, the first one by name, and the specification goes on. To
// specifications a page is one value, as in proofs (`symbolic`): its fingerprint.
class Live : public IndexLoops {
 public:
  using Word = std::uint64_t;
  using Bool = bool;
  static constexpr bool symbolic = true;
  static constexpr std::size_t kCells = 4096, kRows = 16;

  constexpr Live() = default;

  // What a cell held before the call, read through to memory.
  using Source = Word (*)(oracle::Field, Word k0, Word k1);

  // Forgets what was written and noted; from here on `source` says what the maps held.
  void begin(Source source) {
    source_ = source;
    written_.clear();
    rows_size_ = 0;
    stuck_ = {};
    unknown_ = false;
  }

  [[nodiscard]] Word any(std::string_view) const { return 0; }  // whoever makes the state sets its words
  void assume(Bool holds) { rely("assumption", holds); }
  void prove(std::string_view label, Bool holds) { rely(label, holds); }
  void cover(std::string_view, Bool) {}
  void require(std::string_view label, Bool holds) { rely(label, holds); }
  void rely(std::string_view label, Bool holds) {
    if (!holds && stuck_.empty()) {
      stuck_ = label;
    }
  }
  [[noreturn]] void stop() const { __builtin_trap(); }  // no specification of a whole call gets here

  class Map {
   public:
    Map(Live& domain, std::string_view name) : domain_(&domain), field_(oracle::field_named(name)) {}

    [[nodiscard]] Word base(Word k0, Word k1) const { return domain_->before(field_, k0, k1); }
    [[nodiscard]] Word read(Word k0, Word k1) const { return domain_->now(field_, k0, k1); }
    void write(Word k0, Word k1, Word value) { domain_->write(field_, k0, k1, value); }
    void zero_range(Word k0, Word lo, Word hi) {
      for (Word k1 = lo; k1 < hi; k1 += 8) {
        write(k0, k1, 0);
      }
    }
    void zero_row(Word k0) { domain_->zero_row(field_, k0); }
    template <class OfRow>
    void write_rows(Word lo, Word hi, Word k1, OfRow of_row) {
      for (Word k0 = lo; k0 < hi; ++k0) {
        write(k0, k1, of_row(k0));
      }
    }

   private:
    Live* domain_;
    oracle::Field field_;
  };

  // --- what the comparison looks at ---
  using Written = oracle::CellLog<kCells>;
  struct Row {
    oracle::Field field = oracle::Field::count;
    Word k0 = 0;
  };
  [[nodiscard]] const Written& written() const { return written_; }
  [[nodiscard]] const Row* rows_begin() const { return rows_.data(); }
  [[nodiscard]] const Row* rows_end() const { return rows_.data() + rows_size_; }
  [[nodiscard]] std::string_view stuck() const { return stuck_; }
  // A map that this domain does not know was used, or a log is full: the comparison would mean nothing.
  [[nodiscard]] bool unknown() const { return unknown_ || written_.overflow(); }
  // What the specification says a cell holds after the call.
  [[nodiscard]] Word now(oracle::Field field, Word k0, Word k1) {
    if (const auto* cell = written_.find(static_cast<std::uint32_t>(field), k0, k1)) {
      return cell->value;
    }
    return in_row(field, k0) ? 0 : before(field, k0, k1);
  }
  [[nodiscard]] bool in_row(oracle::Field field, Word k0) const {
    for (const Row* row = rows_begin(); row != rows_end(); ++row) {
      if (row->field == field && row->k0 == k0) {
        return true;
      }
    }
    return false;
  }

 private:
  Word before(oracle::Field field, Word k0, Word k1) {
    if (field == oracle::Field::count || source_ == nullptr) {
      unknown_ = true;
      return 0;
    }
    return source_(field, k0, k1);
  }
  void write(oracle::Field field, Word k0, Word k1, Word value) {
    unknown_ = unknown_ || field == oracle::Field::count;
    written_.put(static_cast<std::uint32_t>(field), k0, k1, value);
  }
  // Cells of the row that were written before are zero now.
  void zero_row(oracle::Field field, Word k0) {
    if (field == oracle::Field::count) {
      return;  // a map that stands below the layers which specify whole calls
    }
    for (const auto* cell = written_.begin(); cell != written_.end(); ++cell) {
      if (cell->kind == static_cast<std::uint32_t>(field) && cell->k0 == k0) {
        written_.put(cell->kind, cell->k0, cell->k1, 0);
      }
    }
    if (rows_size_ == kRows) {
      unknown_ = true;
    } else {
      rows_[rows_size_++] = {field, k0};
    }
  }

  Source source_ = nullptr;
  Written written_{};
  std::array<Row, kRows> rows_{};
  std::size_t rows_size_ = 0;
  std::string_view stuck_{};
  bool unknown_ = false;
};
static_assert(ValueDomain<Live>);

}  // namespace redoubt
