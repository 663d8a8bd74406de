// SPDX-License-Identifier: BSD-3-Clause
// More names of VMs, all signed by a trusted key, than the core can remember counters of. Nothing makes room
// again before the next boot, so this comes last.
#include <cstring>
#include <fstream>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

constexpr const char* kManifests = "/vm/attack-names.manifests";

std::vector<redoubt_manifest> read_manifests() {
  std::ifstream file(kManifests, std::ios::binary);
  std::vector<redoubt_manifest> all;
  std::array<char, REDOUBT_MANIFEST_BYTES> page{};
  while (file.read(page.data(), page.size())) {
    redoubt_manifest manifest{};
    std::memcpy(&manifest, page.data(), sizeof(manifest));
    all.push_back(manifest);
  }
  return all;
}

// A VM is created from it, and destroyed at once.
std::int64_t offer(const Lab& lab, const redoubt_manifest& manifest) {
  const Block block(lab.host, 1);
  std::memcpy(const_cast<u64*>(View(lab.host, block.page(0)).words()), &manifest, sizeof(manifest));
  Vm vm(lab.host, lab.main);
  return vm.create_from(block.page(0), REDOUBT_MANIFEST_BYTES);
}

// While there is room a name that was never seen is admitted.
Verdict first_name(const Lab& lab) {
  const auto all = read_manifests();
  const std::int64_t status = all.empty() ? REDOUBT_NOT_FOUND : offer(lab, all.front());
  return {status == REDOUBT_SUCCESS, text("a new name: %s", name_of(status))};
}

Verdict too_many_names(const Lab& lab) {
  const auto all = read_manifests();
  std::size_t admitted = 0, full = 0;
  for (const redoubt_manifest& manifest : all) {
    const std::int64_t status = offer(lab, manifest);
    const bool takes = full == 0 && status == REDOUBT_SUCCESS;
    if (!takes && status != REDOUBT_NO_MEMORY)
      return {false, text("name %zu: %s", admitted + full, name_of(status))};
    ++(takes ? admitted : full);
  }
  const std::int64_t older = offer(lab, lab.older.manifest());
  const std::int64_t known = offer(lab, lab.main.manifest());
  const std::int64_t again = all.empty() ? REDOUBT_NOT_FOUND : offer(lab, all.front());
  const bool remembers = older == REDOUBT_DENIED && known == REDOUBT_SUCCESS && again == REDOUBT_SUCCESS;
  return {admitted > 0 && full > 0 && remembers,
          text("%zu names, then %zu times NO_MEMORY; of a known name an older counter: %s, the same: %s",
               admitted, full, name_of(older), name_of(known))};
}

constexpr Attack kAttacks[] = {{"exhaust-counter-ledger", first_name, too_many_names}};

}  // namespace

std::span<const Attack> ledger_attacks() { return kAttacks; }

}  // namespace redoubt::attack
