// SPDX-License-Identifier: BSD-3-Clause
// The whole of the core's state in sums: kept along with every checked call, and now and then added up from
// memory. A store that did not come through the machine shows as a difference.
#pragma once
#include "machine/el2/el2_machine.hpp"
#include "machine/oracle/call_record.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt::oracle {

// What a word of the state adds; nothing where it is zero.
constexpr u64 weight(Raw kind, u64 k0, u64 k1, u64 value) {
  if (value == 0) {
    return 0;
  }
  const u64 key = (k0 * 0x9e37'79b9'7f4a'7c15 ^ k1) * 0xbf58'476d'1ce4'e5b9 + static_cast<u64>(kind);
  const u64 mixed = (key ^ value) * 0x94d0'49bb'1331'11eb;
  return (mixed ^ mixed >> 31) * 0x9e37'79b9'7f4a'7c15;
}

// P: the board's parameters.
template <class P>
class WholeState {
 public:
  // One sum for each principal's tables, then ownership, records, contexts.
  static constexpr std::size_t kOwnership = PRINCIPALS, kRecords = kOwnership + 1, kContexts = kRecords + 1,
                               kParts = kContexts + 1;
  using Sums = std::array<u64, kParts>;

  constexpr explicit WholeState(el2::CoreState& core) : s_(core) {}

  // Takes over what a call changed. Each word once: its old value goes, the one in memory comes.
  void follow(const CallRecord& record) {
    for (const Cell& cell : record.before()) {
      const auto kind = static_cast<Raw>(cell.kind);
      if (kind == Raw::reset) {
        sums_[cell.k0] = bump_pointers(cell.k0);  // all else is zero
      } else if (is_of_tables(kind) && record.find_old(Raw::reset, cell.k0, 0) != nullptr) {
        continue;
      } else if (const std::size_t part = part_of(kind, cell); part < kParts) {
        sums_[part] +=
            weight(kind, cell.k0, cell.k1, now(kind, cell)) - weight(kind, cell.k0, cell.k1, cell.value);
      }
    }
  }
  // Adds everything up. Calls differs(part, expected, found) where that is not what calls have led to; goes
  // on from what it found. The first time there is nothing to compare with.
  template <class Differs>
  void look(Differs differs) {
    const Sums found = add_up();
    for (std::size_t part = 0; known_ && part < kParts; ++part) {
      if (found[part] != sums_[part]) {
        differs(part, sums_[part], found[part]);
      }
    }
    sums_ = found;
    known_ = true;
  }

 private:
  static bool is_of_tables(Raw kind) { return kind == Raw::table || kind == Raw::next; }
  // The host's vector registers may be kept elsewhere.
  static bool is_vector_of_host(u64 id, u64 number) { return id < TOTAL_CPU && number >= ctxt::Q0; }
  static std::size_t part_of(Raw kind, const Cell& cell) {
    switch (kind) {
      case Raw::table:
      case Raw::next:
        return cell.k0;
      case Raw::page:
        return kOwnership;
      case Raw::core_word:
      case Raw::vm_word:
        return kRecords;
      case Raw::shadow:
        return is_vector_of_host(cell.k0, cell.k1) ? kParts : kContexts;
      default:
        return kParts;  // of one CPU, or of others
    }
  }
  u64 now(Raw kind, const Cell& cell) const {
    switch (kind) {
      case Raw::table:
        return el2::load<u64>(cell.k1);
      case Raw::next:
        return s_.next[cell.k0][cell.k1];
      case Raw::page:
        return el2::load<u64>(s_.pages + cell.k0 * 8);
      case Raw::core_word:
        return s_.records.core[cell.k0];
      case Raw::vm_word:
        return s_.records.vms[cell.k0][cell.k1];
      default:
        return s_.cpu.contexts[cell.k0][cell.k1];
    }
  }

  Sums add_up() const {
    Sums sums{};
    for (u64 v = 0; v < PRINCIPALS; ++v) {
      sums[v] = tables(v);
    }
    for (u64 i = 0; i < s_.page_count; ++i) {
      sums[kOwnership] += weight(Raw::page, i, 0, el2::load<u64>(s_.pages + i * 8));
    }
    for (u64 i = 0; i < CORE_WORDS; ++i) {
      sums[kRecords] += weight(Raw::core_word, i, 0, s_.records.core[i]);
    }
    for (u64 v = 0; v < PRINCIPALS; ++v) {
      for (u64 i = 0; i < VM_WORDS; ++i) {
        sums[kRecords] += weight(Raw::vm_word, v, i, s_.records.vms[v][i]);
      }
    }
    for (u64 id = 0; id < CTXT_POOL_SIZE; ++id) {
      for (u64 i = 0; i < ctxt::WORDS; ++i) {
        const u64 word = is_vector_of_host(id, i) ? 0 : s_.cpu.contexts[id][i];
        sums[kContexts] += weight(Raw::shadow, id, i, word);
      }
    }
    return sums;
  }
  // Root and used parts of the zones; behind them nothing is linked.
  u64 tables(u64 vmid) const {
    const auto b = spec::bounds<P>(s_.pool_base, vmid);
    const u64 ranges[][2] = {
        {b.root, b.pgd}, {b.pgd, s_.next[vmid][0]}, {b.pud, s_.next[vmid][1]}, {b.pmd, s_.next[vmid][2]}};
    u64 sum = bump_pointers(vmid);
    for (const auto& range : ranges) {
      for (u64 at = range[0]; at < range[1]; at += 8) {
        sum += weight(Raw::table, vmid, at, el2::load<u64>(at));
      }
    }
    return sum;
  }
  u64 bump_pointers(u64 vmid) const {
    u64 sum = 0;
    for (u64 zone = 0; zone < 3; ++zone) {
      sum += weight(Raw::next, vmid, zone, s_.next[vmid][zone]);
    }
    return sum;
  }

  el2::CoreState& s_;
  Sums sums_{};
  bool known_ = false;
};

}  // namespace redoubt::oracle
