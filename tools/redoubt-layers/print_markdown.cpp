// SPDX-License-Identifier: BSD-3-Clause
// The catalogue as the pages of docs/reference.
#include <fmt/format.h>

#include <map>

#include "tools/redoubt-layers/print.hpp"

namespace redoubt::layers {
namespace {

constexpr std::string_view kGenerated =
    "<!-- Made by `redoubt-layers --markdown docs/reference`; do not edit. -->\n";

std::string table(const std::vector<const Primitive*>& primitives, bool from) {
  std::string out =
      from ? "| Primitive | Signature | Lock | Guards | Effect | Source | From "
             "|\n|---|---|---|---|---|---|---|\n"
           : "| Primitive | Signature | Lock | Guards | Effect | Source |\n|---|---|---|---|---|---|\n";
  for (const Primitive* p : primitives) {
    const std::string where = !p->built ? " (" + standing(*p) + ")" : p->on_el2() ? "" : " (model only)";
    const std::string name = fmt::format("`{}`{}", p->name, where);
    out += fmt::format("| {} | {} | {} | {} | {} | {} |", name, p->signature, p->lock, p->guards, p->effect,
                       p->source);
    out += from ? fmt::format(" {} |\n", p->layer) : "\n";
  }
  return out;
}

std::string obligations(const Layer& l) {
  std::string out =
      "| Primitive | Code | May change | Preserves | Theorem | Checked by |\n|---|---|---|---|---|---|\n";
  for (const Primitive& p : l.fresh) {
    if (!p.built) {
      continue;
    }
    std::vector<std::string_view> tests;
    tests.reserve(p.checks.size());
    for (const Check& c : p.checks) {
      tests.push_back(c.test);
    }
    out += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", p.name, p.code, p.changes,
                       fmt::join(p.invariants, ", "), theorem_text(p), fmt::join(tests, ", "));
  }
  return out;
}

// One line for each reason why the EL2 machine does not offer some primitives.
std::string waiting(const Layer& l) {
  std::map<std::string_view, std::vector<std::string_view>> by_reason;
  const auto note = [&](const Primitive& p) {
    if (p.built && !p.on_el2()) {
      by_reason[p.waits_for].push_back(p.name);
    }
  };
  for (const Primitive& p : l.fresh) {
    note(p);
  }
  for (const Primitive* p : l.passthrough) {
    note(*p);
  }
  std::string out;
  for (const auto& [reason, names] : by_reason) {
    out += fmt::format("Model only: {}; waiting for {}.\n", fmt::join(names, ", "), reason);
  }
  return out;
}

// One line for each name of the layer that a ruling replaced.
std::string replaced(const Layer& l) {
  std::string out;
  for (const Primitive& p : l.fresh) {
    if (p.replaced()) {
      out += fmt::format("`{}` is {}: {}.\n", p.name, standing(p), p.replaced_why);
    }
  }
  return out;
}

}  // namespace

std::string tower_markdown() {
  std::string out =
      std::string(kGenerated) +
      "# The tower\n\nFresh, passthrough, visible and built count the digest's names; own counts Redoubt's "
      "additions that are visible in the layer; replaced counts names whose work a ruling gave to others; at "
      "EL2 "
      "counts what the EL2 machine offers, not the model alone; theorems are those of fresh and own "
      "primitives.\n\n"
      "| # | Layer | Fresh | Passthrough | Visible | Built | Replaced | At EL2 | Own | With theorem | "
      "Pending |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const Layer& l : tower()) {
    out +=
        fmt::format("| {} | [{}]({}.md) | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", l.number, l.name,
                    l.name, l.digest_fresh(), l.digest_passthrough(), l.visible(), l.visible_built(),
                    l.visible_replaced(), l.visible_on_el2(), l.own(), l.with_theorem(), l.pending());
  }
  return out;
}

std::string layer_markdown(const Layer& l) {
  std::vector<const Primitive*> fresh, own, passed, passed_own;
  for (const Primitive& p : l.fresh) {
    (p.own ? own : fresh).push_back(&p);
  }
  for (const Primitive* p : l.passthrough) {
    (p->own ? passed_own : passed).push_back(p);
  }
  std::string out = std::string(kGenerated) + fmt::format("# Layer {}: {}\n\n", l.number, l.name);
  out +=
      fmt::format("Code `{}`, specification `{}`, source {}. {} fresh + {} passthrough = {} visible; {}.\n",
                  l.header, l.spec_header, l.source, fresh.size(), passed.size(), l.visible(), built_of(l));
  out += replaced(l);
  out += waiting(l);
  if (!l.hides.empty()) {
    out += fmt::format("Hides {}.\n", fmt::join(l.hides, ", "));
  }
  if (!l.hides_own.empty()) {
    out += fmt::format("Hides of Redoubt's own: {}.\n", fmt::join(l.hides_own, ", "));
  }
  out += "\n## Fresh\n\n" + table(fresh, false);
  if (!own.empty()) {
    out += "\n## Redoubt's own\n\n" + table(own, false);
  }
  out += "\n## Obligations\n\n" + obligations(l);
  if (!passed.empty()) {
    out += "\n## Passthrough\n\n" + table(passed, true);
  }
  if (!passed_own.empty()) {
    out += "\n## Passthrough, Redoubt's own\n\n" + table(passed_own, true);
  }
  return out;
}

}  // namespace redoubt::layers
