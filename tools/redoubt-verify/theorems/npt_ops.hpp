// SPDX-License-Identifier: BSD-3-Clause
// Theorems about NPTOps on the specifications of Locks and NPTWalk: one section each, its lock, its
// maintenance, the invariant that it keeps while others run.
#pragma once
#include "core/npt/npt_ops.hpp"
#include "spec/npt/npt_ops.hpp"
#include "tools/redoubt-verify/theorems/flat_state.hpp"
#include "tools/redoubt-verify/theorems/npt_ops_below.hpp"
#include "tools/redoubt-verify/theorems/others.hpp"
#include "tools/redoubt-verify/theorems/table_world.hpp"

namespace redoubt::verify {

template <class P, ValueDomain D>
struct NptOpsTheorems {
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Descriptor = redoubt::Descriptor<Word>;
  using State = spec::State<D, P>;

  static void get_level_s2pt(D& d) {
    agree(d, [&](auto& layer, auto vmid, auto addr) { return layer.get_level_s2pt(vmid, addr); });
  }
  static void walk_s2pt(D& d) {
    agree(d, [&](auto& layer, auto vmid, auto addr) { return layer.walk_s2pt(vmid, addr).raw; });
  }
  static void map_s2pt(D& d) {
    const Descriptor pte(d.any("pte"));
    const Level level = leaf_level(d);
    agree(d, [&](auto& layer, auto vmid, auto addr) {
      layer.map_s2pt(vmid, addr, level, pte);
      return 0;
    });
  }
  static void try_map_s2pt(D& d) {
    const Descriptor pte(d.any("pte"));
    const Level level = d.any("no_level") == Word(1) ? Level::none : leaf_level(d);
    const Status status = agree(
        d, [&](auto& layer, auto vmid, auto addr) { return layer.try_map_s2pt(vmid, addr, level, pte); });
    cover(d, "refused", status, Status::invalid_parameter);
    cover(d, "mapped", status, Status::ok);
    cover(d, "unchanged", status, Status::unchanged);
    cover(d, "exists", status, Status::exists);
    cover(d, "no memory", status, Status::no_memory);
  }
  static void drop_block_s2pt(D& d) {
    const Status status =
        agree(d, [&](auto& layer, auto vmid, auto addr) { return layer.drop_block_s2pt(vmid, addr); });
    cover(d, "dropped", status, Status::ok);
    cover(d, "no block", status, Status::not_found);
    cover(d, "outside the IPA space", status, Status::invalid_parameter);
  }
  static void unmap_s2pt(D& d) {
    const Status status =
        agree(d, [&](auto& layer, auto vmid, auto addr) { return layer.unmap_s2pt(vmid, addr); });
    cover(d, "unmapped", status, Status::ok);
    cover(d, "nothing there", status, Status::not_found);
    cover(d, "a block is there", status, Status::exists);
    cover(d, "outside the IPA space", status, Status::invalid_parameter);
  }
  static void clear_pfn_host(D& d) {
    agree(d, [&](auto& layer, auto, auto addr) {
      layer.clear_pfn_host(Pfn<Word>(addr.raw));
      return 0;
    });
  }
  static void init_s2pt(D& d) {
    agree(d, [&](auto& layer, auto vmid, auto) {
      layer.init_s2pt(vmid);
      return 0;
    });
  }
  static void reset_s2pt(D& d) {
    agree(d, [&](auto& layer, auto vmid, auto) {
      layer.reset_s2pt(vmid);
      return 0;
    });
  }

 private:
  static Level leaf_level(D& d) { return d.any("level") == Word(2) ? Level::block : Level::page; }
  static void cover(D& d, std::string_view label, Status status, Status wanted) {
    d.cover(label, Bool(status == wanted));
  }

  // The same call on the specification and on the code; everything the next call could see must agree. Others
  // run before each section.
  template <class Call>
  static auto agree(D& d, Call call) {
    State expected(d, any_pool_base<P>(d));
    FlatTables<D, P> tables{d.any("some_gfn")};
    Others<D, P, FlatTables<D, P>> others(tables);
    others.act_on(expected);
    State actual = expected;
    const VmId<Word> vmid(d.any("vmid"));
    const Ipa<Word> addr(d.any("addr"));
    spec::NptOps<D, P> spec(expected);
    NptOps<NptWalkStandIn<D, P>> code(actual);
    const auto result = call(spec, vmid, addr);
    set_rely(d, Rely::obligation);
    const auto got = call(code, vmid, addr);
    set_rely(d, Rely::assumed);
    d.prove("the code stops exactly when the specification halts", Bool(expected.halt == actual.halt));
    d.cover("goes on", Bool(!expected.halt));
    if (expected.halt) {
      return result;
    }
    d.prove("the result agrees with the specification", Bool(got == result));
    compare_steps(d, expected, actual);
    compare_flat_state(d, expected, actual);
    return result;
  }
};

}  // namespace redoubt::verify
