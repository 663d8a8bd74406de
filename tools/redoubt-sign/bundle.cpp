// SPDX-License-Identifier: BSD-3-Clause
// The functions of bundle.hpp, on libsodium.
#include "tools/redoubt-sign/bundle.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "boot/range.hpp"
#include "machine/crypto/ed25519.hpp"

namespace redoubt::sign {
namespace {

static_assert(std::endian::native == std::endian::little);

void start() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
}

Digest sha512(Bytes bytes) {
  Digest digest;
  crypto_hash_sha512(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
  return digest;
}

void put_name(auto& field, std::string const& name) { std::memcpy(field, name.data(), name.size()); }

redoubt_manifest make_manifest(VmOptions const& options, std::vector<Image> const& images) {
  redoubt_manifest manifest{};
  manifest.magic = REDOUBT_MANIFEST_MAGIC;
  manifest.version = REDOUBT_MANIFEST_VERSION;
  manifest.image_count = static_cast<unsigned>(images.size());
  manifest.memory_base = kMemoryBase;
  manifest.memory_size = options.memory_size;
  manifest.vcpus = options.vcpus;
  manifest.counter = options.counter;
  put_name(manifest.name, options.name);
  for (std::size_t i = 0; i < images.size(); ++i) {
    manifest.images[i].address = images[i].address;
    manifest.images[i].size = images[i].bytes.size();
    put_name(manifest.images[i].kind, images[i].kind);
    if (images[i].kind == "dtb") manifest.dtb = images[i].address;
    if (images[i].kind == "kernel" || images[i].kind == "raw") manifest.entry = images[i].address;
  }
  return manifest;
}

void sign_manifest(redoubt_manifest& manifest, KeyPair const& keys) {
  std::memcpy(manifest.key, keys.public_key.data(), sizeof manifest.key);
  std::array<unsigned char, crypto_sign_ed25519_SECRETKEYBYTES> secret;
  std::array<unsigned char, crypto_sign_ed25519_PUBLICKEYBYTES> ignored;
  crypto_sign_ed25519_seed_keypair(ignored.data(), secret.data(), keys.seed.data());
  crypto_sign_ed25519_detached(manifest.signature, nullptr, reinterpret_cast<unsigned char const*>(&manifest),
                               MANIFEST_SIGNED_BYTES, secret.data());
  sodium_memzero(secret.data(), secret.size());
}

std::uint64_t bundle_size(BootRecord const& record) {
  std::uint64_t size = REDOUBT_MANIFEST_BYTES;
  for (auto const& image : record.images) size += image.pages() << PAGE_SHIFT;
  return size;
}

}  // namespace

KeyPair key_pair_of(tools::KeyBytes const& seed) {
  start();
  KeyPair keys{seed, {}};
  std::array<unsigned char, crypto_sign_ed25519_SECRETKEYBYTES> secret;
  crypto_sign_ed25519_seed_keypair(keys.public_key.data(), secret.data(), seed.data());
  sodium_memzero(secret.data(), secret.size());
  return keys;
}

KeyPair new_key_pair() {
  start();
  tools::KeyBytes seed;
  randombytes_buf(seed.data(), seed.size());
  return key_pair_of(seed);
}

File make_bundle(VmOptions const& options, KeyPair const& keys) {
  start();
  auto const images = make_images(options);
  auto manifest = make_manifest(options, images);
  File file(REDOUBT_MANIFEST_BYTES);
  for (std::size_t i = 0; i < images.size(); ++i) {
    std::size_t const begin = file.size();
    file.insert(file.end(), images[i].bytes.begin(), images[i].bytes.end());
    file.resize(align_up(file.size(), PAGE_SIZE));
    auto const digest = sha512(Bytes(file).subspan(begin));
    std::memcpy(manifest.images[i].sha512, digest.data(), sizeof digest);
  }
  sign_manifest(manifest, keys);
  BootRecord record;
  if (auto const error = check_manifest(manifest, sizeof manifest, record); error != ManifestError::none)
    throw std::logic_error(describe(error));  // no options may lead here
  std::memcpy(file.data(), &manifest, sizeof manifest);
  return file;
}

Bundle read_bundle(Bytes file) {
  Bundle bundle;
  if (file.size() < REDOUBT_MANIFEST_BYTES) throw BadInput("not a VM bundle: shorter than a manifest");
  std::memcpy(&bundle.manifest, file.data(), sizeof bundle.manifest);
  if (auto const error = check_manifest(bundle.manifest, REDOUBT_MANIFEST_BYTES, bundle.record);
      error != ManifestError::none)
    throw BadInput(describe(error));
  auto const rest = file.first(REDOUBT_MANIFEST_BYTES).subspan(sizeof bundle.manifest);
  if (std::ranges::any_of(rest, [](std::byte byte) { return byte != std::byte{0}; }))
    throw BadInput("the manifest is not followed by zeros");
  if (auto const size = bundle_size(bundle.record); file.size() != size) {
    throw BadInput(fmt::format("{}: the file has {} bytes, the manifest tells of {}",
                               file.size() < size ? "cut off" : "something stands behind the images",
                               file.size(), size));
  }
  std::size_t begin = REDOUBT_MANIFEST_BYTES;
  for (std::size_t i = 0; i < bundle.record.image_count; ++i) {
    std::size_t const size = bundle.record.images[i].pages() << PAGE_SHIFT;
    bundle.images.push_back(file.subspan(begin, size));
    begin += size;
  }
  return bundle;
}

bool is_signed(Bundle const& bundle) {
  start();
  auto const all = std::as_bytes(std::span(&bundle.manifest, 1));
  return crypto::ed25519_verify(all.subspan<MANIFEST_SIGNED_BYTES, sizeof bundle.manifest.signature>(),
                                all.first<MANIFEST_SIGNED_BYTES>(),
                                std::as_bytes(std::span(bundle.record.key)));
}

bool is_image_intact(Bundle const& bundle, std::size_t image) {
  start();
  return sha512(bundle.images[image]) == bundle.record.images[image].digest;
}

// long: a table, one row an error
char const* describe(ManifestError error) {
  switch (error) {
    case ManifestError::none:
      return "no error";
    case ManifestError::length:
      return "not a VM bundle: the manifest has another length";
    case ManifestError::magic:
      return "not a VM bundle: make one with redoubt-sign bundle";
    case ManifestError::version:
      return "a bundle of another format version: sign it again with this redoubt-sign";
    case ManifestError::reserved:
      return "malformed manifest: something is not zero that must be";
    case ManifestError::vcpus:
      return "malformed manifest: not 1 to 8 vCPUs";
    case ManifestError::memory:
      return "malformed manifest: its memory is not made of whole 2 MiB blocks where guests have memory";
    case ManifestError::name:
      return "malformed manifest: the name is not 1 to 31 letters, digits, '-', '_' or '.'";
    case ManifestError::image_count:
      return "malformed manifest: not 1 to 5 images";
    case ManifestError::image_kind:
      return "malformed manifest: the kind of an image is not 1 to 15 letters, digits, '-', '_' or '.'";
    case ManifestError::image_address:
      return "malformed manifest: an image does not begin at a page";
    case ManifestError::image_size:
      return "malformed manifest: an image is empty";
    case ManifestError::image_outside:
      return "malformed manifest: an image does not lie inside the memory";
    case ManifestError::image_overlap:
      return "malformed manifest: two images share a page";
    case ManifestError::entry:
      return "malformed manifest: the entry point lies inside no image";
    case ManifestError::dtb:
      return "malformed manifest: the device tree lies inside no image";
  }
  return "unknown error";
}

}  // namespace redoubt::sign
