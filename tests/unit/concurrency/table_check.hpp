// SPDX-License-Identifier: BSD-3-Clause
// Reads a whole stage-2 table as hardware would, and checks that no table page is lost, shared or out of
// bounds.
#pragma once
#include <array>
#include <map>
#include <set>
#include <string>

#include "core/machine/params.hpp"

namespace redoubt::test {

struct Tables {
  std::map<u64, u64> leaves;  // input address -> leaf descriptor
  std::string problem;        // empty: the table is well formed
};

// `read(address)` gives a table word, `bump` the three bump pointers of the principal.
template <class Read>
class TableReader {
 public:
  TableReader(Read read, Pool<u64> pool, std::array<u64, 3> bump)
      : read_(read), from_{pool.pgd.raw, pool.pud.raw, pool.pmd.raw}, bump_(bump) {}

  Tables read(u64 root) {
    walk(root, 0, 0);
    for (std::size_t zone = 0; zone < 3 && tables_.problem.empty(); ++zone) {
      const u64 allocated = (bump_[zone] - from_[zone]) / PAGE_SIZE;
      if (linked_[zone].size() != allocated) {
        tables_.problem = "zone " + std::to_string(zone) + ": " + std::to_string(allocated) +
                          " pages allocated, " + std::to_string(linked_[zone].size()) + " linked";
      }
    }
    return tables_;
  }

 private:
  void walk(u64 table, std::size_t level, u64 ipa) {
    const unsigned shift = static_cast<unsigned>(PGDIR_SHIFT - 9 * level);
    for (u64 i = 0; i < PTRS_PER_TABLE && tables_.problem.empty(); ++i) {
      const u64 entry = read_(table + 8 * i);
      const u64 at = ipa | i << shift;
      if (entry == 0) {
        continue;
      }
      if (level < 3 && (entry & 3) == 3) {
        link(entry & 0x0000'ffff'ffff'f000, level, at);
      } else if (level >= 2) {
        tables_.leaves[at] = entry;
      } else {
        tables_.problem = "a leaf at level " + std::to_string(level);
      }
    }
  }
  void link(u64 child, std::size_t zone, u64 ipa) {
    if (child < from_[zone] || child >= bump_[zone]) {
      tables_.problem = "a link out of the allocated part of zone " + std::to_string(zone);
    } else if (!linked_[zone].insert(child).second) {
      tables_.problem = "a table page of zone " + std::to_string(zone) + " is linked twice";
    } else {
      walk(child, zone + 1, ipa);
    }
  }

  Read read_;
  std::array<u64, 3> from_, bump_;
  std::array<std::set<u64>, 3> linked_;
  Tables tables_;
};

}  // namespace redoubt::test
