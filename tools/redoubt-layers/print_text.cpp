// SPDX-License-Identifier: BSD-3-Clause
// The catalogue as text.
#include <fmt/format.h>

#include "core/registry/guard.hpp"
#include "tools/redoubt-layers/print.hpp"

namespace redoubt::layers {
namespace {

std::string checks_text(const Primitive& p) {
  if (!p.built) {
    return standing(p);
  }
  const std::string_view theorem = !p.theorem.empty()     ? std::string_view("theorem")
                                   : p.checked_by.empty() ? std::string_view("theorem pending")
                                                          : p.checked_by;
  return fmt::format("{} tests, {}{}", p.checks.size(), theorem, p.on_el2() ? "" : ", model only");
}

// Columns are padded by what is seen: in UTF-8 not every byte is a character.
std::string pad(std::string_view text, std::size_t width) {
  std::size_t seen = 0;
  for (const char c : text) {
    seen += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }
  return std::string(text) + std::string(seen < width ? width - seen : 0, ' ');
}

std::string rows(const std::vector<const Primitive*>& primitives) {
  std::string out;
  for (const Primitive* p : primitives) {
    out += fmt::format("  {} {} {}\n", pad(p->name, 26), pad(p->signature, 58), p->source);
    out += fmt::format("      {}\n", p->effect);
    out += fmt::format("      lock {} guards {} {}\n", pad(p->lock, 18), pad(p->guards, 40), checks_text(*p));
  }
  return out;
}

template <class Names>
std::string joined(const Names& names) {
  return names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string tower_text() {
  std::string out = fmt::format("{:>2}  {:<16} {:>5} {:>12} {:>8} {:>6} {:>9} {:>7} {:>4} {:>7} {:>8}\n", "#",
                                "layer", "fresh", "passthrough", "visible", "built", "replaced", "at EL2",
                                "own", "theorem", "pending");
  for (const Layer& l : tower()) {
    out += fmt::format("{:>2}  {:<16} {:>5} {:>12} {:>8} {:>6} {:>9} {:>7} {:>4} {:>7} {:>8}\n", l.number,
                       l.name, l.digest_fresh(), l.digest_passthrough(), l.visible(), l.visible_built(),
                       l.visible_replaced(), l.visible_on_el2(), l.own(), l.with_theorem(), l.pending());
  }
  const Layer& seed = *find("PTWalk");
  return out +
         fmt::format("\nPTWalk, the seed layer: {} built of {}.\n", seed.visible_built(), seed.visible()) +
         "fresh, passthrough, visible, built: the digest's names. replaced: by a ruling, others do the work. "
         "at EL2: built, and not in the model alone. "
         "own: Redoubt's additions visible in the "
         "layer.\n"
         "theorem, pending: with and without a theorem of redoubt-verify, of the layer's fresh and own "
         "primitives. `redoubt-layers LAYER` lists "
         "them.\n";
}

std::string layer_text(const Layer& l) {
  std::vector<const Primitive*> fresh, own, passed, passed_own;
  for (const Primitive& p : l.fresh) {
    (p.own ? own : fresh).push_back(&p);
  }
  for (const Primitive* p : l.passthrough) {
    (p->own ? passed_own : passed).push_back(p);
  }
  std::string out = fmt::format("{} (layer {}): {} fresh + {} passthrough = {} visible, {}\n", l.name,
                                l.number, fresh.size(), passed.size(), l.visible(), built_of(l));
  out += fmt::format("code {}, specification {}, source {}\n", l.header, l.spec_header, l.source);
  out += fmt::format("hides {}\n", joined(l.hides));
  if (!l.hides_own.empty()) {
    out += fmt::format("hides of Redoubt's own {}\n", joined(l.hides_own));
  }
  out += "\nFresh\n" + rows(fresh);
  if (!own.empty()) {
    out += "\nRedoubt's own\n" + rows(own);
  }
  if (!passed.empty()) {
    out += "\nPassthrough\n" + rows(passed);
  }
  if (!passed_own.empty()) {
    out += "\nPassthrough, Redoubt's own\n" + rows(passed_own);
  }
  return out;
}

std::string primitive_text(const Layer& l, const Primitive& p) {
  std::string out =
      fmt::format("{}::{}{}\n  {}\n", l.name, p.name, p.built ? "" : "  (" + standing(p) + ")", p.effect);
  out += fmt::format("  digest       {}{}\n", p.signature, p.seed ? "   one of the seed's 130" : "");
  if (p.built) {
    out += fmt::format("  code         {} in {}\n", p.code, p.header);
  }
  if (p.built) {
    out += fmt::format("  spec         {}\n", p.spec_header);
  }
  if (p.layer != l.name) {
    out += fmt::format("  passthrough  from {}\n", p.layer);
  }
  out += fmt::format("  source       {}\n  lock         {}\n", p.own ? "Redoubt's own" : p.source, p.lock);
  registry::for_each_guard(p.guards, [&](std::string_view text, const registry::GuardWord* word) {
    out += fmt::format("  guard        {} {}\n", pad(text, 22), word->meaning);
  });
  if (!p.built) {
    return p.replaced() ? out + fmt::format("  replaced     {}\n", p.replaced_why) : out;
  }
  out += p.on_el2() ? "  machines     model and EL2\n"
                    : fmt::format("  machines     model only, waiting for {}\n", p.waits_for);
  out += fmt::format("  changes      at most: {}\n  preserves    {}\n", p.changes, joined(p.invariants));
  out += fmt::format("  theorem      {}\n", theorem_text(p));
  for (const Check& c : p.checks) {
    out += fmt::format("  checked by   {:<24} {}\n", c.test, c.covers);
  }
  return out;
}

}  // namespace redoubt::layers
