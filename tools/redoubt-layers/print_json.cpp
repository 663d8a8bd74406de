// SPDX-License-Identifier: BSD-3-Clause
// The catalogue as JSON; every object carries its name.
#include <nlohmann/json.hpp>

#include "tools/redoubt-layers/print.hpp"

namespace redoubt::layers {
namespace {

using Json = nlohmann::ordered_json;

Json of(const Primitive& p, bool fresh) {
  Json j{{"name", p.name},
         {"layer", p.layer},
         {"kind", fresh ? "fresh" : "passthrough"},
         {"own", p.own},
         {"seed", p.seed},
         {"built", p.built},
         {"replaced_by", p.replaced_by},
         {"ruling", p.replaced() ? Json(p.ruling) : Json(nullptr)},
         {"on_el2", p.built && p.on_el2()},
         {"only_in_model_until", p.on_el2() ? Json(nullptr) : Json(p.waits_for)},
         {"signature", p.signature},
         {"code", p.code},
         {"header", p.header},
         {"spec", p.spec_header},
         {"lock", p.lock},
         {"guards", p.guards},
         {"effect", p.effect},
         {"source", p.source},
         {"invariants", p.invariants},
         {"changes", p.changes},
         {"theorem", p.theorem.empty() ? Json(nullptr) : Json(p.theorem)},
         {"checked_by", p.checked_by.empty() ? Json(nullptr) : Json(p.checked_by)}};
  Json checks = Json::array();
  for (const Check& c : p.checks) {
    checks.push_back({{"name", c.test}, {"covers", c.covers}});
  }
  j["checks"] = checks;
  return j;
}

Json summary(const Layer& l) {
  return {{"name", l.name},
          {"number", l.number},
          {"header", l.header},
          {"spec", l.spec_header},
          {"source", l.source},
          {"fresh", l.digest_fresh()},
          {"passthrough", l.digest_passthrough()},
          {"visible", l.visible()},
          {"built", l.visible_built()},
          {"replaced", l.visible_replaced()},
          {"on_el2", l.visible_on_el2()},
          {"own", l.own()},
          {"theorems", l.with_theorem()},
          {"pending", l.pending()},
          {"hides", l.hides},
          {"hides_own", l.hides_own}};
}

}  // namespace

std::string tower_json() {
  Json all = Json::array();
  for (const Layer& l : tower()) {
    all.push_back(summary(l));
  }
  return Json{{"name", "tower"}, {"layers", all}}.dump(2) + "\n";
}

std::string layer_json(const Layer& l) {
  Json j = summary(l);
  Json primitives = Json::array();
  for (const Primitive& p : l.fresh) {
    primitives.push_back(of(p, true));
  }
  for (const Primitive* p : l.passthrough) {
    primitives.push_back(of(*p, false));
  }
  j["primitives"] = primitives;
  return j.dump(2) + "\n";
}

std::string primitive_json(const Layer& l, const Primitive& p) {
  return of(p, p.layer == l.name).dump(2) + "\n";
}

}  // namespace redoubt::layers
