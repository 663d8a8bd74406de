// SPDX-License-Identifier: BSD-3-Clause
// A layer as an object: fresh primitives, what it hides, and what it passes through.
#pragma once
#include <string_view>

#include "core/registry/primitive.hpp"

namespace redoubt::registry {

// Derived facts of a layer's declaration E, which has:
//   number, name, header, spec_header, source   constants
//   Below                      the declaration below, or void
//   Code<M>, Spec<D, P>        the class that implements it, the class that specifies it
//   LogSpec                    the class that specifies it on logs, where the model of a primitive is log
//   Fresh, Own                 lists of Bound: implemented here; Own are Redoubt's additions to the digest
//   Hides, HidesOwn            names of below that end here
//   Passthrough                names of below that are re-exported unchanged (digest), PassthroughOwn
//   likewise growing                    true: names of Fresh may be missing in Code, and count as not yet
//   built; those of `Replaced` (replaced.hpp) are missing for good
template <class E>
struct Layer : E {
  using Fresh = Plain<typename E::Fresh>;
  using Own = Plain<typename E::Own>;
  using FreshAndOwn = Join<typename E::Fresh, typename E::Own>;
  using VisibleDigest = Join<Fresh, typename E::Passthrough>;
  using VisibleOwn = Join<Own, typename E::PassthroughOwn>;
  using Visible = Join<VisibleDigest, VisibleOwn>;
  using Hidden = Join<typename E::Hides, typename E::HidesOwn>;
};

template <class E>
using VisibleDigest = typename Layer<E>::VisibleDigest;
template <class E>
using VisibleOwn = typename Layer<E>::VisibleOwn;

// What remains of the layer below when these names end here.
template <class Below, class Hides>
using Rest = Minus<VisibleDigest<Below>, Hides>;
template <class Below, class Hides>
using RestOwn = Minus<VisibleOwn<Below>, Hides>;

}  // namespace redoubt::registry
