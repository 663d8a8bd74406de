// SPDX-License-Identifier: BSD-3-Clause
// Seals in random states with VMs: what a primitive that opens one finds, often spoilt, and what one that
// seals must write.
#pragma once
#include "tests/property/registry/contents.hpp"

namespace redoubt::test {

// Keys and versions of every principal; now and then the versions are used up, or nearly.
template <class S>
void random_versions(Draw& draw, S& s) {
  for (u64 v = 0; v < PRINCIPALS; ++v) {
    const u64 usual = 100 + draw() % 1000;
    s.content.next_version.write(v, 0, draw() % 10 == 0 ? kVersionEnd - draw() % 3 : usual);
    for (u64 i = 0; i < 4; ++i) {
      s.content.vm_key.write(v, i, mixed(7, v, i));
    }
  }
}

inline bool is_a_vm(u64 v) { return v > HOSTVISOR && v < COREVISOR; }

// A seal at the place, made before; one in three is spoilt.
template <class S>
void random_seal(Draw& draw, S& s, const Place& p) {
  const u64 words = p.page() ? 512 : image_registers(p.kind).size();
  put_seal(s.content, p, s.content.next_version.read(p.vm, 0) - 1 - draw() % 50, random_words(draw, words));
  if (draw() % 3 == 0) {
    spoil_seal(draw, s.content, p);
  }
}

// Versions n and n + 1 of a vCPU's two halves, as RFC 8439's function has them.
template <class S>
void expect_saved_vcpu(S& s, u64 vm, u64 vcpu) {
  auto& next = s.content.next_version;
  const u64 first = next.read(vm, 0);
  expect_cipher(s, 2, vm, vcpu);
  next.write(vm, 0, first + 1);
  expect_cipher(s, 3, vm, vcpu);
  next.write(vm, 0, first);
}

// What the primitive of that name needs, for the arguments that it will be called with.
template <class S, class... As>
void prepare_seals(Choice& c, S& s, std::string_view primitive, const std::tuple<As...>& arguments) {
  Draw draw(c.word());
  random_versions(draw, s);
  const u64 vm = std::get<0>(arguments).raw, what = std::get<1>(arguments).raw;
  const bool of_vcpu = primitive.ends_with("vcpu");
  if (!is_a_vm(vm) || what >= (of_vcpu ? VCPU_PER_VM : KVM_PFN_SPACE)) {
    return;
  }
  if (of_vcpu) {
    for (const u64 kind : {u64{2}, u64{3}}) {
      random_seal(draw, s, {kind, vm, what});
    }
    fill_registers(s, vm * VCPU_PER_VM + what, draw());
    expect_saved_vcpu(s, vm, what);
  } else if (primitive.starts_with("s")) {  // seal, save
    expect_cipher(s, 1, vm, what);
  } else {
    random_seal(draw, s, {1, vm, what});
  }
}

}  // namespace redoubt::test
