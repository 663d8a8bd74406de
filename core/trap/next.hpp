// SPDX-License-Identifier: BSD-3-Clause
// Who runs after a trap, and how a status stands in a register.
#pragma once
#include <cstdint>

#include "abi/redoubt.h"
#include "core/machine/types.hpp"

namespace redoubt {

// After the handler the frame and the CPU hold the registers of: the host, or the loaded vCPU.
enum class Next : std::uint32_t { to_host = 0, resume_guest = 1 };

// The ABI's code of a status.
template <class W>
constexpr W status_word(Status status) {
  const auto code = status == Status::unchanged ? 0 : static_cast<std::int64_t>(status);
  return W(static_cast<std::uint64_t>(code));
}
static_assert(static_cast<int>(Status::not_supported) == REDOUBT_NOT_SUPPORTED &&
              static_cast<int>(Status::invalid_parameter) == REDOUBT_INVALID_PARAMETER &&
              static_cast<int>(Status::not_found) == REDOUBT_NOT_FOUND &&
              static_cast<int>(Status::denied) == REDOUBT_DENIED &&
              static_cast<int>(Status::no_memory) == REDOUBT_NO_MEMORY &&
              static_cast<int>(Status::busy) == REDOUBT_BUSY &&
              static_cast<int>(Status::exists) == REDOUBT_EXISTS &&
              static_cast<int>(Status::again) == REDOUBT_AGAIN);

}  // namespace redoubt
