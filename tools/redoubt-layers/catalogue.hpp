// SPDX-License-Identifier: BSD-3-Clause
// The registry at run time: what the compile-time objects say, as plain records that the tool prints.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace redoubt::layers {

struct Check {
  std::string test;    // name in ctest
  std::string covers;  // "E2 E4 E5 E6 E7 E8 E11"
};

struct Primitive {
  std::string_view name, layer;
  std::string_view signature, lock, guards, source, effect;  // the row
  std::string code;                                          // signature of the code; empty: not yet built
  std::string_view header, spec_header;
  std::vector<std::string_view> invariants;  // numbers
  std::string changes;                       // parts of the state
  std::string_view theorem;                  // empty: pending
  std::string_view checked_by;               // instead of a theorem, where none can be stated
  std::vector<Check> checks;
  bool own = false;   // Redoubt's, not the digest's
  bool seed = false;  // one of PTWalk's 130
  bool built = false;
  std::vector<std::string_view> replaced_by;  // what does its work, if a ruling replaced it
  std::string_view ruling, replaced_why;
  std::string_view waits_for;  // empty: the EL2 machine offers it; else only the model does, until then

  [[nodiscard]] bool on_el2() const { return waits_for.empty(); }
  [[nodiscard]] bool replaced() const { return !replaced_by.empty(); }
  [[nodiscard]] bool pending() const { return theorem.empty() && checked_by.empty() && !replaced(); }
};

struct Layer {
  unsigned number = 0;
  std::string_view name, header, spec_header, source;
  std::vector<Primitive> fresh;                    // with Redoubt's own, after the digest's
  std::vector<const Primitive*> passthrough;       // into the fresh lists below, own ones last
  std::vector<std::string_view> hides, hides_own;  // end here

  [[nodiscard]] std::size_t digest_fresh() const;
  [[nodiscard]] std::size_t digest_passthrough() const;
  [[nodiscard]] std::size_t visible() const {
    return digest_fresh() + digest_passthrough();
  }  // as the digest counts
  [[nodiscard]] std::size_t visible_built() const;     // of those
  [[nodiscard]] std::size_t visible_replaced() const;  // of those, by other primitives
  [[nodiscard]] std::size_t visible_on_el2() const;    // of those, offered by the EL2 machine
  [[nodiscard]] std::size_t own() const { return fresh.size() + passthrough.size() - visible(); }
  [[nodiscard]] std::size_t with_theorem() const;  // fresh ones with a theorem
  [[nodiscard]] std::size_t pending() const;       // fresh ones that still want one
};

// Its theorem, what checks it where none can be stated, or that it is pending.
std::string theorem_text(const Primitive& p);

// "built", "replaced by X (R21)", or "not yet built".
std::string standing(const Primitive& p);
// "126 built of 130", or "126 built and 1 replaced of 130".
std::string built_of(const Layer& l);

// All layers, bottom to top. Built once.
const std::vector<Layer>& tower();

// By name, whatever the case; null if there is none. `primitive`: visible in the layer.
const Layer* find(std::string_view layer);
const Primitive* find(const Layer& layer, std::string_view primitive);

// Up to three names that are close to what was asked for.
std::vector<std::string_view> close_to(std::string_view asked, const std::vector<std::string_view>& names);

}  // namespace redoubt::layers
