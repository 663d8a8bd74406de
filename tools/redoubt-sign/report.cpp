// SPDX-License-Identifier: BSD-3-Clause
// The two forms of report.hpp.
#include "tools/redoubt-sign/report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace redoubt::sign {
namespace {

std::string digest_text(BootImage const& image) {
  return tools::hexadecimal(
      {reinterpret_cast<std::uint8_t const*>(image.digest.data()), sizeof image.digest});
}

}  // namespace

std::string text_report(std::string const& file, Bundle const& bundle) {
  auto const& record = bundle.record;
  std::string text = fmt::format(
      "bundle     {}\nname       {}\ncounter    {}\nvCPUs      {}\nmemory     {} MiB at {:#x}\nentry      "
      "{:#x}\n"
      "tree       {:#x}\nkey        {}\nsignature  {}\n",
      file, record.name.data(), record.counter, record.vcpus, record.memory_size >> 20, record.memory_base,
      record.entry, record.dtb, tools::hexadecimal(record.key), is_signed(bundle) ? "good" : "BAD");
  for (std::size_t i = 0; i < bundle.images.size(); ++i) {
    auto const& image = record.images[i];
    text += fmt::format("image      {} at {:#x}, {} bytes, sha512 {}, {}\n", bundle.manifest.images[i].kind,
                        image.address, image.size, digest_text(image),
                        is_image_intact(bundle, i) ? "intact" : "CHANGED");
  }
  return text;
}

std::string json_report(std::string const& file, Bundle const& bundle) {
  auto const& record = bundle.record;
  nlohmann::json object = {{"bundle", file},
                           {"name", record.name.data()},
                           {"counter", record.counter},
                           {"vcpus", record.vcpus},
                           {"memory_base", record.memory_base},
                           {"memory_size", record.memory_size},
                           {"entry", record.entry},
                           {"dtb", record.dtb},
                           {"key", tools::hexadecimal(record.key)},
                           {"signature_good", is_signed(bundle)},
                           {"images", nlohmann::json::array()}};
  for (std::size_t i = 0; i < bundle.images.size(); ++i) {
    auto const& image = record.images[i];
    object["images"].push_back({{"kind", bundle.manifest.images[i].kind},
                                {"address", image.address},
                                {"size", image.size},
                                {"sha512", digest_text(image)},
                                {"intact", is_image_intact(bundle, i)}});
  }
  return object.dump() + "\n";
}

}  // namespace redoubt::sign
