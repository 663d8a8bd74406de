// SPDX-License-Identifier: BSD-3-Clause
// Reports to JSON and back.
#include "tools/redoubt-verify/report.hpp"

#include <array>

namespace redoubt::verify {
namespace {

using nlohmann::json;
constexpr std::array<const char*, 5> kVerdicts{"proved", "refuted", "unknown", "vacuous", "error"};

json inputs_to_json(const Concrete::Inputs& inputs) {
  json maps = json::object();
  for (const auto& [map, cells] : inputs.maps) {
    for (const auto& [key, value] : cells) {
      maps[map].push_back({key.first, key.second, value});
    }
  }
  return {{"names", inputs.names}, {"maps", maps}};
}

Concrete::Inputs inputs_from(const json& from) {
  Concrete::Inputs inputs;
  for (const auto& [name, value] : from.at("names").items()) {
    inputs.names[name] = value;
  }
  for (const auto& [map, cells] : from.at("maps").items()) {
    for (const json& cell : cells) {
      inputs.maps[map][{cell.at(0), cell.at(1)}] = cell.at(2);
    }
  }
  return inputs;
}

json failure_to_json(const Failure& failure) {
  const smt::Counterexample& e = failure.example;
  return {{"property", e.label},     {"precondition", e.kind == smt::Kind::precondition},
          {"file", e.file},          {"line", e.line},
          {"path", e.path},          {"inputs", inputs_to_json(e.inputs)},
          {"replay", failure.replay}};
}

Failure failure_from(const json& from) {
  Failure failure;
  smt::Counterexample& e = failure.example;
  e.label = from.at("property");
  e.kind = from.at("precondition") ? smt::Kind::precondition : smt::Kind::property;
  e.file = from.at("file");
  e.line = from.at("line");
  e.path = from.at("path").get<std::vector<std::string>>();
  e.inputs = inputs_from(from.at("inputs"));
  failure.replay = from.at("replay");
  return failure;
}

}  // namespace

std::string to_string(Verdict verdict) { return kVerdicts.at(static_cast<std::size_t>(verdict)); }

json to_json(const Report& r) {
  const smt::Outcome& o = r.outcome;
  json failures = json::array();
  for (const Failure& failure : r.failures) {
    failures.push_back(failure_to_json(failure));
  }
  return {{"id", r.id},           {"set", r.set},
          {"layer", r.layer},     {"name", r.name},
          {"message", r.message}, {"verdict", to_string(r.verdict)},
          {"paths", o.paths},     {"complete", o.complete},
          {"queries", o.queries}, {"obligations", o.obligations},
          {"steps", o.steps},     {"immediate", o.immediate},
          {"guards", o.guards},   {"cross_checked", o.cross_checked},
          {"covers", o.covers},   {"seconds", o.seconds},
          {"slowest", o.slowest}, {"slowest_seconds", o.slowest_seconds},
          {"unknown", o.unknown}, {"peak_kib", r.peak_kib},
          {"failures", failures}};
}

Report report_from(const json& j) {
  Report r;
  r.id = j.at("id");
  r.set = j.at("set");
  r.layer = j.at("layer");
  r.name = j.at("name");
  r.message = j.at("message");
  const std::string verdict = j.at("verdict");
  for (std::size_t i = 0; i < kVerdicts.size(); ++i) {
    if (verdict == kVerdicts.at(i)) {
      r.verdict = static_cast<Verdict>(i);
    }
  }
  smt::Outcome& o = r.outcome;
  o.paths = j.at("paths");
  o.complete = j.at("complete");
  o.obligations = j.at("obligations");
  o.immediate = j.at("immediate");
  o.queries = j.at("queries");
  o.cross_checked = j.at("cross_checked");
  o.steps = j.at("steps");
  o.seconds = j.at("seconds");
  o.slowest = j.at("slowest");
  o.slowest_seconds = j.at("slowest_seconds");
  o.covers = j.at("covers").get<std::map<std::string, bool>>();
  o.guards = j.at("guards").get<std::map<std::string, bool>>();
  o.unknown = j.at("unknown").get<std::vector<std::string>>();
  for (const json& failure : j.at("failures")) {
    r.failures.push_back(failure_from(failure));
  }
  r.peak_kib = j.at("peak_kib");
  return r;
}

}  // namespace redoubt::verify
