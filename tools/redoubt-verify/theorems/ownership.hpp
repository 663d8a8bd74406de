// SPDX-License-Identifier: BSD-3-Clause
// What ownership says of the tables, at one arbitrary place of each kind: INV-PAGE-1 to 3, 5, 6, 8, 10 and
// INV-NPT-9.
#pragma once
#include "tools/redoubt-verify/theorems/flat_state.hpp"
#include "tools/redoubt-verify/theorems/frame_index.hpp"

namespace redoubt::verify {

// INV-NPT-3, of flat tables: a table hangs in the table above it. At the 2 MiB region of any frame.
template <ValueDomain D, class P>
typename D::Bool tables_hang(const spec::State<D, P>& s, typename D::Word vmid, typename D::Word region) {
  using W = typename D::Word;
  const auto above = both(s.pud_t.read(vmid, region >> 9) == W(1), s.pgd_t.read(vmid, region >> 18) == W(1));
  return implies(s.pmd_t.read(vmid, region) == W(1), above);
}

// Assumes it of every region that is looked at. `state` must outlive its maps' copies.
template <ValueDomain D, class P>
void assume_tables_hang(spec::State<D, P>& state) {
  using W = typename D::Word;
  state.pmd_t.on_first_read(
      [&state](W vmid, W region, W) { state.d->assume(tables_hang(state, vmid, region)); });
}

// The level of a leaf and the frame that it maps `gfn` to, of one principal's flat table.
template <ValueDomain D, class P>
struct LeafAt {
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  LeafAt(const spec::State<D, P>& s, Word vmid, Word gfn)
      : is_page(s.pmd_t.read(vmid, gfn >> 9) == Word(1)),
        leaf(select(is_page, s.page.read(vmid, gfn), s.block.read(vmid, gfn >> 9))),
        valid((leaf & Word(1)) == Word(1)),
        first(spec::frame_of(leaf) >> PAGE_SHIFT),
        frame(select(is_page, first, first | (gfn & Word(PMD_PAGE_NUM - 1)))) {}

  Bool is_page;
  Word leaf;
  Bool valid;
  Word first, frame;  // the page's or block's first frame, and the one that gfn sees
};

// An arbitrary frame of the host's space.
template <ValueDomain D, class P>
class HostPlace {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;

  HostPlace(State& state, Word gfn) : gfn_(gfn), entry_(entry_of(state, gfn)) {}
  [[nodiscard]] Word gfn() const { return gfn_; }

  // INV-PAGE-5: a page leads to the frame itself, a block to the 512 frames around it.
  Bool flat(const State& s) const {
    const Leaf leaf(s, Word(HOSTVISOR), gfn_);
    return implies(leaf.valid, leaf.frame == gfn_);
  }
  // INV-PAGE-6: own, shared by a VM or the core, or of a listed device window.
  Bool isolated(const State& s) const {
    const Word owner = select(has_entry(), s.s2_owner.read(entry_, Word(0)), Word(INVALID));
    const Bool shared = both(has_entry(), s.s2_count.read(entry_, Word(0)) == Word(1));
    const Bool device = both(owner == Word(INVALID), s.host_device.read(gfn_, Word(0)) != Word(0));
    const Bool may = either(either(owner == Word(HOSTVISOR), device), both(owner != Word(INVALID), shared));
    return implies(Leaf(s, Word(HOSTVISOR), gfn_).valid, may);
  }
  // INV-PAGE-7, in the table: what frame 0 stands for is never memory.
  Bool not_frame_0(const State& s) const {
    const Leaf leaf(s, Word(HOSTVISOR), gfn_);
    return implies(both(leaf.valid, leaf.first == Word(0)), negation(has_entry()));
  }
  // INV-PAGE-8.
  Bool windows(const State& s) const {
    return implies(s.host_device.read(gfn_, Word(0)) != Word(0), negation(has_entry()));
  }
  Bool tables(State& s) const {
    const Word host(HOSTVISOR);
    return both(FlatTables<D, P>{gfn_}.holds(s, host + Word(NPT_ID)), tables_hang(s, host, gfn_ >> 9));
  }

 private:
  using Leaf = LeafAt<D, P>;
  Bool has_entry() const { return entry_ != Word(INVALID64); }

  Word gfn_, entry_;
};

// An arbitrary frame of an arbitrary VM's space.
template <ValueDomain D, class P>
class VmPlace {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;

  VmPlace(Word vmid, Word gfn) : vmid_(vmid), gfn_(gfn) {}
  [[nodiscard]] Word gfn() const { return gfn_; }

  // INV-PAGE-10: what is mapped is the VM's own page, at its own frame; never frame 0 (INV-PAGE-7).
  Bool isolated(State& s) const {
    const LeafAt<D, P> leaf(s, vmid_, gfn_);
    const Word entry = entry_of(s, leaf.frame);
    const Bool own = both(entry != Word(INVALID64), s.s2_owner.read(entry, Word(0)) == vmid_,
                          s.s2_gfn.read(entry, Word(0)) == gfn_);
    return implies(leaf.valid, both(own, leaf.first != Word(0)));
  }
  Bool tables(State& s) const {
    return both(FlatTables<D, P>{gfn_}.holds(s, vmid_ + Word(NPT_ID)), tables_hang(s, vmid_, gfn_ >> 9));
  }

 private:
  Word vmid_, gfn_;
};

// All of them, at places that are named once.
template <ValueDomain D, class P>
class Ownership {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;

  explicit Ownership(State& initial)
      : d_(*initial.d),
        host_(initial, inside(d_, "some_gfn")),
        vmid_(d_.any("some_vm")),
        vm_(vmid_, inside(d_, "some_vm_gfn")),
        index_(d_.any("some_index")) {
    d_.assume(both(Word(HOSTVISOR) < vmid_, vmid_ < Word(COREVISOR)));
    d_.assume(both(host_.flat(initial), host_.isolated(initial), host_.not_frame_0(initial),
                   host_.windows(initial), host_.tables(initial)));
    d_.assume(both(vm_.isolated(initial), vm_.tables(initial), entry_holds(initial)));
  }
  [[nodiscard]] Word host_gfn() const { return host_.gfn(); }
  [[nodiscard]] Word vm_gfn() const { return vm_.gfn(); }

  void prove(State& s) {
    d_.prove("INV-PAGE-1 to 3, 12: an entry is one", entry_holds(s));
    d_.prove("INV-PAGE-5: the host's table is an identity map", both(host_.flat(s), host_.not_frame_0(s)));
    d_.prove("INV-PAGE-6: the host maps only its own pages, shared pages and its device windows",
             host_.isolated(s));
    d_.prove("INV-PAGE-8: a device window holds no memory", host_.windows(s));
    d_.prove("INV-PAGE-10: the table of a VM maps only its own pages, each at its own frame",
             vm_.isolated(s));
    d_.prove("INV-NPT-3 and 9: a table hangs in another; a region has a block or a table",
             both(host_.tables(s), vm_.tables(s)));
  }

 private:
  static Word inside(D& d, std::string_view name) {
    const Word gfn = d.any(name);
    d.assume(gfn < Word(u64{1} << (P::ipa_bits - PAGE_SHIFT)));
    return gfn;
  }
  // INV-PAGE-1 to 3, 12.
  Bool entry_holds(State& s) {
    spec::PageInvariants<spec::ReadNow, D, P> now(s);
    return both(now.owner(index_), now.count(index_), now.guest_frame(index_), now.dma(index_));
  }

  D& d_;
  HostPlace<D, P> host_;
  Word vmid_;
  VmPlace<D, P> vm_;
  Word index_;
};

}  // namespace redoubt::verify
