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
struct Indexed : P {};

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
  return spec::PageIndexLayer<D, Indexed<P>>(state).get_s2_page_index(Pa<typename D::Word>(pfn << PAGE_SHIFT));
}

// INV-PAGE-4: if the entries of `first` and of the frame `more` (below 512) behind it are as far apart as the
// frames, so is the entry of the frame `i` behind it, for i up to `more`.
template <class W, class EntryOf>
auto a_run_of_entries_is_one_of_frames(EntryOf entry, W first, W more, W i) {
  const W begin = entry(first);
  const auto run = both(begin != W(INVALID64), entry(first + more) == begin + more, more < W(PMD_PAGE_NUM));
  return implies(both(run, i <= more), entry(first + i) == begin + i);
}

// A run of entries is a run of frames: with the regions in hand, since the proof has a case for each way in
// which they can be the same one.
template <class P, ValueDomain D>
class RunOfEntries {
 public:
  using Word = typename D::Word;

  explicit RunOfEntries(spec::State<D, P>& state) : d_(*state.d), s_(state), layer_(state) {}

  // What `entry` says is what PageIndex specifies.
  void prove_entry() {
    const Word some = d_.any("frame");
    d_.prove("an entry is counted from its region's first",
             layer_.get_s2_page_index(at(some)) == entry(region(some), some));
  }
  void prove_run() {
    const Word more = d_.any("more"), i = d_.any("i"), some = d_.any("frame");
    d_.assume(both(some < Word(u64{1} << 36), more < Word(PMD_PAGE_NUM), i <= more));
    const Word r = region(some), begin = entry(r, some), q = region(some + more);
    const Word last = entry(q, some + more);
    if (either(begin == Word(INVALID64), last != begin + more)) {
      return;
    }
    d_.cover(r == q ? "a run in a region" : "a run over two regions", more != Word(0));
    const Word t = region(some + i);
    const bool known = t == r || t == q;
    d_.prove("what lies in between is in one of the two regions", typename D::Bool(known));
    d_.prove("a run of entries is a run of frames", entry(t, some + i) == begin + i);
  }

 private:
  static Pa<Word> at(Word frame) { return Pa<Word>(frame << PAGE_SHIFT); }
  Word region(Word frame) { return layer_.mem_region_search(at(frame)); }
  Word entry(Word region, Word frame) {
    const Word first = s_.regions.read(region, Word(spec::MB_INDEX));
    const Word offset = (at(frame).raw - s_.regions.read(region, Word(spec::MB_BASE))) >> PAGE_SHIFT;
    return select(either(region == Word(INVALID), first == Word(INVALID64)), Word(INVALID64), first + offset);
  }

  D& d_;
  spec::State<D, P>& s_;
  spec::PageIndexLayer<D, P> layer_;
};

// What frame_index.hpp assumes, of the searches through the regions.
template <class P, ValueDomain D>
struct PageIndexTheorems {
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  static void frames_and_entries(D& d) {
    spec::State<D, P> state(d, any_pool_base<P>(d));
    regions_in_pages(state);
    assume_regions(state);
    spec::PageIndexLayer<D, P> layer(state);
    const auto entry = [&](Word frame) { return layer.get_s2_page_index(Pa<Word>(frame << PAGE_SHIFT)); };
    const Word some = d.any("frame") & Word(kFrames - 1), none(INVALID64);
    if (d.any("statement") == Word(0)) {
      const Word other = d.any("other_frame") & Word(kFrames - 1), e = entry(some), o = entry(other);
      d.prove("two frames have no entry in common", either(either(some == other, e == none), e != o));
      d.prove("an entry lies in the array; frame 0 and frames from 2^36 on have none",
              either(e == none, both(e < state.page_count, some != Word(0), some < Word(u64{1} << 36))));
      d.cover("a frame with an entry", e != none);
      d.cover("a frame without", e == none);
      return;
    }
    RunOfEntries<P, D>(state).prove_entry();
  }
  static void runs_of_entries(D& d) {
    spec::State<D, P> state(d, any_pool_base<P>(d));
    regions_in_pages(state);
    assume_regions(state);
    RunOfEntries<P, D>(state).prove_run();
  }

 private:
  static constexpr u64 kFrames = u64{1} << 52;  // as many as addresses have
};

}  // namespace redoubt::verify
