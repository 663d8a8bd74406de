// SPDX-License-Identifier: BSD-3-Clause
// Fills the catalogue from the registry. What is built is asked of the code's classes, never written down.
#include "tools/redoubt-layers/catalogue.hpp"

#include <algorithm>
#include <cctype>
#include <deque>
#include <map>

#include "core/registry/only_in_model.hpp"
#include "core/registry/replaced.hpp"
#include "core/registry/signature.hpp"
#include "core/registry/theorems.hpp"
#include "core/registry/tower.hpp"
#include "machine/domain/concrete.hpp"
#include "machine/model/model_machine.hpp"

namespace redoubt::layers {
namespace {

using Machine = ModelMachine<Concrete, ModelParams>;
namespace reg = redoubt::registry;

std::string changes_text(reg::Fields fields) {
  std::string text;
  for (const reg::field::Name& name : reg::field::kNames) {
    if ((fields & name.bit) != 0) {
      text += (text.empty() ? "" : ", ") + std::string(name.text);
    }
  }
  return text.empty() ? "nothing" : text;
}

// The tests that iterate over the registry reach every built primitive of their model; the locks have tests
// of their own.
std::vector<Check> checks_of(bool built, reg::Model model, unsigned layer) {
  if (!built) {
    return {};
  }
  std::vector<Check> checks{{"registry-rules", "E1"}};
  if (model == reg::Model::log) {
    checks.push_back({"lock-automata", "E2"});
    checks.push_back({"lock-refinement", "E4 E6 E10"});
    checks.push_back({"lock-code", "E7"});
    return checks;
  }
  for (const char* platform : {"tiny", "model", "qemu"}) {
    checks.push_back({std::string("every-primitive-") + platform, "E2 E4 E5 E6 E7 E8 E11"});
  }
  if (layer >= 5 && layer <= 8) {
    checks.push_back({"registry-seeded-faults", "E11"});
    checks.push_back({"registry-vectors", "E3 and the digest's test vectors"});
    checks.push_back({"registry-exhaustive", "E4 E7 E9"});
  }
  return checks;
}

template <class E, class P>
Primitive record(bool own, bool seed) {
  using Code = typename E::template Code<Machine>;
  Primitive p;
  p.name = P::name;
  p.layer = E::name;
  p.signature = P::row.signature;
  p.lock = P::row.lock;
  p.guards = P::row.guards;
  p.source = P::row.source;
  p.effect = P::row.effect;
  p.header = E::header;
  p.spec_header = E::spec_header;
  p.own = own;
  p.seed = seed;
  p.built = P::template visible<Code>;
  reg::for_each(reg::Replacements<E>{}, [&]<class R>() {
    if constexpr (std::is_same_v<typename R::primitive, typename P::primitive>) {
      reg::for_each(typename R::By{}, [&]<class Other>() { p.replaced_by.push_back(Other::name); });
      p.ruling = R::ruling;
      p.replaced_why = R::why;
    }
  });
  if constexpr (P::template visible<Code>) {
    p.code = reg::signature_text<decltype(P::template in<Code>())>();
  }
  reg::for_each(typename P::preserves{}, [&]<class I>() { p.invariants.push_back(I::number); });
  p.changes = changes_text(P::changes);
  p.waits_for = reg::waits_for<E, typename P::primitive>();
  p.theorem = reg::theorem_of<E, P, Code>();
  p.checked_by = reg::checked_by<P>();
  p.checks = checks_of(p.built, P::model, E::number);
  return p;
}

template <class L>
std::vector<std::string_view> names_of(L list) {
  std::vector<std::string_view> names;
  reg::for_each(list, [&]<class P>() { names.push_back(P::name); });
  return names;
}

using SeedNames = reg::VisibleDigest<reg::PtWalkEntry>;

template <class E>
Layer layer_of() {
  Layer layer;
  layer.number = E::number;
  layer.name = E::name;
  layer.header = E::header;
  layer.spec_header = E::spec_header;
  layer.source = E::source;
  reg::for_each(typename E::Fresh{}, [&]<class P>() {
    layer.fresh.push_back(record<E, P>(false, reg::contains<typename P::primitive, SeedNames>));
  });
  reg::for_each(typename E::Own{}, [&]<class P>() { layer.fresh.push_back(record<E, P>(true, false)); });
  layer.hides = names_of(typename E::Hides{});
  layer.hides_own = names_of(typename E::HidesOwn{});
  return layer;
}

std::vector<Layer> build() {
  std::vector<Layer> all;
  all.reserve(reg::Tower::size);  // passthrough points into it
  std::map<std::string_view, const Primitive*> by_name;
  reg::for_each(reg::Tower{}, [&]<class E>() {
    all.push_back(layer_of<E>());
    const auto add = [&]<class P>() { all.back().passthrough.push_back(by_name.at(P::name)); };
    reg::for_each(typename E::Passthrough{}, add);
    reg::for_each(typename E::PassthroughOwn{}, add);
    for (const Primitive& p : all.back().fresh) {
      by_name[p.name] = &p;
    }
  });
  return all;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::size_t Layer::digest_fresh() const {
  return static_cast<std::size_t>(
      std::count_if(fresh.begin(), fresh.end(), [](const Primitive& p) { return !p.own; }));
}
std::size_t Layer::digest_passthrough() const {
  return static_cast<std::size_t>(
      std::count_if(passthrough.begin(), passthrough.end(), [](const Primitive* p) { return !p->own; }));
}
std::size_t Layer::visible_built() const {
  const auto f =
      std::count_if(fresh.begin(), fresh.end(), [](const Primitive& p) { return !p.own && p.built; });
  const auto t = std::count_if(passthrough.begin(), passthrough.end(),
                               [](const Primitive* p) { return !p->own && p->built; });
  return static_cast<std::size_t>(f + t);
}
std::size_t Layer::with_theorem() const {
  return static_cast<std::size_t>(
      std::count_if(fresh.begin(), fresh.end(), [](const Primitive& p) { return !p.theorem.empty(); }));
}
std::size_t Layer::pending() const {
  return static_cast<std::size_t>(
      std::count_if(fresh.begin(), fresh.end(), [](const Primitive& p) { return p.pending(); }));
}
std::size_t Layer::visible_replaced() const {
  const auto f = std::count_if(fresh.begin(), fresh.end(), [](const Primitive& p) { return p.replaced(); });
  const auto t =
      std::count_if(passthrough.begin(), passthrough.end(), [](const Primitive* p) { return p->replaced(); });
  return static_cast<std::size_t>(f + t);
}

std::string standing(const Primitive& p) {
  if (p.built) {
    return "built";
  }
  if (!p.replaced()) {
    return "not yet built";
  }
  std::string names;
  for (const std::string_view name : p.replaced_by) {
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return "replaced by " + names + " (" + std::string(p.ruling) + ")";
}
std::string built_of(const Layer& l) {
  const std::string replaced =
      l.visible_replaced() == 0 ? "" : " and " + std::to_string(l.visible_replaced()) + " replaced";
  return std::to_string(l.visible_built()) + " built" + replaced + " of " + std::to_string(l.visible());
}

std::string theorem_text(const Primitive& p) {
  if (!p.theorem.empty()) {
    return std::string(p.theorem);
  }
  return p.checked_by.empty() ? "pending" : "none; " + std::string(p.checked_by);
}

std::size_t Layer::visible_on_el2() const {
  const auto f = std::count_if(fresh.begin(), fresh.end(),
                               [](const Primitive& p) { return !p.own && p.built && p.on_el2(); });
  const auto t = std::count_if(passthrough.begin(), passthrough.end(),
                               [](const Primitive* p) { return !p->own && p->built && p->on_el2(); });
  return static_cast<std::size_t>(f + t);
}

const std::vector<Layer>& tower() {
  static const std::vector<Layer> all = build();
  return all;
}

const Layer* find(std::string_view layer) {
  for (const Layer& l : tower()) {
    if (lower(l.name) == lower(layer)) {
      return &l;
    }
  }
  return nullptr;
}

const Primitive* find(const Layer& layer, std::string_view primitive) {
  for (const Primitive& p : layer.fresh) {
    if (p.name == primitive) {
      return &p;
    }
  }
  for (const Primitive* p : layer.passthrough) {
    if (p->name == primitive) {
      return p;
    }
  }
  return nullptr;
}

std::vector<std::string_view> close_to(std::string_view asked, const std::vector<std::string_view>& names) {
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  for (const std::string_view name : names) {
    const std::size_t d = distance(lower(asked), lower(name));
    if (d <= std::max<std::size_t>(2, asked.size() / 3)) {
      ranked.emplace_back(d, name);
    }
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string_view> close;
  for (std::size_t i = 0; i < ranked.size() && i < 3; ++i) {
    close.push_back(ranked[i].second);
  }
  return close;
}

}  // namespace redoubt::layers
