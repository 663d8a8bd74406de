// SPDX-License-Identifier: BSD-3-Clause
// redoubt-layers: shows the tower of layers and its primitives, from the objects that tests and proofs
// iterate over.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tools/redoubt-layers/print.hpp"

namespace {

using namespace redoubt::layers;

constexpr int kGood = 0, kFailed = 1, kBadUsage = 2;

struct Options {
  std::string layer, primitive, markdown;
  bool json = false, check = false;
};

int refuse(const std::string& what, std::string_view asked, const std::vector<std::string_view>& names,
           std::string_view hint) {
  const auto close = close_to(asked, names);
  fmt::print(stderr, "error: {}{}{}\n", what,
             close.empty() ? "" : fmt::format("; did you mean {}?", fmt::join(close, ", ")),
             close.empty() ? fmt::format(" ({})", hint) : "");
  return kBadUsage;
}

bool write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  return static_cast<bool>(out.flush());
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Writes the reference pages to a folder; with --check, says which of those there are out of date instead.
int markdown(const Options& o) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!o.check) {
    fs::create_directories(o.markdown, error);
  }
  if (!fs::is_directory(o.markdown)) {
    fmt::print(stderr, "error: {} is not a folder that can be {}: name one\n", o.markdown,
               o.check ? "read" : "made");
    return kBadUsage;
  }
  std::vector<std::pair<std::string, std::string>> pages{{"README.md", tower_markdown()}};
  for (const Layer& l : tower()) {
    pages.emplace_back(std::string(l.name) + ".md", layer_markdown(l));
  }
  int result = kGood;
  for (const auto& [name, text] : pages) {
    const fs::path path = fs::path(o.markdown) / name;
    if (o.check && read_file(path) != text) {
      fmt::print(stderr, "error: {} is out of date: run redoubt-layers --markdown {}\n", path.string(),
                 o.markdown);
      result = kFailed;
    } else if (!o.check && !write_file(path, text)) {
      fmt::print(stderr, "error: cannot write {}: check the folder's permissions and space\n", path.string());
      return kFailed;
    }
  }
  if (result == kGood) {
    fmt::print("{} pages {}\n", pages.size(), o.check ? "up to date" : "written");
  }
  return result;
}

int show(const Options& o) {
  if (o.layer.empty()) {
    fmt::print("{}", o.json ? tower_json() : tower_text());
    return kGood;
  }
  const Layer* layer = find(o.layer);
  if (layer == nullptr) {
    std::vector<std::string_view> names;
    for (const Layer& l : tower()) {
      names.push_back(l.name);
    }
    return refuse(fmt::format("no layer named {}", o.layer), o.layer, names, "redoubt-layers lists them");
  }
  if (o.primitive.empty()) {
    fmt::print("{}", o.json ? layer_json(*layer) : layer_text(*layer));
    return kGood;
  }
  const Primitive* primitive = find(*layer, o.primitive);
  if (primitive == nullptr) {
    std::vector<std::string_view> names;
    names.reserve(layer->fresh.size() + layer->passthrough.size());
    for (const Primitive& p : layer->fresh) {
      names.push_back(p.name);
    }
    for (const Primitive* p : layer->passthrough) {
      names.push_back(p->name);
    }
    return refuse(fmt::format("{} is not visible in layer {}", o.primitive, layer->name), o.primitive, names,
                  fmt::format("redoubt-layers {} lists what is", layer->name));
  }
  fmt::print("{}", o.json ? primitive_json(*layer, *primitive) : primitive_text(*layer, *primitive));
  return kGood;
}

}  // namespace

int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): when nothing can be printed
  CLI::App app("Shows Redoubt's layers. Without arguments: the tower, bottom to top.", "redoubt-layers");
  Options o;
  app.add_option("LAYER", o.layer, "a layer, for its primitives");
  app.add_option("PRIMITIVE", o.primitive, "a primitive visible in that layer, for its details");
  const auto* json = app.add_flag("--json", o.json, "as JSON; every object carries its name");
  const auto* pages = app.add_option("--markdown", o.markdown, "write the reference pages to this folder");
  app.add_flag("--check", o.check,
               "with --markdown: compare instead of writing; exit 1 if a page is out of date");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);
    }
    fmt::print(stderr, "error: {} (redoubt-layers --help)\n", error.what());
    return kBadUsage;
  }
  if ((pages->count() != 0 && (json->count() != 0 || !o.layer.empty())) || (o.check && pages->count() == 0)) {
    fmt::print(stderr, "error: --markdown stands alone, and --check needs it (redoubt-layers --help)\n");
    return kBadUsage;
  }
  return pages->count() != 0 ? markdown(o) : show(o);
}
