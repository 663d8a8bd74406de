// SPDX-License-Identifier: BSD-3-Clause
// The three forms of the catalogue: text for people, JSON for scripts, Markdown for the reference manual.
#pragma once
#include <string>

#include "tools/redoubt-layers/catalogue.hpp"

namespace redoubt::layers {

std::string tower_text();
std::string layer_text(const Layer& layer);
std::string primitive_text(const Layer& layer, const Primitive& primitive);

std::string tower_json();
std::string layer_json(const Layer& layer);
std::string primitive_json(const Layer& layer, const Primitive& primitive);

std::string tower_markdown();
std::string layer_markdown(const Layer& layer);

}  // namespace redoubt::layers
