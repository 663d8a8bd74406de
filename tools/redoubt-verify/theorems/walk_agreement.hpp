// SPDX-License-Identifier: BSD-3-Clause
// Code of a table walk beside its flat specification: they stop together, return the same and leave the same.
#pragma once
#include "tools/redoubt-verify/theorems/table_world.hpp"

namespace redoubt::verify {

// False: the call stopped the machine.
template <class Call>
bool goes_on(Call call) {
  try {
    call();
    return true;
  } catch (const Halt&) {
    return false;
  }
}

// Runs code on a specification in the place of the layer below, whose preconditions it owes; false: it
// stopped the machine.
template <class World, class Call>
bool code_goes_on(World& world, Call call) {
  set_rely(world.d, Rely::obligation);
  const bool ran = goes_on(call);
  set_rely(world.d, Rely::assumed);
  return ran && !world.raw.halt;
}

// Runs the flat specification, then the code; compares whether they stop, the results, and by `compare` all
// that the next call could see.
template <class World, class Specified, class Coded, class Compare>
bool walk_agrees(World& world, Specified specified, Coded coded, Compare compare) {
  using Bool = typename World::Bool;
  const auto expected = specified(world.spec);
  auto got = expected;
  const bool ran = code_goes_on(world, [&] { got = coded(world.code); });
  world.d.prove("the code stops exactly when the specification halts", Bool(ran == !world.flat.halt));
  world.d.cover("goes on", Bool(ran));
  if (!ran) {
    return false;
  }
  world.d.prove("the result agrees with the specification", Bool(got == expected));
  compare();
  return true;
}

}  // namespace redoubt::verify
