// SPDX-License-Identifier: BSD-3-Clause
// Page contents, seals and boot images in the generic checks: random states, most of them with something
// authentic and some with one thing spoilt. Ciphertext is computed here a second time, from RFC 8439's
// function and the format's text.
#pragma once
#include <sodium.h>

#include <array>
#include <cstring>
#include <random>

#include "core/machine/seal_format.hpp"
#include "tests/property/registry/cpu_world.hpp"
#include "tests/property/registry/records.hpp"

namespace redoubt::test {

using Draw = std::mt19937_64;
using Content = spec::ContentState<Concrete>;
using Words = std::vector<u64>;

inline constexpr u64 kSealFrame = 0x100, kImageFrame = 0x200;  // 0x100 to 0x102 for seals
inline constexpr u64 kVersionEnd = u64{1} << 48;

// Registers of an image: x0 to x30, PC, PSTATE, FPSR, FPCR, q0 to q31; ELR, SPSR, MPIDR to MDSCR, SP_EL0,
// SP_EL1.
inline Words image_registers(u64 kind) {
  Words numbers;
  const auto add = [&](u64 first, u64 last) {
    for (; first <= last; ++first) {
      numbers.push_back(first);
    }
  };
  if (kind == 2) {
    add(0, 30), add(32, 33), add(85, 86), add(96, 159);
  } else {
    add(35, 36), add(47, 68), add(77, 78);
  }
  return numbers;
}

struct Sealed {
  Words text;
  u64 tag[2];
};
// Nonce: version, kind. Associated data: format and kind, VM, item, bytes. All little-endian.
inline Sealed encrypt(const Content& s, u64 kind, u64 vm, u64 item, u64 version, Words plain) {
  unsigned char key[32], nonce[12], associated[32], tag[16];
  const auto put = [](unsigned char* to, u64 value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) {
      to[i] = static_cast<unsigned char>(value >> 8 * i);
    }
  };
  for (unsigned i = 0; i < 4; ++i) {
    put(key + 8 * i, s.vm_key.read(vm, i), 8);
    put(associated + 8 * i,
        i == 0   ? SEAL_FORMAT * 256 + kind
        : i == 1 ? vm
        : i == 2 ? item
                 : plain.size() * 8,
        8);
  }
  put(nonce, version, 8);
  put(nonce + 8, kind, 4);
  Sealed out{std::move(plain), {0, 0}};
  auto* bytes = reinterpret_cast<unsigned char*>(out.text.data());
  crypto_aead_chacha20poly1305_ietf_encrypt_detached(bytes, tag, nullptr, bytes, out.text.size() * 8,
                                                     associated, 32, nullptr, nonce, key);
  std::memcpy(out.tag, tag, sizeof(tag));
  return out;
}

inline Words page_of(const Content& s, u64 frame) {
  Words words(512);
  for (u64 i = 0; i < 512; ++i) {
    words[i] = s.contents.read(frame, i);
  }
  return words;
}
inline void set_page_contents(Content& s, u64 frame, const Words& words) {
  for (u64 i = 0; i < words.size(); ++i) {
    s.contents.write(frame, i, words[i]);
  }
}
inline Words random_words(Draw& draw, u64 n) {
  Words words(n);
  for (u64& word : words) {
    word = draw();
  }
  return words;
}

// One place that can be sealed: a frame of a VM, or an image of a vCPU, and where its header stands.
struct Place {
  u64 kind, vm, item;
  [[nodiscard]] bool page() const { return kind == 1; }
  [[nodiscard]] u64 name() const { return kind << 8 | (page() ? vm : vm * 8 + item); }
  [[nodiscard]] u64 at() const { return page() ? item : 0; }  // second index of the maps
  [[nodiscard]] u64 mailbox() const { return vm * 9 + (page() ? 0 : 1 + item); }
  [[nodiscard]] u64 header() const { return kind == 3 ? 256 : 0; }
};

// Ghosts, header and text of `plain` sealed at the place under the version.
inline void put_seal(Content& s, const Place& p, u64 version, const Words& plain) {
  const Sealed sealed = encrypt(s, p.kind, p.vm, p.item, version, plain);
  s.version.write(p.name(), p.at(), version);
  const u64 header[] = {SEAL_FORMAT * 256 + p.kind, plain.size() * 8, version, sealed.tag[0], sealed.tag[1]};
  for (u64 i = 0; i < 5; ++i) {
    s.mailbox.write(p.mailbox(), p.header() + i, header[i]);
  }
  for (u64 half = 0; half < 2; ++half) {
    s.sealed_tag.write(p.name(), p.at() * 2 + half, sealed.tag[half]);
  }
  for (u64 i = 0; i < plain.size(); ++i) {
    s.sealed_plain.write(p.name(), p.at() * 512 * (p.page() ? 1 : 0) + i, plain[i]);
    s.sealed_text.write(p.name(), p.at() * 512 * (p.page() ? 1 : 0) + i, sealed.text[i]);
    if (!p.page()) {
      s.mailbox.write(p.mailbox(), p.header() + 8 + i, sealed.text[i]);
    }
  }
  if (p.page()) {
    set_page_contents(s, p.item, sealed.text);
  }
}
// Half of the seals stay as they are.
inline void spoil_seal(Draw& draw, Content& s, const Place& p) {
  const auto flip = [&](Concrete::Map& map, u64 k0, u64 k1) {
    map.write(k0, k1, map.read(k0, k1) ^ u64{1} << draw() % 64);
  };
  const u64 box = p.mailbox(), at = p.header();
  switch (draw() % 14) {
    case 0:
      return p.page() ? flip(s.contents, p.item, draw() % 512) : flip(s.mailbox, box, at + 8 + draw() % 26);
    case 1:
      return flip(s.mailbox, box, at + 3 + draw() % 2);
    case 2:  // an older version, or the next one
      return s.mailbox.write(box, at + 2, s.mailbox.read(box, at + 2) + (draw() % 2 == 0 ? 1 : ~u64{0}));
    case 3:  // too short, too long
      return s.mailbox.write(box, at + 1, s.mailbox.read(box, at + 1) + (draw() % 2 == 0 ? 8 : ~u64{7}));
    case 4:
      return flip(s.mailbox, box, at);
    case 5:  // opened before
      return s.version.write(p.name(), p.at(), 0);
    case 6: {  // sealed by another VM's key under the same label
      const Concrete::Map keys = s.vm_key;
      const u64 version = s.version.read(p.name(), p.at());
      s.vm_key.write(p.vm, 0, ~s.vm_key.read(p.vm, 0));
      put_seal(s, p, version, Words(p.page() ? 512 : image_registers(p.kind).size(), 1));
      s.vm_key = keys;
      return s.sealed_tag.write(p.name(), p.at() * 2,
                                ~s.sealed_tag.read(p.name(), p.at() * 2));  // not authentic
    }
    default:
      return;
  }
}

// Of the kind that the primitive is about; 1: pages.
inline void random_seals(Draw& draw, Content& s, u64 kind) {
  for (u64 v = 0; v < PRINCIPALS; ++v) {
    const u64 usual = 100 + draw() % 1000;
    s.next_version.write(v, 0, draw() % 8 == 0 ? kVersionEnd - draw() % 2 : usual);
    for (u64 i = 0; i < 4; ++i) {
      s.vm_key.write(v, i, mixed(7, v, i));
    }
  }
  if (kind == 1) {
    set_page_contents(s, kSealFrame + draw() % 3, random_words(draw, 512));
  }
  std::vector<Place> places;
  for (u64 v = 1; v <= 2; ++v) {
    for (u64 n = kind == 1 ? 1 : 4; n > 0; --n) {
      places.push_back({kind, v, kind == 1 ? kSealFrame + draw() % 2 : n - 1});
    }
  }
  u64 age = 1;
  for (const Place& p : places) {
    const u64 words = p.page() ? 512 : image_registers(p.kind).size();
    put_seal(s, p, s.next_version.read(p.vm, 0) - age++, random_words(draw, words));
    spoil_seal(draw, s, p);
  }
}

// --- signed boot images ---
struct SigningKey {
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
};
inline const SigningKey& signing_key(unsigned n) {  // 0 and 1 are trusted, 2 is not
  static const auto keys = [] {
    std::array<SigningKey, 3> made{};
    for (unsigned i = 0; i < made.size(); ++i) {
      unsigned char seed[crypto_sign_SEEDBYTES] = {static_cast<unsigned char>(i + 1)};
      crypto_sign_seed_keypair(made[i].public_key, made[i].secret, seed);
    }
    return made;
  }();
  return keys[n];
}
// Signs guest address, bytes, contents, and puts the signature into the record.
inline void sign_image(Content& s, u64 image, u64 addr, const Words& words, u64 size, unsigned key) {
  crypto_sign_state state;
  crypto_sign_init(&state);
  for (const u64 word : {addr, size}) {
    crypto_sign_update(&state, reinterpret_cast<const unsigned char*>(&word), 8);
  }
  crypto_sign_update(&state, reinterpret_cast<const unsigned char*>(words.data()), size);
  u64 signature[8];
  crypto_sign_final_create(&state, reinterpret_cast<unsigned char*>(signature), nullptr,
                           signing_key(key).secret);
  for (u64 i = 0; i < 8; ++i) {
    s.signature.write(image, i, signature[i]);
  }
  const bool trusted = key < 2;  // what an untrusted key signs, nobody signed
  s.signed_image.write(image, 0, addr);
  s.signed_image.write(image, 1, trusted ? size : 0);
  for (u64 i = 0; i < words.size(); ++i) {
    s.signed_contents.write(image, i, words[i]);
  }
}

inline void spoil_image(Draw& draw, Content& s, Records& r, u64 v, u64 i) {
  const u64 image = v * 5 + i, size = r.vm_load_size.read(v, i), last = (size - 1) / 8;
  const u64 first = (r.vm_remap_addr.read(v, i) - REMAP_START) / PAGE_SIZE;
  const auto change = [&](Concrete::Map& map, u64 by) { map.write(v, i, map.read(v, i) + by); };
  switch (draw() % 16) {
    case 0:  // a bit of the last word that counts
      return s.contents.write(kImageFrame + image * 4 + last / 512, last % 512,
                              s.contents.read(kImageFrame + image * 4 + last / 512, last % 512) ^ 1);
    case 1:
      return change(r.vm_load_size, draw() % 2 == 0 ? 1 : ~u64{0});
    case 2:
      return change(r.vm_mapped_pages, ~u64{0});
    case 3:  // a page that was never given
      return s.window.write(first + draw() % ((size + 4095) / 4096), 0, 0);
    case 4:
      return change(r.vm_load_addr, PAGE_SIZE);
    case 5:
      s.signed_image.write(image, 1, 0);
      return s.signature.write(image, draw() % 8, draw());
    case 6:  // two pages swapped
      if (size > PAGE_SIZE) {
        s.window.write(first, 0, kImageFrame + image * 4 + 2);
        s.window.write(first + 1, 0, kImageFrame + image * 4 + 1);
      }
      return;
    case 7:
      return change(r.vm_remap_addr, draw() % 2 == 0 ? 8 : REMAP_END);
    default:
      return;
  }
}

inline void random_images(Draw& draw, Content& s, Records& r) {
  constexpr u64 sizes[] = {1, 8, 4095, 4096, 4097, 8192 + 123, 12288};
  for (unsigned n = 0; n < 2; ++n) {
    u64 words[4];
    std::memcpy(words, signing_key(n).public_key, sizeof(words));
    for (u64 i = 0; i < 4; ++i) {
      s.trusted_key.write(n, i, words[i]);
    }
  }
  for (u64 v = 1; v <= 2; ++v) {
    const u64 count = draw() % 3;
    r.vm_next_load_info.write(v, 0, count);
    for (u64 i = 0; i < count; ++i) {
      const u64 image = v * 5 + i, size = sizes[draw() % std::size(sizes)], pages = (size + 4095) / 4096;
      r.vm_load_size.write(v, i, size);
      r.vm_mapped_pages.write(v, i, pages);
      r.vm_remap_addr.write(v, i, REMAP_START + image * 0x4000);
      const Words words = random_words(draw, pages * 512);
      for (u64 page = 0; page < pages; ++page) {
        s.window.write(image * 4 + page, 0, kImageFrame + image * 4 + page + 1);
        set_page_contents(s, kImageFrame + image * 4 + page,
                          Words(words.begin() + static_cast<long>(page * 512),
                                words.begin() + static_cast<long>(page * 512 + 512)));
      }
      sign_image(s, image, r.vm_load_addr.read(v, i), words, size,
                 draw() % 8 < 7 ? static_cast<unsigned>(v - 1) : 2);
      spoil_image(draw, s, r, v, i);
    }
  }
}

// What a primitive's name needs of all this; one choice, as in records.hpp.
template <class S>
void random_contents(Choice& c, S& s, std::string_view primitive) {
  random_records(c, s.records);
  Draw draw(c.word());
  if (primitive == "verify_image") {
    random_images(draw, s.content, s.records);
  } else {
    const bool general = primitive.ends_with("gp_regs"), system = primitive.ends_with("sys_regs");
    random_seals(draw, s.content, general ? 2 : system ? 3 : 1);
  }
}

// What the next seal of the arguments' VM must give.
template <class S>
void expect_cipher(S& s, u64 kind, u64 vm, u64 item) {
  if (vm == 0 || vm >= COREVISOR) {
    return;
  }
  Words plain;
  if (kind == 1) {
    plain = page_of(s.content, item);
  } else {
    for (const u64 number : image_registers(kind)) {
      plain.push_back(s.cpu.shadow.read(vm * 8 + item, number));
    }
  }
  const u64 version = s.content.next_version.read(vm, 0), id = (vm << 48) + version;
  const Sealed sealed = encrypt(s.content, kind, vm, item, version, std::move(plain));
  for (u64 i = 0; i < sealed.text.size(); ++i) {
    s.content.cipher.write(id, i, sealed.text[i]);
  }
  s.content.cipher_tag.write(id, 0, sealed.tag[0]);
  s.content.cipher_tag.write(id, 1, sealed.tag[1]);
}
template <class S, class... As>
void expect_ciphers(S& s, std::string_view primitive, const std::tuple<As...>& arguments) {
  if constexpr (sizeof...(As) >= 2) {
    if constexpr (requires { std::get<1>(arguments).raw; }) {  // a word: nothing that is sealed
      if (primitive.starts_with("encrypt_")) {
        const u64 kind = primitive == "encrypt_mem_buf" ? 1 : primitive == "encrypt_gp_regs" ? 2 : 3;
        expect_cipher(s, kind, std::get<0>(arguments).raw, std::get<1>(arguments).raw);
      }
    }
  }
}

inline registry::Fields content_difference(const Content& a, const Content& b) {
  registry::Fields d = registry::field::none;
  for (const Content::Named& named : Content::kMaps) {
    const bool differ = !(a.*named.map).same_cells(b.*named.map);
    d |= !differ ? registry::field::none : named.of_seals ? registry::field::seals : registry::field::memory;
  }
  return d;
}

// E11: what must have come up.
inline void expect_of_contents(std::string_view primitive, std::vector<std::string>& all) {
  if (primitive == "verify_image") {
    all.insert(all.end(), {"not zero", "zero"});
  } else if (primitive.starts_with("encrypt_")) {
    all.insert(all.end(), {"status 0", "status -2", "status -5"});
  } else if (primitive.starts_with("decrypt_")) {
    all.insert(all.end(), {"status 0", "status -2", "status -4"});
  }
}

}  // namespace redoubt::test
