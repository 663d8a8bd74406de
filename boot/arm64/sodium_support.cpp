// SPDX-License-Identifier: BSD-3-Clause
// What libsodium's files need beside memory functions (sodium/utils.h, sodium/core.h, stdlib.h).
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "boot/arm64/halt.hpp"

extern "C" {

void sodium_memzero(void* memory, std::size_t size) {
  std::memset(memory, 0, size);
  asm volatile("" : : "r"(memory) : "memory");  // it counts as read, so the stores stay
}

// 0 where the bytes are the same; as long for all contents.
int sodium_memcmp(void const* left, void const* right, std::size_t size) {
  auto const volatile* const a = static_cast<unsigned char const volatile*>(left);
  auto const volatile* const b = static_cast<unsigned char const volatile*>(right);
  unsigned difference = 0;
  for (std::size_t i = 0; i < size; ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0 ? 0 : -1;
}

// 1 where every byte is zero; as long for all contents.
int sodium_is_zero(unsigned char const* bytes, std::size_t size) {
  unsigned any = 0;
  for (std::size_t i = 0; i < size; ++i) any |= static_cast<unsigned char const volatile&>(bytes[i]);
  return any == 0 ? 1 : 0;
}

// Called for arguments that no caller here passes.
[[noreturn]] void sodium_misuse() { redoubt::panic(redoubt::Invariant::crypto_misuse); }
[[noreturn]] void abort() { redoubt::panic(redoubt::Invariant::crypto_misuse); }

}  // extern "C"
