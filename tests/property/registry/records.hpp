// SPDX-License-Identifier: BSD-3-Clause
// Records of core and VMs in the generic checks: random contents, what a machine left there, differences.
#pragma once
#include <random>

#include "core/registry/primitive.hpp"
#include "machine/model/model_machine.hpp"
#include "tests/property/registry/choice.hpp"

namespace redoubt::test {

using Records = spec::VmRecords<Concrete>;

// At boot: the first VM is 1, the image window is empty, mailboxes lie between the memory regions.
inline void boot_records(Records& r) {
  r.next_vmid = 1;
  r.next_remap_ptr = REMAP_START;
  r.mailboxes = 0x7000'0000;
}

// A value for a field: small ones, boundaries, any.
inline u64 record_value(std::mt19937_64& draw, bool narrow) {
  const u64 any = draw();
  switch (any % 4) {
    case 0:
      return any >> 8 & 7;
    case 1:
      return narrow ? INVALID : INVALID64;
    default:
      return narrow ? any >> 32 : any;
  }
}

// Any contents for some principals. One choice: the rest follows from it, so that the stream lasts.
inline void random_records(Choice& c, Records& r) {
  std::mt19937_64 draw(c.word());
  r.next_vmid = record_value(draw, true);
  r.next_remap_ptr = record_value(draw, false);
  r.free_vmids = record_value(draw, false);
  for (const u64 v : {u64{0}, u64{1}, u64{2}, u64{COREVISOR}}) {
    for (const Records::Named& named : Records::kMaps) {
      for (unsigned index = 0; index < named.indices; ++index) {
        (r.*named.map).write(v, index, record_value(draw, named.narrow));
      }
    }
  }
}

// Reads back through the machine's accessors what its events say it wrote; page contents and seals as they
// are.
template <class Machine, class S>
void observe_records(Machine& m, S& s) {
  s.content = m.content();
  s.records.next_vmid = m.core_word(CoreField::next_vmid);
  s.records.next_remap_ptr = m.core_word(CoreField::next_remap_ptr);
  s.records.free_vmids = m.core_word(CoreField::free_vmids);
  for (const Event<u64>& e : m.events()) {
    if (e.kind != EventKind::set_vm_word) {
      continue;
    }
    for (const Records::Named& named : Records::kMaps) {
      for (unsigned index = 0; index < named.indices; ++index) {
        (s.records.*named.map).write(e.who, index, (m.records().*named.map).read(e.who, index));
      }
    }
  }
}

inline registry::Fields record_difference(const Records& a, const Records& b) {
  registry::Fields d = registry::field::none;
  for (const Records::NamedWord& named : Records::kWords) {
    d |= a.*named.word == b.*named.word ? registry::field::none : registry::field::core;
  }
  for (const Records::Named& named : Records::kMaps) {
    const bool differ = !(a.*named.map).same_cells(b.*named.map);
    d |= differ ? registry::field::vm : registry::field::none;
  }
  return d;
}

}  // namespace redoubt::test
