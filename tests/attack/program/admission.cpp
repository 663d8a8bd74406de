// SPDX-License-Identifier: BSD-3-Clause
// VMs that are not what was signed: manifests changed, of strangers, or old; images swapped, short, in other
// places.
#include <cinttypes>
#include <cstddef>
#include <cstring>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

constexpr int kSigbus = 7;

// Offers a manifest that `change` has been at.
template <class Change>
std::int64_t offer(const Lab& lab, const Bundle& bundle, Change change) {
  const Block block(lab.host, 1);
  redoubt_manifest manifest = bundle.manifest();
  change(manifest);
  std::memcpy(const_cast<u64*>(View(lab.host, block.page(0)).words()), &manifest, sizeof(manifest));
  Vm vm(lab.host, bundle);
  return vm.create_from(block.page(0), REDOUBT_MANIFEST_BYTES);
}

Verdict manifest_control(const Lab& lab) {
  const std::int64_t status = offer(lab, lab.main, [](redoubt_manifest&) {});
  return {status == REDOUBT_SUCCESS, text("unchanged: %s", name_of(status))};
}

// One bit of every 8th byte of what is signed, and of the signature.
Verdict manifest_changed(const Lab& lab) {
  unsigned refused = 0;
  for (std::size_t at = 0; at < sizeof(redoubt_manifest); at += 8) {
    const std::int64_t status = offer(lab, lab.main, [&](redoubt_manifest& manifest) {
      reinterpret_cast<unsigned char*>(&manifest)[at + at / 8 % 8] ^=
          static_cast<unsigned char>(1U << (at / 8 % 7));
    });
    if (status != REDOUBT_DENIED && status != REDOUBT_INVALID_PARAMETER)
      return {false, text("byte %zu changed: %s", at, name_of(status))};
    ++refused;
  }
  return {refused == sizeof(redoubt_manifest) / 8, text("%u changed manifests refused", refused)};
}

Verdict manifest_of_stranger(const Lab& lab) {
  const std::int64_t status = offer(lab, lab.stranger, [](redoubt_manifest&) {});
  // The stranger's manifest under the trusted key's name, and with the trusted signature.
  const std::int64_t renamed = offer(lab, lab.stranger, [&](redoubt_manifest& manifest) {
    std::memcpy(manifest.key, lab.main.manifest().key, sizeof(manifest.key));
  });
  const std::int64_t borrowed = offer(lab, lab.stranger, [&](redoubt_manifest& manifest) {
    std::memcpy(manifest.key, lab.main.manifest().key, sizeof(manifest.key));
    std::memcpy(manifest.signature, lab.main.manifest().signature, sizeof(manifest.signature));
  });
  return {status == REDOUBT_DENIED && renamed == REDOUBT_DENIED && borrowed == REDOUBT_DENIED,
          text("%s, %s, %s", name_of(status), name_of(renamed), name_of(borrowed))};
}

Verdict older_counter(const Lab& lab) {
  const std::int64_t older = offer(lab, lab.older, [](redoubt_manifest&) {});
  const std::int64_t same = offer(lab, lab.main, [](redoubt_manifest&) {});
  return {older == REDOUBT_DENIED && same == REDOUBT_SUCCESS,
          text("counter %" PRIu64 " after %" PRIu64 ": %s", u64{lab.older.manifest().counter},
               u64{lab.main.manifest().counter}, name_of(older))};
}

// --- images ---

Verdict image_control(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  const bool runs = vm.start() && vm.answers();
  return {runs,
          runs ? "the signed images run" : text("the signed images do not run: %s", name_of(vm.status))};
}

// A VM whose pages come as `place` says: which page of the image is given as number i.
template <class Place>
Verdict load_otherwise(const Lab& lab, Place place) {
  Vm vm(lab.host, lab.main);
  if (!vm.create() || !vm.add_vcpus()) return {false, "no VM"};
  for (unsigned image = 0; image < lab.main.manifest().image_count; ++image) {
    for (u64 i = 0; i < lab.main.image_pages(image); ++i) {
      const u64 page = vm.fresh_page();
      const View view(lab.host, page);
      place(vm, image, i, view);
      if (vm.give_image(image, page).status != REDOUBT_SUCCESS) return {false, "a page was not taken"};
    }
  }
  const bool verified = vm.verify();
  const std::int64_t verify = vm.status;
  const std::int64_t run = call(lab.host, REDOUBT_HOST_VCPU_RUN, vm.id, 0).status;
  const std::int64_t again = call(lab.host, REDOUBT_HOST_VM_VERIFY, vm.id).status;
  const bool ended = vm.info().x1 == REDOUBT_VM_POWEROFF;
  return {!verified && verify == REDOUBT_DENIED && run == REDOUBT_DENIED && again == REDOUBT_DENIED && ended,
          text("verify: %s, run: %s, verify again: %s", name_of(verify), name_of(run), name_of(again))};
}

Verdict one_bit(const Lab& lab) {
  return load_otherwise(lab, [&](Vm&, unsigned image, u64 i, const View& view) {
    lab.main.copy_page(image, i, view);
    if (image == 0 && i == 1) view.words()[17] = view.words()[17] ^ 0x100;
  });
}
Verdict padding(const Lab& lab) {
  return load_otherwise(lab, [&](Vm&, unsigned image, u64 i, const View& view) {
    lab.main.copy_page(image, i, view);
    if (image + 1 == lab.main.manifest().image_count && i + 1 == lab.main.image_pages(image))
      view.words()[511] = 1;
  });
}
Verdict pages_swapped(const Lab& lab) {
  return load_otherwise(lab, [&](Vm&, unsigned image, u64 i, const View& view) {
    lab.main.copy_page(image, image == 0 && i < 2 ? 1 - i : i, view);
  });
}

Verdict incomplete(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  if (!vm.create() || !vm.add_vcpus()) return {false, "no VM"};
  for (u64 i = 0; i + 1 < lab.main.image_pages(0); ++i) {
    const u64 page = vm.fresh_page();
    lab.main.copy_page(0, i, View(lab.host, page));
    if (vm.give_image(0, page).status != REDOUBT_SUCCESS) return {false, "a page was not taken"};
  }
  const std::int64_t verify = call(lab.host, REDOUBT_HOST_VM_VERIFY, vm.id).status;
  const std::int64_t run = call(lab.host, REDOUBT_HOST_VCPU_RUN, vm.id, 0).status;
  return {verify == REDOUBT_DENIED && run == REDOUBT_DENIED,
          text("verify: %s, run: %s", name_of(verify), name_of(run))};
}

Verdict second_image_missing(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  if (!vm.create() || !vm.add_vcpus()) return {false, "no VM"};
  for (u64 i = 0; i < lab.main.image_pages(0); ++i) {
    const u64 page = vm.fresh_page();
    lab.main.copy_page(0, i, View(lab.host, page));
    if (vm.give_image(0, page).status != REDOUBT_SUCCESS) return {false, "a page was not taken"};
  }
  const bool verified = vm.verify();
  const std::int64_t run = call(lab.host, REDOUBT_HOST_VCPU_RUN, vm.id, 0).status;
  return {!verified && vm.status == REDOUBT_DENIED && run == REDOUBT_DENIED,
          text("verify: %s", name_of(vm.status))};
}

Verdict more_pages(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  if (!vm.create() || !vm.add_vcpus() || !vm.load()) return {false, "no VM"};
  const Result extra = call(lab.host, REDOUBT_HOST_VM_DONATE_IMAGE, vm.id, 0, vm.fresh_page(), 1);
  return {extra.status == REDOUBT_INVALID_PARAMETER && extra.x1 == 0 && vm.verify() && vm.answers(),
          text("a page too many: %s", name_of(extra.status))};
}

// Zeroed memory where an image belongs, before the image.
Verdict memory_first(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  if (!vm.create() || !vm.add_vcpus()) return {false, "no VM"};
  const std::int64_t early = vm.give(lab.main.manifest().images[0].address, vm.fresh_page()).status;
  const bool loaded = vm.load();
  const bool verified = vm.verify();
  const std::int64_t run = call(lab.host, REDOUBT_HOST_VCPU_RUN, vm.id, 0).status;
  return {!loaded && !verified && run == REDOUBT_DENIED,
          text("memory: %s, then verify: %s, run: %s", name_of(early), name_of(vm.status), name_of(run))};
}

// After it was given, before and after it is hashed, the host writes to the image.
Verdict write_after_donation(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  if (!vm.create() || !vm.add_vcpus()) return {false, "no VM"};
  const View view(lab.host, vm.block.page(0));  // the page that load() takes first, mapped and touched before
  const bool before = view.store(1).signal == 0;
  if (!vm.load()) return {false, "no image"};
  const int between = view.store(0).signal;
  const bool half = call(lab.host, REDOUBT_HOST_VM_VERIFY, vm.id).status == REDOUBT_AGAIN;
  const int during = view.store(0).signal;
  const bool verified = vm.verify();
  const int after = view.store(0).signal;
  const bool refused = between == kSigbus && during == kSigbus && after == kSigbus;
  return {before && half && verified && refused && vm.answers(),
          text("signals %d, %d, %d; the VM %s", between, during, after,
               verified ? "verifies" : "does NOT verify")};
}

// --- running what was not verified ---

Verdict run_unverified(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  if (!vm.create() || !vm.add_vcpus()) return {false, "no VM"};
  const std::int64_t empty = call(lab.host, REDOUBT_HOST_VCPU_RUN, vm.id, 0).status;
  if (!vm.load()) return {false, "no image"};
  const std::int64_t loaded = call(lab.host, REDOUBT_HOST_VCPU_RUN, vm.id, 0).status;
  const bool half = call(lab.host, REDOUBT_HOST_VM_VERIFY, vm.id).status == REDOUBT_AGAIN;
  const std::int64_t hashed = call(lab.host, REDOUBT_HOST_VCPU_RUN, vm.id, 0).status;
  return {half && empty == REDOUBT_DENIED && loaded == REDOUBT_DENIED && hashed == REDOUBT_DENIED,
          text("empty: %s, loaded: %s, half hashed: %s", name_of(empty), name_of(loaded), name_of(hashed))};
}

Verdict change_verified(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready()) return {false, "no victim"};
  const Block other(lab.host, 1);
  const u64 id = victim.vm.id;
  const std::int64_t image = call(lab.host, REDOUBT_HOST_VM_DONATE_IMAGE, id, 0, other.page(0), 1).status;
  const std::int64_t verify = call(lab.host, REDOUBT_HOST_VM_VERIFY, id).status;
  const std::int64_t vcpu = call(lab.host, REDOUBT_HOST_VCPU_CREATE, id, 0).status;
  const std::int64_t third = call(lab.host, REDOUBT_HOST_VCPU_CREATE, id, 2).status;
  const bool refused = image == REDOUBT_DENIED && verify == REDOUBT_DENIED && vcpu == REDOUBT_DENIED &&
                       third == REDOUBT_DENIED;
  return {refused && victim.sound(),
          text("image: %s, verify: %s, vCPU again: %s", name_of(image), name_of(verify), name_of(vcpu))};
}

Verdict vcpus_of_ready_vm(const Lab& lab) {
  Vm vm(lab.host, lab.main);
  if (!vm.create() || !vm.add_vcpus()) return {false, "no VM"};
  const std::int64_t again = call(lab.host, REDOUBT_HOST_VCPU_CREATE, vm.id, 0).status;
  const std::int64_t third = call(lab.host, REDOUBT_HOST_VCPU_CREATE, vm.id, 2).status;
  const bool runs = vm.load() && vm.verify() && vm.answers();
  return {again == REDOUBT_EXISTS && third == REDOUBT_INVALID_PARAMETER && runs,
          text("again: %s, beyond the manifest's: %s", name_of(again), name_of(third))};
}

constexpr Attack kAttacks[] = {
    {"manifest-changed", manifest_control, manifest_changed},
    {"manifest-of-stranger", manifest_control, manifest_of_stranger},
    {"manifest-with-older-counter", manifest_control, older_counter},
    {"image-with-one-bit-changed", image_control, one_bit},
    {"image-with-data-in-padding", image_control, padding},
    {"image-with-pages-swapped", image_control, pages_swapped},
    {"image-truncated", image_control, incomplete},
    {"image-missing", image_control, second_image_missing},
    {"image-with-more-pages", image_control, more_pages},
    {"image-place-taken-by-memory", image_control, memory_first},
    {"image-written-after-donation", image_control, write_after_donation},
    {"run-unverified-vm", image_control, run_unverified},
    {"change-verified-vm", image_control, change_verified},
    {"vcpu-made-twice-or-beyond-manifest", image_control, vcpus_of_ready_vm},
};

}  // namespace

std::span<const Attack> admission_attacks() { return kAttacks; }

}  // namespace redoubt::attack
