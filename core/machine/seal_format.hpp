// SPDX-License-Identifier: BSD-3-Clause
// Sealed state of a VM: what is encrypted, under which label, and where its header stands in a mailbox.
#pragma once
#include <array>

#include "core/machine/context.hpp"
#include "core/machine/record_layout.hpp"

namespace redoubt {

// Encryption is ChaCha20-Poly1305 (RFC 8439) with a key per VM. Nonce: version, then kind. Associated data:
// format and kind, VM, item, bytes. A VM's versions grow by one with each seal, so no nonce serves twice.
enum class SealKind : std::uint32_t { page = 1, general = 2, system = 3 };
inline constexpr u64 SEAL_FORMAT = 0x5244'4254'0001;   // "RDBT", version 1
inline constexpr u64 SEAL_VERSION_END = u64{1} << 48;  // versions are 1 to this, exclusive; 0: none

// `item` is the frame of a page, or the vCPU of a register image.
template <class W>
struct SealLabel {
  SealKind kind{};
  VmId<W> vmid{};
  W item{}, version{};
  u64 bytes = 0;
};
template <class W>
struct SealTag {
  W low{}, high{};
};
constexpr u64 seal_word(SealKind kind) { return SEAL_FORMAT << 8 | static_cast<u64>(kind); }

// Header, in 64-bit words; what is sealed follows at SEAL_PAYLOAD, except pages, which have a frame of their
// own.
inline constexpr u64 SEAL_AT_FORMAT = 0, SEAL_AT_BYTES = 1, SEAL_AT_VERSION = 2, SEAL_AT_TAG = 3;
inline constexpr u64 SEAL_PAYLOAD = 8;
// Places in a mailbox page: the page's header in the VM's; the two images in the vCPU's.
inline constexpr u64 SEAL_GENERAL_AT = 0, SEAL_SYSTEM_AT = 256, MAILBOX_WORDS = PAGE_SIZE / 8;

constexpr bool is_in_image(const ContextRegister& r, SealKind kind) {
  const bool instruction = r.number == ctxt::PC || r.number == ctxt::PSTATE;
  const bool of_program = (r.movers & (moved::general | moved::fp)) != 0 || instruction;
  return kind == SealKind::general ? of_program : (r.movers & moved::saved) != 0 && !instruction;
}
constexpr std::size_t image_size(SealKind kind) {
  std::size_t n = 0;
  for (const ContextRegister& r : kContext) {
    n += is_in_image(r, kind) ? r.count : 0;
  }
  return n;
}
// Numbers of the registers in an image, in order: what a program sees, and the EL1 system registers.
// Registers by which the core controls a guest are in neither.
template <SealKind Kind>
inline constexpr auto kImage = [] {
  std::array<u64, image_size(Kind)> numbers{};
  std::size_t n = 0;
  for (const ContextRegister& r : kContext) {
    for (u64 i = 0; is_in_image(r, Kind) && i < r.count; ++i) {
      numbers[n++] = r.number + i;
    }
  }
  return numbers;
}();
static_assert(SEAL_GENERAL_AT + SEAL_PAYLOAD + image_size(SealKind::general) <= SEAL_SYSTEM_AT);
static_assert(SEAL_SYSTEM_AT + SEAL_PAYLOAD + image_size(SealKind::system) <= MAILBOX_WORDS);

}  // namespace redoubt
