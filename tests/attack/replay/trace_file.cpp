// SPDX-License-Identifier: BSD-3-Clause
// Reading of traces and bundles.
#include "tests/attack/replay/trace_file.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace redoubt::replay {
namespace {

constexpr u64 kPage = 4096;

Range read_range(std::istream& line) {
  Range range;
  line >> range.base >> range.size;
  return range;
}

Entry read_entry(u64 cpu, std::istream& line) {
  Entry entry;
  entry.cpu = cpu;
  line >> entry.kind >> entry.sequence;
  const bool is_call = entry.kind == REDOUBT_TRACE_CALL;
  for (std::size_t i = 0; i < (is_call ? 6u : 3u); ++i) line >> entry.a[i];
  for (std::size_t i = 0; i < (is_call ? 4u : 3u); ++i) line >> entry.r[i];
  return entry;
}

void read_line(TraceFile& file, const std::string& text) {
  std::istringstream line(text);
  line >> std::hex;
  if (text.starts_with("ram ") || text.starts_with("core ") || text.starts_with("mailboxes ")) {
    std::string word;
    line >> word;
    if (word == "ram") file.ram = read_range(line);
    if (word == "core") file.core.push_back(read_range(line));
    if (word == "mailboxes") line >> file.mailboxes;
  } else {
    u64 cpu = 0;
    line >> cpu;
    file.entries.push_back(read_entry(cpu, line));
  }
  if (!line) throw BadInput("no record of a trace: " + text);
}

}  // namespace

TraceFile read_trace(const std::string& name) {
  std::ifstream stream(name);
  if (!stream) throw BadInput(name + ": cannot be read");
  TraceFile file;
  for (std::string line; std::getline(stream, line);) read_line(file, line);
  if (file.ram.size == 0 || file.core.size() != 2 || file.mailboxes == 0 || file.entries.empty())
    throw BadInput(name + ": not a whole trace");
  return file;
}

Bundle read_bundle(const std::string& name) {
  std::ifstream stream(name, std::ios::binary);
  if (!stream) throw BadInput(name + ": cannot be read");
  std::vector<char> bytes(std::istreambuf_iterator<char>(stream), {});
  if (bytes.size() <= kPage) throw BadInput(name + ": not a bundle");
  bytes.resize((bytes.size() + kPage - 1) / kPage * kPage);
  Bundle bundle;
  std::memcpy(&bundle.manifest, bytes.data(), sizeof(bundle.manifest));
  for (std::size_t at = kPage; at < bytes.size(); at += kPage)
    std::memcpy(bundle.pages.emplace_back().data(), bytes.data() + at, kPage);
  return bundle;
}

u64 checksum(const std::array<u64, 512>& page) {
  u64 sum = REDOUBT_TRACE_CHECKSUM_START;
  for (const u64 word : page) sum = (sum ^ word) * REDOUBT_TRACE_CHECKSUM_FACTOR;
  return sum;
}

}  // namespace redoubt::replay
