// SPDX-License-Identifier: BSD-3-Clause
// Bundles that were changed on their way: each is refused with one message, and nothing of them stays.
#include <stdlib.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <functional>

#include "abi/bundle.h"
#include "guest/checks/checks.hpp"
#include "guest/checks/vm_run.hpp"

namespace redoubt::checks {
namespace {

using Bytes = std::vector<unsigned char>;

constexpr const char* kGood = "/vm/payload.bundle";
constexpr const char* kChanged = "/tmp/changed.bundle";
constexpr int kBadInput = 2;

Bytes read_file(const char* name) {
  Bytes bytes;
  std::FILE* const file = std::fopen(name, "rb");
  if (file == nullptr) return bytes;
  for (int byte = std::fgetc(file); byte != EOF; byte = std::fgetc(file))
    bytes.push_back(static_cast<unsigned char>(byte));
  std::fclose(file);
  return bytes;
}

bool write_bytes(const char* name, const Bytes& bytes) {
  std::FILE* const file = std::fopen(name, "wb");
  if (file == nullptr) return false;
  const bool whole = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  return std::fclose(file) == 0 && whole;
}

struct Change {
  const char* name;
  const char* message;  // that the refusal must hold
  std::function<void(Bytes&)> make;
};

void check_change(Report& report, const Change& change) {
  Bytes bytes = read_file(kGood);
  if (bytes.size() > sizeof(redoubt_manifest)) change.make(bytes);
  std::string last;
  const int status = write_bytes(kChanged, bytes) ? run_and_end({"run", kChanged}, last) : -1;
  const bool refused =
      status == kBadInput && last.starts_with("error: ") && last.find(change.message) != std::string::npos;
  report.check(change.name, refused && !find_vm("payload"), text("status %d, %s", status, last.c_str()));
}

template <class Field>
void change_at(Bytes& bytes, std::size_t offset, Field change) {
  Field field{};
  std::memcpy(&field, &bytes[offset], sizeof(field));
  field = static_cast<Field>(field + change);
  std::memcpy(&bytes[offset], &field, sizeof(field));
}

// As a whole, not changed on its way: the core alone can tell.
void check_refusal(Report& report, const char* name, const char* bundle) {
  std::string last;
  const int status = run_and_end({"run", bundle}, last);
  const bool refused = status == kBadInput && last.find("refuses this bundle") != std::string::npos;
  report.check(name, refused && !find_vm("payload"), text("status %d, %s", status, last.c_str()));
}

}  // namespace

void check_bundles(Report& report) {
  report.heading("bundles that were changed are refused");
  using Manifest = redoubt_manifest;
  const Change changes[] = {
      {"bundle-image", "an image is not the one that was signed",
       [](Bytes& bytes) { change_at<unsigned char>(bytes, REDOUBT_MANIFEST_BYTES + 0x100, 1); }},
      {"bundle-signature", "refuses this bundle",
       [](Bytes& bytes) { change_at<unsigned char>(bytes, offsetof(Manifest, signature), 1); }},
      {"bundle-memory", "refuses this bundle",
       [](Bytes& bytes) { change_at<unsigned long long>(bytes, offsetof(Manifest, memory_size), 0x200000); }},
      {"bundle-entry", "refuses this bundle",
       [](Bytes& bytes) { change_at<unsigned long long>(bytes, offsetof(Manifest, entry), 4); }},
      {"bundle-key", "refuses this bundle",
       [](Bytes& bytes) { change_at<unsigned char>(bytes, offsetof(Manifest, key), 1); }},
      {"bundle-version", "bundle format 2",
       [](Bytes& bytes) { change_at<unsigned int>(bytes, offsetof(Manifest, version), 1); }},
      {"bundle-magic", "not a VM bundle", [](Bytes& bytes) { change_at<unsigned char>(bytes, 0, 1); }},
      {"bundle-truncated", "truncated", [](Bytes& bytes) { bytes.resize(REDOUBT_MANIFEST_BYTES + 100); }},
      {"bundle-empty", "not a VM bundle", [](Bytes& bytes) { bytes.clear(); }},
  };
  for (const Change& change : changes) check_change(report, change);
  std::string last;
  const int missing = run_and_end({"run", "/vm/none.bundle"}, last);
  report.check("bundle-missing", missing == kBadInput && last.find("No such file") != std::string::npos,
               last);
  const int status = run_and_end({"run", "--quiet", kGood}, last);
  report.check("bundle-good", status == 0, "unchanged, it runs to its end");
  check_refusal(report, "bundle-older", "/vm/older.bundle");  // a later one has been seen by now
  check_refusal(report, "bundle-stranger", "/vm/stranger.bundle");
}

}  // namespace redoubt::checks
