// SPDX-License-Identifier: BSD-3-Clause
// What the layers above MemManager know of it and of NPTOps, in the place of their specifications: operations
// that answer anything, in sections of their locks, in the order in which they are called.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "spec/vm/boot_ops.hpp"
#include "tools/redoubt-verify/theorems/arguments.hpp"

namespace redoubt::verify {

// A parameter set, on which the specification of MemManager is the one below. So a theorem on it holds
// whatever these operations do: layers from MemoryOps up see tables and ownership through them alone.
template <class P>
struct Called : P {
  using Machine = P;  // whose seeded faults count
};

enum class MemoryCall : u64 {
  get_level_s2pt,
  walk_s2pt,
  init_s2pt,
  reset_s2pt,
  map_page_host,
  assign_pfn_to_vm,
  assign_zeroed_pfn_to_vm,
  clear_vm_page,
  map_pfn_vm,
  map_vm_io,
  grant_vm_page,
  revoke_vm_page,
  count_vm_pages,
  count_shared_pages,
  seal_vm_page,
  open_sealed_page
};

// The calls that a run made, with their arguments.
template <ValueDomain D>
struct CallLog {
  using Word = typename D::Word;
  struct Call {
    MemoryCall what;
    std::array<Word, 4> arguments;
  };
  std::vector<Call> calls;
};

inline constexpr std::array kStatuses{Status::ok,        Status::unchanged, Status::invalid_parameter,
                                      Status::not_found, Status::denied,    Status::no_memory,
                                      Status::busy,      Status::exists,    Status::not_supported};

}  // namespace redoubt::verify

namespace redoubt::spec {

template <ValueDomain D, class P>
class MemManager<D, verify::Called<P>> : public Locks<D, verify::Called<P>> {
 public:
  using Base = Locks<D, verify::Called<P>>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::Pa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using Frame = redoubt::Gfn<Word>;
  using What = verify::MemoryCall;

  Level get_level_s2pt(VmId vmid, Ipa addr) {
    const Word found = of_table(What::get_level_s2pt, vmid, addr.raw);
    return found == Word(0) ? Level::none : found == Word(2) ? Level::block : Level::page;
  }
  Descriptor walk_s2pt(VmId vmid, Ipa addr) {
    this->stuck_unless("A: address is inside the IPA space", addr.raw < Word(u64{1} << P::ipa_bits));
    return Descriptor(of_table(What::walk_s2pt, vmid, addr.raw));
  }
  void init_s2pt(VmId vmid) { of_table(What::init_s2pt, vmid, Word(0)); }
  void reset_s2pt(VmId vmid) { of_table(What::reset_s2pt, vmid, Word(0)); }

  Status map_page_host(Ipa addr) { return status(of_pages(What::map_page_host, addr.raw)); }
  Status assign_pfn_to_vm(VmId vmid, Frame gfn, Pfn pfn) {
    return status(of_pages(What::assign_pfn_to_vm, vmid.raw, gfn.raw, pfn.raw));
  }
  Status assign_zeroed_pfn_to_vm(VmId vmid, Frame gfn, Pfn pfn) {
    return status(of_pages(What::assign_zeroed_pfn_to_vm, vmid.raw, gfn.raw, pfn.raw));
  }
  Status clear_vm_page(VmId vmid, Pfn pfn) {
    return status(of_pages(What::clear_vm_page, vmid.raw, pfn.raw));
  }
  Status map_pfn_vm(VmId vmid, Ipa addr, Descriptor pte, Level level) {
    return status(
        of_pages(What::map_pfn_vm, vmid.raw, addr.raw, pte.raw, Word(level == Level::block ? 2 : 3)));
  }
  Status map_vm_io(VmId, Ipa, Pa) { return Status::denied; }
  Status grant_vm_page(VmId vmid, Pfn pfn) {
    return status(of_pages(What::grant_vm_page, vmid.raw, pfn.raw));
  }
  Status revoke_vm_page(VmId vmid, Pfn pfn) {
    return status(of_pages(What::revoke_vm_page, vmid.raw, pfn.raw));
  }
  Status seal_vm_page(VmId vmid, Pfn from, Pfn into) {
    return status(of_pages(What::seal_vm_page, vmid.raw, from.raw, into.raw));
  }
  Status open_sealed_page(VmId vmid, Pfn pfn) {
    return status(of_pages(What::open_sealed_page, vmid.raw, pfn.raw));
  }
  Word count_vm_pages(VmId vmid) { return of_pages(What::count_vm_pages, vmid.raw); }
  Word count_shared_pages(VmId vmid) { return of_pages(What::count_shared_pages, vmid.raw); }

 protected:
  using Base::s;

  static Bool guest(VmId vmid) { return both(vmid.raw != Word(0), vmid.raw < Word(16)); }

 private:
  Word of_table(What what, VmId vmid, Word argument) {
    this->acquire_lock_pt(vmid);
    const Word answer = call(what, {vmid.raw, argument, Word(0), Word(0)});
    this->release_lock_pt(vmid);
    return answer;
  }
  Word of_pages(What what, Word a, Word b = Word(0), Word c = Word(0), Word d = Word(0)) {
    this->acquire_lock_s2page();
    const Word answer = call(what, {a, b, c, d});
    this->release_lock_s2page();
    return answer;
  }
  Word call(What what, std::array<Word, 4> arguments) {
    if (s.halt) {
      return Word(0);
    }
    auto& log = *static_cast<verify::CallLog<D>*>(s.others.context);
    log.calls.push_back({what, arguments});
    return s.d->any("answer." + std::to_string(log.calls.size()));
  }
  static Status status(const Word& answer) {
    for (const Status each : verify::kStatuses) {
      if (answer == Word(static_cast<u64>(each))) {
        return each;
      }
    }
    return Status::again;
  }
};

}  // namespace redoubt::spec

namespace redoubt::verify {

// Proves that two runs made the same calls.
template <ValueDomain D>
void compare_calls(D& d, const CallLog<D>& expected, const CallLog<D>& actual) {
  using Bool = typename D::Bool;
  d.prove("memory operations are as many as specified", Bool(expected.calls.size() == actual.calls.size()));
  for (std::size_t i = 0; i < expected.calls.size(); ++i) {
    const auto& want = expected.calls[i];
    const auto& have = actual.calls[i];
    Bool same(want.what == have.what);
    for (std::size_t a = 0; a < want.arguments.size(); ++a) {
      same = both(same, want.arguments[a] == have.arguments[a]);
    }
    d.prove("memory operations are the specified ones, in order", same);
  }
}

}  // namespace redoubt::verify
