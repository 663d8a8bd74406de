// SPDX-License-Identifier: BSD-3-Clause
// What the layers above PageIndex know of ownership entries, in the place of its searches: an arbitrary
// injection of frames into entries.
#pragma once
#include "spec/page/page_manager.hpp"
#include "tools/redoubt-verify/theorems/page_world.hpp"

namespace redoubt::verify {

// A parameter set, on which the specification of PageIndex is this one: a frame has the entry that a map
// says. What the map satisfies is proven of the searches (theorem frames_and_entries).
template <class P>
struct Indexed : P {
  using Machine = P;  // whose seeded faults count
};

inline constexpr u64 kEntryOfFrame = 8;  // a field of State::regions that no region has

}  // namespace redoubt::verify

namespace redoubt::spec {

template <ValueDomain D, class P>
class PageIndexLayer<D, verify::Indexed<P>> : public NptOps<D, verify::Indexed<P>> {
 public:
  using Base = NptOps<D, verify::Indexed<P>>;
  using Base::Base;
  using typename Base::Pa;
  using typename Base::Word;

  Word get_s2_page_index(Pa addr) { return s.regions.read(addr.raw >> 12, Word(verify::kEntryOfFrame)); }

 protected:
  using Base::s;
};

}  // namespace redoubt::spec

namespace redoubt::verify {

// Assumes of every frame that is looked at: its entry is in the array and no other frame's (INV-PAGE-4), and
// frame 0 has none (INV-PAGE-7). `state` must outlive its maps' copies.
template <ValueDomain D, class P>
void assume_frame_index(spec::State<D, Indexed<P>>& state) {
  using W = typename D::Word;
  using Map = typename D::Map;
  D& d = *state.d;
  d.assume(state.page_count <= W(u64{1} << 36));
  const Map plus_one(d, "entry_plus_one"), frame_of(d, "frame_of_entry");
  state.regions = Map(d, "entry", [plus_one](W frame, W) { return plus_one.read(frame, W(0)) - W(1); });
  state.regions.on_first_read([&state, frame_of](W frame, W, W entry) {
    const W none(INVALID64);
    state.d->assume(
        either(entry == none, both(entry < state.page_count, frame != W(0), frame < W(u64{1} << 36),
                                   frame_of.read(entry, W(0)) == frame)));
  });
}

// The entry of a frame.
template <ValueDomain D, class P>
typename D::Word entry_of(spec::State<D, Indexed<P>>& state, typename D::Word pfn) {
  return spec::PageIndexLayer<D, Indexed<P>>(state).get_s2_page_index(
      Pa<typename D::Word>(pfn << PAGE_SHIFT));
}

// INV-PAGE-4: if the entries of `first` and of the frame `more` (below 512) behind it are as far apart as the
// frames, so is the entry of the frame `i` behind it, for i up to `more`.
template <class W, class EntryOf>
auto a_run_of_entries_is_one_of_frames(EntryOf entry, W first, W more, W i) {
  const W begin = entry(first);
  const auto run = both(begin != W(INVALID64), entry(first + more) == begin + more, more < W(PMD_PAGE_NUM));
  return implies(both(run, i <= more), entry(first + i) == begin + i);
}

// What frame_index.hpp assumes, of the searches through the regions; with the regions in hand, since a proof
// has a case for each way in which they can be the same one, and goes in steps.
template <class P, ValueDomain D>
class PageIndexTheorems {
 public:
  static void frames_and_entries(D& d) {
    State state(d, any_pool_base<P>(d));
    PageIndexTheorems t(state);
    const Word some = d.any("frame") & Word(kFrames - 1), which = d.any("statement");
    if (which == Word(0)) {
      t.apart(some);
    } else if (which == Word(1)) {
      t.inside(some);
    } else {
      d.prove("an entry is counted from its region's first",
              t.layer_.get_s2_page_index(at(some)) == t.entry(t.region(some), some));
    }
  }
  static void runs_of_entries(D& d) {
    State state(d, any_pool_base<P>(d));
    PageIndexTheorems(state).run();
  }

 private:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;

  explicit PageIndexTheorems(State& state) : d_(*state.d), s_(prepared(state)), layer_(state) {}

  void inside(Word some) {
    const Word e = entry(region(some), some), none(INVALID64);
    d_.prove("an entry lies in the array; frame 0 and frames from 2^36 on have none",
             either(e == none, both(e < s_.page_count, some != Word(0), some < Word(u64{1} << 36))));
    d_.cover("a frame with an entry", e != none);
    d_.cover("a frame without", e == none);
  }
  void apart(Word some) {
    const Word other = d_.any("other_frame") & Word(kFrames - 1), r = region(some), q = region(other);
    const Word e = entry(r, some), o = entry(q, other);
    if (r != q) {
      static_cast<void>(bool(field(r, spec::MB_INDEX) < field(q, spec::MB_INDEX)));  // a case for each order
    }
    d_.prove("two frames have no entry in common",
             either(either(some == other, e == Word(INVALID64)), e != o));
  }

  void run() {
    const Word more = d_.any("more"), i = d_.any("i"), some = d_.any("frame");
    d_.assume(both(some < Word(u64{1} << 36), more < Word(PMD_PAGE_NUM), i <= more));
    const Word r = region(some), begin = entry(r, some), q = region(some + more);
    const Word last = entry(q, some + more);
    if (either(begin == Word(INVALID64), last != begin + more)) {
      return;
    }
    const bool one = bool(r == q);
    d_.cover(one ? "a run in a region" : "a run over two regions", more != Word(0));
    if (!one) {
      neighbours(r, q);
    }
    const Word t = region(some + i);
    const bool known = t == r || t == q;
    d_.prove("what lies in between is in one of the two regions", Bool(known));
    d_.prove("a run of entries is a run of frames", entry(t, some + i) == begin + i);
  }
  // Two regions that a run goes over: step by step, the second begins where the first ends.
  void neighbours(const Word& r, const Word& q) {
    const Word base = field(r, spec::MB_BASE), next = field(q, spec::MB_BASE);
    const Word between = (next - base) >> PAGE_SHIFT;
    step("the regions of a run are in order", base < next);
    step("the entries of their regions are as far apart as they",
         field(q, spec::MB_INDEX) - field(r, spec::MB_INDEX) == between);
    step("the second begins where the first ends", base + field(r, spec::MB_SIZE) == next);
  }
  void step(std::string_view label, const Bool& holds) {
    d_.prove(label, holds);
    d_.assume(holds);
  }

  static State& prepared(State& state) {
    regions_in_pages(state);
    assume_regions(state);
    return state;
  }
  static Pa<Word> at(Word frame) { return Pa<Word>(frame << PAGE_SHIFT); }
  Word region(Word frame) { return layer_.mem_region_search(at(frame)); }
  Word field(const Word& region, u64 which) { return s_.regions.read(region, Word(which)); }
  Word entry(Word region, Word frame) {
    const Word first = field(region, spec::MB_INDEX);
    const Word offset = (at(frame).raw - field(region, spec::MB_BASE)) >> PAGE_SHIFT;
    return select(either(region == Word(INVALID), first == Word(INVALID64)), Word(INVALID64), first + offset);
  }

  static constexpr u64 kFrames = u64{1} << 52;  // as many as addresses have

  D& d_;
  State& s_;
  spec::PageIndexLayer<D, P> layer_;
};

}  // namespace redoubt::verify
