// SPDX-License-Identifier: BSD-3-Clause
// Maps a file, so that an image of many GiB costs only the pages that are looked at.
#include "tools/redoubt-ptdump/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace redoubt::ptdump {

MappedFile::MappedFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    throw BadImage(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  struct stat status{};
  const bool known = fstat(file, &status) == 0;
  if (!known || !S_ISREG(status.st_mode) || status.st_size == 0) {
    close(file);
    throw BadImage(
        fmt::format("{} is {}", path, known && S_ISREG(status.st_mode) ? "empty" : "not a regular file"));
  }
  size_ = static_cast<std::size_t>(status.st_size);
  address_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
  const int error = errno;
  close(file);
  if (address_ == MAP_FAILED) {
    throw BadImage(fmt::format("cannot read {}: {}", path, std::strerror(error)));
  }
}

MappedFile::~MappedFile() { munmap(address_, size_); }

}  // namespace redoubt::ptdump
