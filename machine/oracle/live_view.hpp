// SPDX-License-Identifier: BSD-3-Clause
// The abstract state of spec/ as a view of live memory: as it is now, or, through the call's undo log, as it
// was before the call.
#pragma once
#include "core/machine/cpu_machine.hpp"
#include "core/machine/manifest_machine.hpp"
#include "core/machine/record_layout.hpp"
#include "core/page/page_state.hpp"
#include "machine/el2/el2_machine.hpp"
#include "machine/oracle/call_record.hpp"
#include "machine/oracle/fields.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt::oracle {

enum class When : std::uint8_t { before, after };

// P: the board's parameters; Watch as for WatchedMachine, with `trap_setting(n)`, `manifest_word(which,
// image, index)` and `last_vcpu(vmid)` of this CPU. Reads only; nobody else changes the state meanwhile.
template <class P, class Watch>
class LiveView {
 public:
  constexpr LiveView(el2::CoreState& state, CallRecord& record) : s_(state), record_(record) {}

  // The cell as `when` says. For what host, VMs or emulation can change, `after` is what the core wrote.
  u64 read(When when, Field field, u64 k0, u64 k1) {
    if (field <= Field::pmd_t) {
      return table(when, field, k0, k1);
    }
    if (field >= Field::vm_state && field <= Field::vm_total) {
      return vm_word(when, k0, word_of(field) + k1);
    }
    return other(when, field, k0, k1);
  }
  // An entry of a table, by its address.
  u64 entry(When when, u64 vmid, u64 slot) {
    return or_old(when, Raw::table, vmid, slot, [&] { return el2::load<u64>(slot); });
  }
  u64 next(When when, u64 vmid, u64 zone) {
    return or_old(when, Raw::next, vmid, zone, [&] { return s_.next[vmid][zone]; });
  }
  // The entry that translates frame `gfn` at the level whose index starts at bit `shift`; 0: none. `at_table`
  // says whether a level-2 entry is a table.
  u64 entry_for(When when, u64 vmid, u64 gfn, unsigned shift) {
    u64 table = spec::bounds<P>(s_.pool_base, vmid).root;
    for (unsigned at = PGDIR_SHIFT;; at -= 9) {
      const u64 found = entry(when, vmid, table + (gfn >> (at - PAGE_SHIFT) & 511) * 8);
      if (at == shift || (found & 3) != 3) {
        return at == shift ? found : 0;
      }
      table = found & 0x0000'ffff'ffff'f000;
    }
  }
  // Is nothing left in the pool of a VM, up to what it had used?
  bool pool_is_empty(u64 vmid) {
    const auto b = spec::bounds<P>(s_.pool_base, vmid);
    const u64 starts[] = {b.pgd, b.pud, b.pmd};
    bool empty = all_zero(b.root, b.pgd);
    for (u64 zone = 0; zone < 3; ++zone) {
      empty = empty && s_.next[vmid][zone] == starts[zone] &&
              all_zero(starts[zone], next(When::before, vmid, zone));
    }
    return empty;
  }
  u64 word(When when, CoreField field) {
    return or_old(when, Raw::core_word, static_cast<u64>(field), 0,
                  [&] { return s_.records.core[static_cast<u64>(field)]; });
  }
  u64 loaded(When when, u64 which) {
    return or_old(when, Raw::loaded, which, 0, [&] {
      const auto& mine = s_.cpu.loaded[Watch::cpu()];
      return which == 0 ? mine.vmid : mine.vcpuid;
    });
  }
  // Which map a word of a VM's record belongs to, and where in it.
  static Field field_of(u64 word, u64& index) {
    Field found = Field::vm_state;
    for (auto n = static_cast<std::uint32_t>(Field::vm_state);
         n <= static_cast<std::uint32_t>(Field::vm_total); ++n) {
      if (word_of(static_cast<Field>(n)) <= word) {
        found = static_cast<Field>(n);
      }
    }
    index = word - word_of(found);
    return found;
  }

 private:
  static constexpr u64 kNotShown = ~u64{1};  // no word of a mailbox

  template <class Now>
  u64 or_old(When when, Raw kind, u64 k0, u64 k1, Now now) {
    if (when == When::before) {
      if (const Cell* const cell = record_.find_old(kind, k0, k1)) {
        return cell->value;
      }
    }
    return now();
  }
  // What the core wrote last; where it did not write, what `now()` says.
  template <class Now>
  u64 written(Raw kind, u64 k0, u64 k1, Now now) {
    const Cell* const cell = record_.find_new(kind, k0, k1);
    return cell == nullptr ? now() : cell->value;
  }
  static bool all_zero(u64 from, u64 to) {
    for (u64 at = from; at < to; at += 8) {
      if (el2::load<u64>(at) != 0) {
        return false;
      }
    }
    return true;
  }

  u64 table(When when, Field field, u64 vmid, u64 at) {
    switch (field) {
      case Field::pgd_t:
        return entry_for(when, vmid, at << 27, PGDIR_SHIFT) != 0 ? 1 : 0;
      case Field::pud_t:
        return entry_for(when, vmid, at << 18, PUD_SHIFT) != 0 ? 1 : 0;
      case Field::pmd_t:
        return (entry_for(when, vmid, at << 9, PMD_SHIFT) & 3) == 3 ? 1 : 0;
      case Field::block: {
        const u64 found = entry_for(when, vmid, at << 9, PMD_SHIFT);
        return (found & 3) == 3 ? 0 : found;
      }
      default:
        return entry_for(when, vmid, at, PAGE_SHIFT);
    }
  }
  static constexpr u64 word_of(Field field) {
    constexpr std::array<VmField, 12> words{
        VmField::state,      VmField::kvm,          VmField::next_load_info, VmField::inc_exe,
        VmField::vcpu,       VmField::vcpu_state,   VmField::load_addr,      VmField::load_size,
        VmField::remap_addr, VmField::mapped_pages, VmField::item,           VmField::total};
    return static_cast<u64>(words[static_cast<u64>(field) - static_cast<u64>(Field::vm_state)]);
  }
  u64 vm_word(When when, u64 vmid, u64 word) {
    return or_old(when, Raw::vm_word, vmid, word, [&] { return s_.records.vms[vmid][word]; });
  }
  u64 page_part(When when, Field field, u64 index) {
    const u64 page = or_old(when, Raw::page, index, 0, [&] { return el2::load<u64>(s_.pages + index * 8); });
    if (field == Field::s2_owner) {
      const u64 owner = PageState::Owner::get(page);
      return owner == PageState::kNobody ? INVALID : owner;
    }
    if (field == Field::s2_dma) {
      return PageState::DmaAssigned::get(page);
    }
    return field == Field::s2_count ? PageState::Count::get(page) : PageState::GfnPlusOne::get(page) - 1;
  }
  u64 region(u64 number, u64 field) {
    const el2::CoreState::Region& r = s_.regions[number < MAX_MEMBLOCK_NUM ? number : 0];
    const u64 values[] = {r.base, r.size, r.page_index, r.flag};
    return values[field & 3];
  }
  // 1 + number of the window that the frame lies in.
  u64 host_device(u64 pfn) {
    u64 number = 0;
    for (const auto& window : s_.host_windows) {
      ++number;
      if (window.base >> PAGE_SHIFT <= pfn && pfn < (window.base + window.size) >> PAGE_SHIFT) {
        return number;
      }
    }
    return 0;
  }
  u64 other(When when, Field field, u64 k0, u64 k1) {
    switch (field) {
      case Field::pt_next:
        return next(when, k0, k1);
      case Field::s2_owner:
      case Field::s2_count:
      case Field::s2_gfn:
      case Field::s2_dma:
        return page_part(when, field, k0);
      case Field::region:
        return region(k0, k1);
      case Field::host_device:
        return host_device(k0);
      case Field::shadow:
        return or_old(when, Raw::shadow, k0, k1, [&] {
          const u64* const elsewhere = Watch::host_vector(k0, k1);
          return elsewhere != nullptr ? *elsewhere : s_.cpu.contexts[k0][k1];
        });
      case Field::hw:
        return when == When::before ? record_.registers_before[k1] : record_.registers_after[k1];
      case Field::last_vcpu:
        return or_old(when, Raw::last_vcpu, k0, 0, [&] { return Watch::last_vcpu(k0); });
      case Field::trap_setting:
        return Watch::trap_setting(k0);
      case Field::manifest:
        return Watch::manifest_word(k0, k1 >> 3, k1 & 7);
      default:
        return untrusted(when, field, k0, k1);
    }
  }
  // What others supply, and what they see.
  u64 untrusted(When when, Field field, u64 k0, u64 k1) {
    switch (field) {
      case Field::doracle:
        return record_.tape(k0, k1);
      case Field::data_log:
        return when == When::before ? 0 : record_.tape_length(k0);
      case Field::guest_log:
        return when == When::after && k0 < record_.events() ? record_.event(k0)[k1] : 0;
      case Field::shown:
        return written(Raw::shown, k0, k1, [] { return kNotShown; });
      case Field::contents:
        return when == When::before ? Watch::fingerprint(k0)
                                    : written(Raw::contents, k0, k1, [&] { return Watch::fingerprint(k0); });
      case Field::hashed:
        return or_old(when, Raw::hashed, k0, 0, [&] { return record_.hashed[k0]; });
      case Field::hash_step:
        return hash_step(k0, k1);
      case Field::hash_digest:
        return record_.digest(k0, k1);
      default:
        return 0;
    }
  }

  el2::CoreState& s_;
  CallRecord& record_;
};

}  // namespace redoubt::oracle
