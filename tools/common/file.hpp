// SPDX-License-Identifier: BSD-3-Clause
// Whole files in and out of memory; a file that cannot be written completely is not there.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace redoubt::tools {

using Bytes = std::span<std::byte const>;
using File = std::vector<std::byte>;

// Nothing unless `name` is a regular file that can be read to its end.
[[nodiscard]] std::optional<File> read_file(std::string const& name);

// Written under another name and renamed, so that no half file carries the wanted name.
[[nodiscard]] bool write_file(std::string const& name, Bytes bytes);

enum class Created : unsigned char { yes, exists, failed };

// A new file with exactly these permissions; one that is there stays as it is.
[[nodiscard]] Created create_file(std::string const& name, Bytes bytes, unsigned permissions);

}  // namespace redoubt::tools
