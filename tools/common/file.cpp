// SPDX-License-Identifier: BSD-3-Clause
// The functions of file.hpp, on POSIX where permissions matter.
#include "tools/common/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace redoubt::tools {
namespace {

bool write_all(int descriptor, Bytes bytes) {
  while (!bytes.empty()) {
    ssize_t const written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::optional<File> read_file(std::string const& name) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(name, error)) return std::nullopt;
  std::ifstream stream(name, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string const text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) return std::nullopt;
  auto const* const begin = reinterpret_cast<std::byte const*>(text.data());
  return File(begin, begin + text.size());
}

bool write_file(std::string const& name, Bytes bytes) {
  std::string const partial = name + ".part";
  std::error_code error;
  {
    std::ofstream stream(partial, std::ios::binary | std::ios::trunc);
    stream.write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    stream.flush();
    if (!stream) {
      std::filesystem::remove(partial, error);
      return false;
    }
  }
  std::filesystem::rename(partial, name, error);
  if (!error) return true;
  std::filesystem::remove(partial, error);
  return false;
}

Created create_file(std::string const& name, Bytes bytes, unsigned permissions) {
  int const descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions);
  if (descriptor < 0) return errno == EEXIST ? Created::exists : Created::failed;
  bool const written =
      ::fchmod(descriptor, permissions) == 0 && write_all(descriptor, bytes) && ::fsync(descriptor) == 0;
  bool const closed = ::close(descriptor) == 0;
  if (written && closed) return Created::yes;
  ::unlink(name.c_str());
  return Created::failed;
}

}  // namespace redoubt::tools
