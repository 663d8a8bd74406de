// SPDX-License-Identifier: BSD-3-Clause
// The litmus tests of tests/litmus, for tests over all of them.
#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tools/redoubt-litmus/parse.hpp"

namespace redoubt::litmus {

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The files of a folder below tests/litmus, in order of name.
inline std::vector<std::filesystem::path> corpus(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(REDOUBT_LITMUS) / folder)) {
    if (entry.path().extension() == ".litmus") {
      paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  return paths;
}

inline std::vector<LitmusTest> tests_of(const std::string& folder) {
  std::vector<LitmusTest> tests;
  for (const auto& path : corpus(folder)) {
    tests.push_back(parse(text_of(path)));
  }
  return tests;
}

}  // namespace redoubt::litmus
