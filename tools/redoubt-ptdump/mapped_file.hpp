// SPDX-License-Identifier: BSD-3-Clause
// A file as read-only bytes.
#pragma once
#include <string>

#include "tools/redoubt-ptdump/image.hpp"

namespace redoubt::ptdump {

class MappedFile {
 public:
  // Throws BadImage if the file cannot be opened, is empty or is not a regular file.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] Bytes bytes() const { return {static_cast<const std::byte*>(address_), size_}; }

 private:
  void* address_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace redoubt::ptdump
