// SPDX-License-Identifier: BSD-3-Clause
// The C library's memory and string functions that the compiler and libfdt need; 16 bytes at a time where it
// matters.
#include <cstddef>
#include <cstdint>

namespace {

struct Pair {
  std::uint64_t low, high;
};

// The pair instructions take any address once the MMU is on; before that, callers pass 8-byte aligned objects
// only.
inline Pair load_pair(unsigned char const* from) {
  Pair pair;
  asm volatile("ldp %0, %1, [%2]" : "=r"(pair.low), "=r"(pair.high) : "r"(from) : "memory");
  return pair;
}
inline void store_pair(unsigned char* to, Pair pair) {
  asm volatile("stp %x0, %x1, [%2]" : : "rZ"(pair.low), "rZ"(pair.high), "r"(to) : "memory");
}

void copy_up(unsigned char* to, unsigned char const* from, std::size_t size) {
  for (; size >= 16; size -= 16, to += 16, from += 16) store_pair(to, load_pair(from));
  for (; size != 0; --size) *to++ = *from++;
}

void copy_down(unsigned char* to, unsigned char const* from, std::size_t size) {
  to += size;
  from += size;
  for (; size >= 16; size -= 16) {
    to -= 16;
    from -= 16;
    store_pair(to, load_pair(from));
  }
  for (; size != 0; --size) *--to = *--from;
}

}  // namespace

extern "C" {

void* memcpy(void* to, void const* from, std::size_t size) {
  copy_up(static_cast<unsigned char*>(to), static_cast<unsigned char const*>(from), size);
  return to;
}

void* memmove(void* to, void const* from, std::size_t size) {
  auto* const target = static_cast<unsigned char*>(to);
  auto const* const source = static_cast<unsigned char const*>(from);
  target <= source ? copy_up(target, source, size) : copy_down(target, source, size);
  return to;
}

void* memset(void* to, int value, std::size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  std::uint64_t const word = 0x0101'0101'0101'0101u * static_cast<unsigned char>(value);
  for (; size >= 16; size -= 16, target += 16) store_pair(target, {word, word});
  for (; size != 0; --size) *target++ = static_cast<unsigned char>(value);
  return to;
}

int memcmp(void const* left, void const* right, std::size_t size) {
  auto const* a = static_cast<unsigned char const*>(left);
  auto const* b = static_cast<unsigned char const*>(right);
  for (; size != 0; --size, ++a, ++b)
    if (*a != *b) return *a - *b;
  return 0;
}

void* memchr(void const* where, int value, std::size_t size) {
  auto const* at = static_cast<unsigned char const*>(where);
  for (; size != 0; --size, ++at)
    if (*at == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(at);
  return nullptr;
}

std::size_t strlen(char const* text) {
  char const* end = text;
  while (*end != 0) ++end;
  return static_cast<std::size_t>(end - text);
}

std::size_t strnlen(char const* text, std::size_t limit) {
  std::size_t length = 0;
  while (length < limit && text[length] != 0) ++length;
  return length;
}

char* strchr(char const* text, int value) {
  return static_cast<char*>(memchr(text, value, strlen(text) + 1));
}

char* strrchr(char const* text, int value) {
  for (std::size_t i = strlen(text) + 1; i-- > 0;)
    if (text[i] == static_cast<char>(value)) return const_cast<char*>(text + i);
  return nullptr;
}

}  // extern "C"
