// SPDX-License-Identifier: BSD-3-Clause
// Tables of fields of identification registers, and what a reader of such a register is shown through one.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "machine/el2/registers.hpp"

namespace redoubt::el2 {

// One field that may be seen, up to the newest value that its table was written for. Signed fields use 0xf
// for "absent", which passes unchanged.
struct IdField {
  SysReg reg;
  std::uint8_t low;
  std::uint8_t newest;
  bool is_signed = false;
};

// Fields by register, found by CRm 4 to 7 and op2. Rows of one register stand together.
template <std::size_t N>
class IdFields {
 public:
  consteval explicit IdFields(const std::array<IdField, N>& fields) : fields_(fields) {
    for (std::size_t i = 0; i < N; ++i) {
      Rows& rows = rows_[index_of(fields[i].reg)];
      if (rows.count == 0) rows.first = static_cast<std::uint8_t>(i);
      if (rows.first + rows.count != i) rows_of_one_register_must_stand_together();
      ++rows.count;
    }
  }

  // What is shown of `value` in `reg`, one of op0=3 op1=0 CRn=0 CRm=4..7: what no row lists reads as zero.
  [[nodiscard]] constexpr std::uint64_t view(SysReg reg, std::uint64_t value) const {
    Rows const rows = rows_[index_of(reg)];
    std::uint64_t view = 0;
    for (unsigned i = rows.first; i < unsigned{rows.first} + rows.count; ++i) {
      IdField const& field = fields_[i];
      std::uint64_t const seen = value >> field.low & 0xf;
      bool const keep = seen <= field.newest || (field.is_signed && seen == 0xf);
      view |= (keep ? seen : field.newest) << field.low;
    }
    return view;
  }

  [[nodiscard]] constexpr auto begin() const { return fields_.begin(); }
  [[nodiscard]] constexpr auto end() const { return fields_.end(); }

 private:
  struct Rows {
    std::uint8_t first = 0;
    std::uint8_t count = 0;
  };

  static void rows_of_one_register_must_stand_together();  // not constexpr: such a table does not compile

  static constexpr std::size_t index_of(SysReg reg) { return std::size_t{reg.crm - 4u} * 8 + reg.op2; }

  std::array<IdField, N> fields_;
  std::array<Rows, 32> rows_{};
};

}  // namespace redoubt::el2
