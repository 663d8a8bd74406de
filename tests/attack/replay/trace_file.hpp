// SPDX-License-Identifier: BSD-3-Clause
// The file that the fuzzer writes: what the machine was, and the records of the core's trace.
#pragma once
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "abi/bundle.h"
#include "abi/redoubt.h"

namespace redoubt::replay {

using u64 = std::uint64_t;

struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Range {
  u64 base = 0, size = 0;
};

struct Entry {
  u64 cpu = 0, kind = 0, sequence = 0;
  std::array<u64, 6> a{};
  std::array<u64, 4> r{};
};

struct TraceFile {
  Range ram;
  std::vector<Range> core;
  u64 mailboxes = 0;
  std::vector<Entry> entries;  // as each CPU wrote them
};

// Throws BadInput.
TraceFile read_trace(const std::string& name);

// A bundle's manifest, and the pages of its images as VMs get them, the last ones padded with zeros.
struct Bundle {
  redoubt_manifest manifest{};
  std::vector<std::array<u64, 512>> pages;
};
Bundle read_bundle(const std::string& name);
// As the core's trace computes it.
u64 checksum(const std::array<u64, 512>& page);

}  // namespace redoubt::replay
