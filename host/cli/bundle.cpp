// SPDX-License-Identifier: BSD-3-Clause
// Reads a bundle file and checks that it is whole.
#include "host/cli/bundle.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "host/cli/error.hpp"

namespace redoubt::cli {
namespace {

constexpr std::uint64_t kPage = 4096, kMostBytes = std::uint64_t{1} << 32;
constexpr unsigned kMostVcpus = 8;

[[noreturn]] void refuse(std::string const& name, std::string const& problem) {
  throw Error(kBadInput, fmt::format("{}: {}", name, problem));
}

class File {
 public:
  explicit File(std::string const& name) : file_(::open(name.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) refuse(name, std::strerror(errno));
  }
  ~File() { ::close(file_); }
  File(File const&) = delete;
  File& operator=(File const&) = delete;
  [[nodiscard]] int get() const { return file_; }

 private:
  int file_;
};

}  // namespace

Bundle::Bundle(std::string const& name, std::vector<std::byte> content) : content_(std::move(content)) {
  if (content_.size() < REDOUBT_MANIFEST_BYTES) refuse(name, "not a VM bundle: redoubt-sign makes them");
  std::memcpy(&manifest_, content_.data(), sizeof(manifest_));
  check_manifest(name);
  find_images(name);
}

void Bundle::check_manifest(std::string const& name) const {
  if (manifest_.magic != REDOUBT_MANIFEST_MAGIC) refuse(name, "not a VM bundle: redoubt-sign makes them");
  if (manifest_.version != REDOUBT_MANIFEST_VERSION) {
    refuse(name,
           fmt::format(
               "bundle format {}, this command reads {}: sign it again with a redoubt-sign of this version",
               manifest_.version, REDOUBT_MANIFEST_VERSION));
  }
  if (manifest_.image_count < 1 || manifest_.image_count > REDOUBT_MANIFEST_IMAGES || manifest_.vcpus < 1 ||
      manifest_.vcpus > kMostVcpus || std::memchr(manifest_.name, 0, sizeof(manifest_.name)) == nullptr) {
    refuse(name, "its manifest is damaged: sign it again");
  }
}

void Bundle::find_images(std::string const& name) {
  std::uint64_t offset = REDOUBT_MANIFEST_BYTES;
  for (unsigned i = 0; i < manifest_.image_count; ++i) {
    std::uint64_t const size = manifest_.images[i].size;
    if (size == 0 || size > kMostBytes) refuse(name, "its manifest is damaged: sign it again");
    if (size > content_.size() - offset) {
      refuse(name, fmt::format("truncated: image {} ends at byte {}, the file at {}", i, offset + size,
                               content_.size()));
    }
    images_.emplace_back(content_.data() + offset, size);
    offset = std::min<std::uint64_t>(offset + (size + kPage - 1) / kPage * kPage, content_.size());
  }
}

std::string Bundle::name() const { return {manifest_.name}; }

std::span<std::byte const> Bundle::image(unsigned index) const { return images_.at(index); }

std::uint64_t Bundle::image_bytes() const {
  return std::accumulate(images_.begin(), images_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, auto const& image) { return sum + image.size(); });
}

Bundle read_bundle(std::string const& name) {
  File const file(name);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) refuse(name, "not a file");
  if (static_cast<std::uint64_t>(status.st_size) > kMostBytes) refuse(name, "too large for a VM bundle");
  std::vector<std::byte> content(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < content.size()) {
    ssize_t const length = ::read(file.get(), content.data() + done, content.size() - done);
    if (length < 0) refuse(name, std::strerror(errno));
    if (length == 0) break;
    done += static_cast<std::size_t>(length);
  }
  content.resize(done);
  return {name, std::move(content)};
}

}  // namespace redoubt::cli
