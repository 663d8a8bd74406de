// SPDX-License-Identifier: BSD-3-Clause
// The timed loops of the benchmark driver, what they need beforehand and what must hold afterwards.
#include "bench/workloads.hpp"

#include <array>

#include "core/machine/constants.hpp"

namespace redoubt::bench {
namespace {

constexpr u64 kVmid = HOSTVISOR;        // handed over at run time, so that the layers cannot know it
constexpr u64 kSpace = 16'777'216;      // 64 GiB in pages
constexpr u64 kSmallSpace = 1'048'576;  // 4 GiB in pages

u64 refused = 0;

using List = std::vector<std::uint32_t>;
const List& sparse_pages() {
  static const List list = distinct_list(1, kSpace, kPages);
  return list;
}
const List& fault_pages() {
  static const List list = distinct_list(2, kSmallSpace, kPages);
  return list;
}
const List& dense_lookups() {
  static const List list = random_list(3, kPages, kDraws);
  return list;
}
const List& sparse_lookups() {
  static const List pages = [] {
    List list = random_list(4, kPages, kDraws);
    for (auto& entry : list) {
      entry = sparse_pages()[entry];
    }
    return list;
  }();
  return pages;
}
const List& block_lookups() {
  static const List list = random_list(5, kPages, kDraws);
  return list;
}
const Trace& churn() {
  static const Trace trace = make_trace();
  return trace;
}

u64 ipa_of(u64 page) { return kIpaBase + page * kPageSize; }
int map_page(u64 page, Permission permission = Permission::read_write) {
  return library_map(ipa_of(page), ipa_of(page) + kPageOffset, kPageSize, permission);
}
int protect_page(u64 page, Permission permission) {
  return library_protect(ipa_of(page), ipa_of(page) + kPageOffset, kPageSize, permission);
}
void note(bool failed) { refused += failed ? 1 : 0; }

// --- timed loops ---
void map_dense() {
  for (u64 page = 0; page < kPages; ++page) {
    note(map_page(page) != 0);
  }
}
void map_list(const List& pages) {
  for (const u64 page : pages) {
    note(map_page(page) != 0);
  }
}
void map_sparse() { map_list(sparse_pages()); }
void map_blocks() {
  for (u64 block = 0; block < kBlocks; ++block) {
    const u64 ipa = kIpaBase + block * kBlockSize;
    note(library_map(ipa, ipa + kBlockOffset, kBlockSize, Permission::read_write) != 0);
  }
}
void translate(const List& pages, u64 offset) {
  for (const u64 page : pages) {
    note(library_translate(ipa_of(page)) != ipa_of(page) + offset);
  }
}
void translate_dense() { translate(dense_lookups(), kPageOffset); }
void translate_sparse() { translate(sparse_lookups(), kPageOffset); }
void translate_blocks() { translate(block_lookups(), kBlockOffset); }
void unmap_dense() {
  for (u64 page = 0; page < kPages; ++page) {
    note(library_unmap(ipa_of(page), kPageSize) != 0);
  }
}
void unmap_sparse() {
  for (const u64 page : sparse_pages()) {
    note(library_unmap(ipa_of(page), kPageSize) != 0);
  }
}
int run_step(Trace::Step step) {
  switch (step.kind) {
    case Trace::Kind::map:
      return map_page(step.page);
    case Trace::Kind::unmap:
      return library_unmap(ipa_of(step.page), kPageSize);
    case Trace::Kind::to_read_only:
      return protect_page(step.page, Permission::read_only);
    case Trace::Kind::to_read_write:
      break;
  }
  return protect_page(step.page, Permission::read_write);
}
void run_churn() {
  for (const Trace::Step step : churn().steps) {
    note(run_step(step) != 0);
  }
}
void fault_in() {
  for (const u64 page : fault_pages()) {
    note(library_map_fault(ipa_of(page), ipa_of(page) + kPageOffset, Permission::read_write) != 0);
  }
}

// --- before ---
void empty_table() { library_init(kVmid); }
template <void (*Loop)(), const List& (*Data)() = nullptr>
void table_after() {
  empty_table();
  Loop();
  if constexpr (Data != nullptr) {
    Data();
  }
  refused = 0;
}
template <const List& (*Data)()>
void empty_table_with() {
  empty_table();
  Data();
}
void empty_table_with_churn() {
  empty_table();
  churn();
}

// --- afterwards ---
std::string wrong(u64 page) { return "the translation of page " + std::to_string(page) + " is wrong"; }
template <class Pages>
std::string all_translate(const Pages& pages, u64 offset) {
  for (const u64 page : pages) {
    if (library_translate(ipa_of(page)) != ipa_of(page) + offset || !library_is_writable(ipa_of(page))) {
      return wrong(page);
    }
  }
  return "";
}
List dense_pages() {
  List pages(kPages);
  for (std::uint32_t i = 0; i < kPages; ++i) {
    pages[i] = i;
  }
  return pages;
}
std::string dense_mapped() { return all_translate(dense_pages(), kPageOffset); }
std::string blocks_mapped() { return all_translate(dense_pages(), kBlockOffset); }
std::string sparse_mapped() { return all_translate(sparse_pages(), kPageOffset); }
std::string faults_mapped() { return all_translate(fault_pages(), kPageOffset); }
std::string none_mapped(const List& pages) {
  for (const u64 page : pages) {
    if (library_translate(ipa_of(page)) != kMiss) {
      return wrong(page);
    }
  }
  return "";
}
std::string dense_gone() { return none_mapped(dense_pages()); }
std::string sparse_gone() { return none_mapped(sparse_pages()); }
std::string churn_done() {
  const auto& end = churn().end;
  for (u64 page = 0; page < end.size(); ++page) {
    const bool mapped = end[page] != Trace::State::unmapped;
    const u64 wanted = mapped ? ipa_of(page) + kPageOffset : kMiss;
    const bool writable = mapped && library_is_writable(ipa_of(page));
    if (library_translate(ipa_of(page)) != wanted || writable != (end[page] == Trace::State::read_write)) {
      return wrong(page);
    }
  }
  return "";
}

constexpr u64 kDenseTables = 515, kSparseTables = 32'824, kBlockTables = 3, kSmallTables = 2'054;
constexpr std::array kWorkloads{
    Workload{"W1p", "map 1 GiB, ascending, page by page", kPages, kDenseTables, empty_table, map_dense,
             dense_mapped},
    Workload{"W2", "map 262,144 random pages of 64 GiB", kPages, kSparseTables,
             empty_table_with<sparse_pages>, map_sparse, sparse_mapped},
    Workload{"W3p", "map 1 GiB in blocks of 2 MiB", kBlocks, kBlockTables, empty_table, map_blocks,
             blocks_mapped},
    Workload{"W4a", "translate in the table of W1p", kDraws, kDenseTables,
             table_after<map_dense, dense_lookups>, translate_dense, dense_mapped},
    Workload{"W4b", "translate in the table of W2", kDraws, kSparseTables,
             table_after<map_sparse, sparse_lookups>, translate_sparse, sparse_mapped},
    Workload{"W4c", "translate in the table of W3p", kDraws, kBlockTables,
             table_after<map_blocks, block_lookups>, translate_blocks, blocks_mapped},
    Workload{"W5p", "unmap the pages of W1p, ascending", kPages, kDenseTables, table_after<map_dense>,
             unmap_dense, dense_gone},
    Workload{"W5s", "unmap the pages of W2 in their order", kPages, kSparseTables, table_after<map_sparse>,
             unmap_sparse, sparse_gone},
    Workload{"W7", "churn: map, unmap, change permission", kDraws, kSmallTables, empty_table_with_churn,
             run_churn, churn_done},
    Workload{"W8", "fault in 262,144 random pages of 4 GiB", kPages, kSmallTables,
             empty_table_with<fault_pages>, fault_in, faults_mapped},
};

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }
u64 failures() {
  const u64 count = refused;
  refused = 0;
  return count;
}

}  // namespace redoubt::bench
