// SPDX-License-Identifier: BSD-3-Clause
// The cryptography of the EL2 image on the CPU it is made for: answers, instructions and stack. Under QEMU's
// -icount shift=0 with a 1 GHz counter, a tick of CNTPCT_EL0 is an instruction.
#include <array>
#include <cstdint>
#include <cstring>

#include "boot/arm64/halt.hpp"
#include "machine/crypto/ed25519.hpp"
#include "machine/crypto/sha512_stream.hpp"
#include "tests/el2/crypto/vectors.hpp"

extern "C" unsigned char stack_begin[], stack_end[];

namespace redoubt {
namespace {

constexpr std::uint64_t kHashLimit = 24;            // instructions a byte, in updates of 2 KiB
constexpr std::uint64_t kPieceLimit = 50'000;       // instructions of one update (R18)
constexpr std::uint64_t kSignatureLimit = 700'000;  // instructions of one verification (R18)
constexpr std::uint64_t kStackLimit = 8192;         // bytes of the 32 KiB that a CPU has

alignas(4096) std::array<std::byte, kLongMessage> message;
unsigned failures = 0;

void put(char const* text) {
  auto* const uart = reinterpret_cast<std::uint32_t volatile*>(0x0900'0000);
  for (; *text != 0; ++text) *uart = static_cast<unsigned char>(*text);
}
void put(std::uint64_t number) {
  char text[21] = {};
  char* at = text + 20;
  do *--at = static_cast<char>('0' + number % 10);
  while ((number /= 10) != 0);
  put(at);
}
void check(char const* what, bool good) {
  put(good ? "ok      " : "FAILED  ");
  put(what);
  put("\n");
  failures += good ? 0 : 1;
}
void check_limit(char const* what, std::uint64_t number, std::uint64_t limit) {
  put(number <= limit ? "ok      " : "FAILED  ");
  put(what);
  put(": ");
  put(number);
  put(" of ");
  put(limit);
  put("\n");
  failures += number <= limit ? 0 : 1;
}

std::uint64_t now() {
  std::uint64_t ticks;
  asm volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(ticks) : : "memory");
  return ticks;
}

constexpr unsigned char kPaint = 0xa5;
// Everything below this frame, with room for the loop itself.
[[gnu::noinline]] void paint_stack() {
  auto* const end = static_cast<unsigned char*>(__builtin_frame_address(0)) - 256;
  for (unsigned char* at = stack_begin; at < end; ++at) *const_cast<unsigned char volatile*>(at) = kPaint;
}
[[gnu::noinline]] std::uint64_t used_stack() {
  unsigned char const* at = stack_begin;
  while (*at == kPaint) ++at;
  return static_cast<std::uint64_t>(static_cast<unsigned char*>(__builtin_frame_address(0)) - at);
}

bool is(crypto::Sha512Stream::Digest const& digest, std::array<std::uint8_t, 64> const& wanted) {
  return std::memcmp(digest.data(), wanted.data(), wanted.size()) == 0;
}

void check_hashes() {
  crypto::Sha512Stream stream;
  stream.init();
  stream.update(std::as_bytes(std::span("abc")).first(3));
  check("SHA-512 of abc (FIPS 180-4)", is(stream.final(), kAbcDigest));

  std::uint64_t longest = 0;
  stream.init();
  std::uint64_t const start = now();
  for (std::size_t at = 0; at < message.size(); at += crypto::Sha512Stream::kMaximumPiece) {
    std::uint64_t const piece = now();
    stream.update(std::span(message).subspan(at, crypto::Sha512Stream::kMaximumPiece));
    std::uint64_t const taken = now() - piece;
    longest = taken > longest ? taken : longest;
  }
  std::uint64_t const taken = now() - start;
  check("SHA-512 of 64 KiB in pieces", is(stream.final(), kLongDigest));
  check_limit("SHA-512, hundredths of an instruction a byte", taken * 100 / message.size(), kHashLimit * 100);
  check_limit("SHA-512, instructions of the longest update", longest, kPieceLimit);

  stream.init();
  for (std::size_t at = 0, size = 1; at < message.size(); at += size, size = size * 3 % 1021 + 1)
    stream.update(std::span(message).subspan(at, size < message.size() - at ? size : message.size() - at));
  check("SHA-512 in pieces of any size, unaligned", is(stream.final(), kLongDigest));
}

void check_signatures() {
  auto const bytes = [](auto const& array) { return std::as_bytes(std::span(array)); };
  auto const signed_part = std::span<std::byte const>(message).first(kSignedBytes);
  paint_stack();
  std::uint64_t const start = now();
  bool const good = crypto::ed25519_verify(bytes(kSignature), signed_part, bytes(kPublicKey));
  std::uint64_t const taken = now() - start, stack = used_stack();
  check("Ed25519 signature of a manifest's length", good);
  check_limit("Ed25519, instructions of a verification", taken, kSignatureLimit);
  check_limit("Ed25519, bytes of stack", stack, kStackLimit);

  unsigned accepted = 0;
  for (std::size_t bit = 0; bit < 512; bit += 37) {
    auto wrong = kSignature;
    wrong[bit / 8] = static_cast<std::uint8_t>(wrong[bit / 8] ^ 1u << bit % 8);
    accepted += crypto::ed25519_verify(bytes(wrong), signed_part, bytes(kPublicKey)) ? 1 : 0;
  }
  check("Ed25519 refuses changed signatures", accepted == 0);
  message[300] ^= std::byte{1};
  check("Ed25519 refuses a changed message",
        !crypto::ed25519_verify(bytes(kSignature), signed_part, bytes(kPublicKey)));
  message[300] ^= std::byte{1};
}

}  // namespace

void panic(Invariant) {
  put("FAILED  libsodium stopped\n");
  for (;;) asm volatile("wfi");
}

}  // namespace redoubt

extern "C" std::uint64_t test_main() {
  using namespace redoubt;
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = message_byte(i);
  check_hashes();
  check_signatures();
  put(failures == 0 ? "el2-crypto: good\n" : "el2-crypto: FAILED\n");
  return failures == 0 ? 0 : 1;
}
