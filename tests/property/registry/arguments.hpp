// SPDX-License-Identifier: BSD-3-Clause
// Random arguments for any primitive: by type, and by the names that its row gives them; boundaries are
// likely.
#pragma once
#include <tuple>
#include <type_traits>

#include "core/registry/signature.hpp"
#include "tests/property/registry/vm_world.hpp"

namespace redoubt::test {

// What a case is about: one principal, and an address that is often mapped there.
struct Subject {
  u64 vmid = 0, ipa = 0;
  bool smmu = false;  // about a bank of an SMMU; `ipa` is what its device issues
  u64 bank = 0;
  bool vm = false;  // about a VM: its frame, and where it sees it
  u64 pfn = 0, gfn = 0;
};

// An enumeration of which any value may be given.
template <class A>
inline constexpr bool is_choice =
    std::is_same_v<A, HostAnswer> || std::is_same_v<A, ShownWord> || std::is_same_v<A, GuestEvent> ||
    std::is_same_v<A, GuestAnswer> || std::is_same_v<A, GuestWord> || std::is_same_v<A, ManifestWord>;

template <class P>
class Arguments {
 public:
  Arguments(Choice& c, State<P>& s, Subject subject) : c_(c), s_(s), subject_(subject) {}

  template <class F>
  auto draw(std::string_view signature, bool contents = false) {
    names_ = signature.substr(1);
    contents_ = contents;
    seen_address_ = false;
    return tuple(typename registry::Signature<F>::Arguments{});
  }

 private:
  template <class... As>
  std::tuple<As...> tuple(registry::List<As...>) {
    return std::tuple<As...>{next<As>()...};  // braces: from left to right
  }
  // The name of the argument comes first in each "name type" pair.
  template <class A>
  A next() {
    const std::string_view name = names_.substr(0, names_.find(' '));
    const std::size_t comma = names_.find(", ");
    names_ = comma == std::string_view::npos ? std::string_view{} : names_.substr(comma + 2);
    return value<A>(name);
  }

  // long: one case a type
  template <class A>
  A value(std::string_view name) {
    if constexpr (std::is_same_v<A, VmId<u64>>) {
      return A(c_.one_in(12) ? c_.of({0, 1, 16, 17, 0x1'0000'0001, INVALID64}) : subject_.vmid);
    } else if constexpr (std::is_same_v<A, Ipa<u64>>) {
      seen_address_ = true;
      return A(subject_.vm ? vm_address(name) : ipa());
    } else if constexpr (std::is_same_v<A, Vttbr<u64>>) {
      const u64 own = spec::bounds<P>(s_.pool_base, subject_.vmid & 0xff).root;
      return A(c_.one_in(8) ? c_.of({0, own + 0x1000, u64{1} << 63})
                            : own | (subject_.vmid << 48) | c_.below(2));
    } else if constexpr (std::is_same_v<A, Descriptor<u64>>) {
      return A(subject_.vm     ? vm_frame() << PAGE_SHIFT | c_.of({0, 1, 3, PAGE_S2_KERNEL})
               : subject_.smmu ? smmu_descriptor(name)
               : seen_address_ ? leaf()
                               : parent(name));
    } else if constexpr (std::is_same_v<A, Pa<u64>>) {
      return A(name == "next" ? bump() : c_.one_in(3) ? smmu_slot() : physical());
    } else if constexpr (std::is_same_v<A, LoadIndex<u64>>) {
      return A(c_.one_in(10) ? c_.of({5, INVALID64}) : c_.below(subject_.vm ? 2 : 5));
    } else if constexpr (std::is_same_v<A, ContextBank<u64>>) {
      return A(c_.one_in(10) ? c_.of({8, INVALID64}) : subject_.smmu ? subject_.bank & 7 : c_.below(8));
    } else if constexpr (std::is_same_v<A, SmmuIndex<u64>>) {
      return A(c_.one_in(10) ? c_.of({2, INVALID64}) : subject_.smmu ? subject_.bank >> 3 : c_.below(2));
    } else if constexpr (std::is_same_v<A, SmmuBank<u64>>) {
      return A(c_.one_in(10) ? c_.of({16, INVALID64}) : subject_.bank);
    } else if constexpr (std::is_same_v<A, Ttbr<u64>>) {
      const u64 own = spec::spt_root<P>(s_.pool_base, subject_.bank);
      return A(c_.one_in(8) ? c_.of({0, own + PAGE_SIZE, spec::spt_root<P>(s_.pool_base, EL2_SMMU_CFG_SIZE)})
                            : own);
    } else if constexpr (std::is_same_v<A, Iova<u64>>) {
      seen_address_ = true;
      return A(ipa());
    } else if constexpr (std::is_same_v<A, Pfn<u64>>) {
      return A(contents_          ? content_frame()
               : name == "outbuf" ? host_frame()
               : subject_.vm      ? vm_frame()
                                  : frame());
    } else if constexpr (std::is_same_v<A, CoreVa<u64>>) {
      return A(window_address());
    } else if constexpr (std::is_same_v<A, PageIndex<u64>>) {
      return A(c_.one_in(12)
                   ? c_.of({kPageCount, kPageCount + 1, INVALID64})
                   : c_.of({0, kPageCount - 1, kRam1Index + c_.below(24), kRam1Index + c_.below(24)}));
    } else if constexpr (std::is_same_v<A, Level>) {
      return c_.one_in(10) ? Level::none : c_.below(2) == 0 ? Level::page : Level::block;
    } else if constexpr (std::is_same_v<A, Alloc>) {
      return static_cast<Alloc>(c_.of({1, 1, 0, 2}));
    } else if constexpr (std::is_same_v<A, Stop>) {
      return Stop::stuck;
    } else if constexpr (std::is_same_v<A, VcpuId<u64>>) {
      return A(c_.one_in(10) ? c_.of({8, 0x1'0000'0000, INVALID64}) : c_.below(c_.one_in(4) ? 8 : 2));
    } else if constexpr (is_choice<A>) {
      return static_cast<A>(c_.below(static_cast<u64>(A::count)));
    } else if constexpr (std::is_same_v<A, Gfn<u64>>) {
      return A(subject_.vm ? vm_guest_frame() : c_.below(16));
    } else {
      return plain(name);
    }
  }

  // long: one case a name
  u64 plain(std::string_view name) {
    if (name == "vmid") {
      return c_.of({0, 1, 15, COREVISOR, INVALID, COREVISOR + 1, INVALID64});
    }
    if (name == "count") {
      return c_.of({0, 1, 2, INVALID});
    }
    if (name == "gfn") {
      return c_.of({0, 1, PageState::kMaxGfn, PageState::kMaxGfn + 1, INVALID64});
    }
    if (name == "item") {
      return c_.of({0, 4, 8, VM_ITEMS - 1, VM_ITEMS, INVALID64});
    }
    if (name == "memory_size") {
      return c_.of({PMD_SIZE, PMD_SIZE, 2 * PMD_SIZE, 0, PAGE_SIZE, INVALID64});
    }
    if (name == "size") {
      return c_.one_in(3) ? c_.of({1, 0, PAGE_SIZE + 1, PMD_SIZE, INVALID64}) : PAGE_SIZE;
    }
    if (name == "vcpus") {
      return c_.of({1, 1, 8, 0, 9});
    }
    if (name == "done" || name == "at") {
      return c_.of({0, 2048, 4096, 6144, 1024, 3072, 512, INVALID64});
    }
    if (name == "addr" && subject_.vm) {
      return vm_address(name);
    }
    if (name == "index" && subject_.vm) {
      return c_.of({0, 1, 7, 8, INVALID64});
    }
    if (name == "index") {
      return c_.one_in(2) ? c_.below(78) : c_.of({0, 1, 2, 31, 32, 69, 255, 256, INVALID64});
    }
    if (name == "reg") {
      return c_.one_in(8) ? c_.of({31, 32, INVALID64}) : c_.below(31);
    }
    if (name == "hsr" || name == "pstate") {
      return c_.word();
    }
    if (name == "pgnum") {
      return c_.of({1, 1, 2, 3, 0, KVM_PFN_SPACE, INVALID64});
    }
    if (name == "pages") {
      return c_.of({1, 2, 3, 4, 512, 32, 33});
    }
    return c_.of({0, 1, INVALID, INVALID64, c_.word()});
  }

  u64 ipa() {
    const u64 end = u64{1} << (subject_.smmu ? SMMU_IOVA_BITS : P::ipa_bits);
    if (c_.one_in(10)) {
      return c_.of({0, end - 1, end - PAGE_SIZE, end, end + PAGE_SIZE, INVALID64});
    }
    if (c_.one_in(4)) {
      return subject_.smmu                ? random_iova(c_)
             : subject_.vmid == HOSTVISOR ? (frame() << PAGE_SHIFT)
                                          : random_ipa(c_) & (end - 1);
    }
    const u64 near = subject_.ipa ^ c_.of({0, 0, PAGE_SIZE, PMD_SIZE, 2 * PMD_SIZE, u64{1} << PUD_SHIFT,
                                           u64{1} << PGDIR_SHIFT});
    return (c_.one_in(8) ? near + c_.below(PAGE_SIZE) : near) & (end - 1);
  }

  // A link of the level that the name asks for, mostly the one on the way to the subject's address.
  u64 parent(std::string_view name) {
    if (c_.one_in(10)) {
      return c_.of({0, 3, 0x9000'0ffd, s_.pool_base | 3, INVALID64});
    }
    const unsigned steps = name == "pgd" ? 1 : name == "pud" ? 2 : 3;
    u64 entry = spec::bounds<P>(s_.pool_base, subject_.vmid & 0xff).root | 3;
    for (unsigned level = 0; level < steps && (entry & 3) == 3; ++level) {
      const u64 slot = spec::slot_in(entry, spec::index_at(subject_.ipa, PGDIR_SHIFT - 9 * level));
      entry = pool(s_, level).read(subject_.vmid, slot);
    }
    return entry;
  }

  // A leaf for the subject's address, or a link on the way there.
  u64 smmu_descriptor(std::string_view name) {
    const auto b = spec::spt_bounds<P>(s_.pool_base);
    auto& t = s_.smmu;
    const u64 pgd = t.spt_vttbr_pool.read(
        0, spec::spt_root<P>(s_.pool_base, subject_.bank) + (subject_.ipa >> S2_PGDIR_SHIFT << 3));
    const u64 pmd = t.spt_pgd_pool.read(0, spec::slot_in(pgd, spec::index_at(subject_.ipa, PMD_SHIFT)));
    if (!seen_address_) {
      return c_.one_in(10) ? c_.of({0, 3, b.pgd | 3, b.pmd | 3, INVALID64}) : name == "pgd" ? pgd : pmd;
    }
    if (c_.one_in(6)) {
      return c_.of({0, 0, 2, 0x703, INVALID64, c_.word() << 20});
    }
    const u64 mapped = t.spt_pmd_pool.read(0, spec::slot_in(pmd, spec::index_at(subject_.ipa, PAGE_SHIFT)));
    return c_.one_in(3) ? mapped : random_spt_leaf(c_);
  }

  u64 leaf() {
    if (c_.one_in(6)) {
      return c_.of({0, 2, 3, PAGE_GUEST, INVALID64, c_.word() << 20});
    }
    const Level level = c_.below(2) == 0 ? Level::page : Level::block;
    const u64 mapped = select((s_.pmd_t.read(subject_.vmid, subject_.ipa >> 21) == 1),
                              s_.page.read(subject_.vmid, subject_.ipa >> 12),
                              s_.block.read(subject_.vmid, subject_.ipa >> 21));
    if (c_.one_in(4) && mapped != 0) {
      return mapped;
    }  // mapping it again identically
    return random_leaf(c_, level) | (c_.one_in(8) ? u64{0x3000} : 0);
  }

  u64 bump() {
    const auto b = spec::bounds<P>(s_.pool_base, subject_.vmid & 0xff);
    return c_.of({b.pgd, b.pud, b.pmd, b.end, b.pgd + PAGE_SIZE, 1});
  }

  u64 physical() {
    const auto b = spec::bounds<P>(s_.pool_base, subject_.vmid & 0xff);
    const u64 slot = c_.below(64) * 8;
    switch (c_.below(4)) {
      case 0:
        return (frame() << PAGE_SHIFT) | c_.below(PAGE_SIZE);
      case 1:
        return c_.of({b.root, b.pgd, b.pud, b.pmd}) + slot;
      case 2:
        return c_.of({b.root - 8, b.end - 8, b.end, b.root + 4, INVALID64});
      default:
        return (parent(c_.below(2) == 0 ? "pgd" : "pud") & ~u64{0xfff}) | slot;
    }
  }

  u64 smmu_slot() {
    const auto b = spec::spt_bounds<P>(s_.pool_base);
    return c_.of({b.roots, b.pgd, b.pmd, b.end - 0x200}) + c_.below(65) * 8;
  }

  // Mostly what the subject is about; else near it, free or of somebody else, or a boundary.
  u64 vm_frame() {
    return c_.one_in(8) ? c_.of({0, KVM_PFN_SPACE - 1, KVM_PFN_SPACE, kDevicePages >> PAGE_SHIFT, INVALID64})
           : c_.one_in(4)
               ? c_.of({kRam0 >> PAGE_SHIFT, (kRam1 >> PAGE_SHIFT) + c_.below(30), subject_.pfn + 1})
               : subject_.pfn;
  }
  u64 host_frame() { return c_.one_in(4) ? vm_frame() : kFree + c_.below(24); }
  u64 vm_guest_frame() {
    const u64 end = u64{1} << (P::ipa_bits - PAGE_SHIFT);
    return c_.one_in(8)   ? c_.of({0, end - 1, end, INVALID64})
           : c_.one_in(4) ? c_.of({subject_.gfn + 1, 0x9c0, 0xc03})
                          : subject_.gfn;
  }
  u64 vm_address(std::string_view name) {
    if (name == "memory_base") {
      return c_.of({0x80'0000, 0x80'0000, u64{1} << P::ipa_bits, (u64{1} << P::ipa_bits) - PMD_SIZE, 0x1000});
    }
    return vm_guest_frame() << PAGE_SHIFT | (c_.one_in(10) ? c_.below(PAGE_SIZE) : 0);
  }

  u64 content_frame() {
    return c_.one_in(8) ? c_.of({0, KVM_PFN_SPACE - 1, KVM_PFN_SPACE, INVALID64})
                        : kSealFrame + c_.of({0, 1, 0, 1, 2});
  }
  // Mostly where an image of the subject stands.
  u64 window_address() {
    if (c_.one_in(8)) {
      return c_.of({0, REMAP_START, REMAP_END, REMAP_START + 8, u64{1} << P::ipa_bits, INVALID64});
    }
    return s_.records.vm_remap_addr.read(subject_.vmid, c_.below(2));
  }

  u64 frame() {
    switch (c_.below(8)) {
      case 0:
        return (kRam0 >> PAGE_SHIFT) + c_.below(4) * 512;
      case 1:
        return (kRam0 >> PAGE_SHIFT) + c_.below(kRam0Size >> PAGE_SHIFT);
      case 2:
        return (kRam1 >> PAGE_SHIFT) + c_.below(26);
      case 3:
        return (kDeviceBlock >> PAGE_SHIFT) + c_.below(514);
      case 4:
        return (kDevicePages >> PAGE_SHIFT) + c_.below(4);
      case 5:
        return (kReserved >> PAGE_SHIFT) + c_.below(3);
      case 6:
        return subject_.ipa >> PAGE_SHIFT;
      default:
        return c_.of({0, (kRam0 >> PAGE_SHIFT) - 1, (kRam1 + kRam1Size) >> PAGE_SHIFT, (u64{1} << 28) - 1,
                      u64{1} << 28});
    }
  }

  Choice& c_;
  State<P>& s_;
  Subject subject_;
  std::string_view names_;
  bool seen_address_ = false, contents_ = false;
};

}  // namespace redoubt::test
