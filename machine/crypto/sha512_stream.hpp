// SPDX-License-Identifier: BSD-3-Clause
// SHA-512 (FIPS 180-4) in pieces, its state in the caller's memory: one source for EL2 and hosted programs.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace redoubt::crypto {

// Plain data: may lie in zeroed memory, be copied, and rest between two calls into the core (R18).
class Sha512Stream {
 public:
  // More in one call would take a call into the core beyond its budget: about 50,000 instructions.
  static constexpr std::size_t kMaximumPiece = 2048;
  using Digest = std::array<std::uint64_t, 8>;  // the 64 bytes in memory order, as little-endian words

  void init();
  // At most kMaximumPiece bytes. EL2: MMU on; the bytes must not change meanwhile.
  void update(std::span<std::byte const> piece);
  // Ends the stream; init() starts the next one.
  [[nodiscard]] Digest final();

 private:
  alignas(8) std::array<std::byte, 208> state_{};  // crypto_hash_sha512_state
};

}  // namespace redoubt::crypto
