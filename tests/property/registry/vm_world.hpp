// SPDX-License-Identifier: BSD-3-Clause
// Random valid states with VMs in every state of their life: pages owned, mapped and shared, blocks, images
// in the middle of their check, vCPUs that run.
#pragma once
#include "core/registry/vm_invariants.hpp"
#include "tests/property/registry/states.hpp"

namespace redoubt::test {

// VMs 1 and 2 have the pages that set_page gives them; VM 3 has none. Their memory is 6 MiB at 8 MiB.
inline constexpr u64 kVmMemory = 0x80'0000, kVmMemorySize = 0x60'0000;
// VM 1's block: frames and guest frames. Its images: three pages and one.
inline constexpr u64 kVmBlock = (kRam0 + PMD_SIZE) >> PAGE_SHIFT, kVmBlockGfn = 0xa00;
inline constexpr u64 kVmImage = (kRam0 + 2 * PMD_SIZE) >> PAGE_SHIFT, kVmImageGfn = 0xc00;
inline constexpr u64 kFree = (kRam0 + 2 * PMD_SIZE + 0x10'0000) >> PAGE_SHIFT;  // the host's

template <class S>
void give_page(S& s, u64 v, u64 pfn, u64 gfn) {
  const u64 index = registry::inv::detail::index_of(s, pfn);
  s.s2_owner.write(index, 0, v);
  s.s2_gfn.write(index, 0, gfn);
}

// One image: pages given in order, what was hashed of it, a digest that is right or wrong.
template <class P>
void random_image(Choice& c, State<P>& s, u64 v, u64 i) {
  const u64 pages = i == 0 ? 3 : 1, from = kVmImageGfn + i * 16, frame = kVmImage + v * 64 + i * 16;
  auto& r = s.records;
  r.vm_load_addr.write(v, i, from << PAGE_SHIFT);
  r.vm_remap_addr.write(v, i, from << PAGE_SHIFT);
  r.vm_load_size.write(v, i, pages * PAGE_SIZE - c.of({0, 1, 4095}));
  u64 given = c.one_in(3) ? c.below(pages + 1) : pages;
  for (u64 n = 0; n < given; ++n) {
    give_page(s, v, frame + n, from + n);
    if (!put(s, v, (from + n) << PAGE_SHIFT, Level::page, (frame + n) << PAGE_SHIFT | PAGE_S2_KERNEL)) {
      give_page(s, HOSTVISOR, frame + n, INVALID64);
      given = n;
      break;
    }
    s.content.contents.write(frame + n, c.below(512), mixed(8, n, i));
  }
  r.vm_mapped_pages.write(v, i, given);
  std::vector<u64> words;
  for (u64 n = 0; n < pages; ++n) {
    const Words page = page_of(s.content, frame + n);
    words.insert(words.end(), page.begin(), page.end());
  }
  const auto digest = crypto::sha512(std::as_bytes(std::span(words)));
  const bool wrong = c.one_in(4);
  for (u64 n = 0; n < 8; ++n) {
    r.vm_item.write(v, 8 + 8 * i + n, digest[n] ^ (wrong ? u64{1} << c.below(64) : 0));
  }
}

// The check stands in the middle of some image, all of whose pages were given; the hash fits.
template <class P>
void random_check(Choice& c, State<P>& s, u64 v, u64 images) {
  auto& r = s.records;
  const u64 i = c.below(images), pages = i == 0 ? 3 : 1;
  if (r.vm_mapped_pages.read(v, i) != pages) {
    return;
  }
  const u64 done = c.one_in(2) ? pages * PAGE_SIZE : c.below(pages * 2) * 2048;
  r.vm_item.write(v, 6, i);
  r.vm_item.write(v, 7, done);
  s.content.hashed.write(v, 0, done / 8);
  for (u64 n = 0; n < done / 8; ++n) {
    const u64 frame = kVmImage + v * 64 + i * 16 + n / 512;
    s.content.hashed.write(v, n + 1, s.content.contents.read(frame, n % 512));
  }
}

// Maps what VM v owns, here and there, and shares nothing new.
template <class P>
void random_vm_tables(Choice& c, State<P>& s, u64 v) {
  for (u64 n = c.below(8); n > 0; --n) {
    const u64 index = kRam1Index + c.below(12) / 3 * 6 + c.below(3);
    if (s.s2_owner.read(index, 0) != v) {
      continue;
    }
    const u64 pfn = (kRam1 >> PAGE_SHIFT) + index - kRam1Index;
    put(s, v, s.s2_gfn.read(index, 0) << PAGE_SHIFT, Level::page, pfn << PAGE_SHIFT | PAGE_S2_KERNEL);
  }
  if (v == 1 && c.one_in(3)) {
    for (u64 n = 0; n < PMD_PAGE_NUM; ++n) {
      give_page(s, v, kVmBlock + n, kVmBlockGfn + n);
    }
    if (c.one_in(3)) {
      put(s, v, kVmBlockGfn << PAGE_SHIFT, Level::block,
          kVmBlock << PAGE_SHIFT | (PAGE_S2_KERNEL & ~PMD_TABLE_BIT));
    } else if (c.one_in(3)) {  // one page in its middle is somewhere else
      give_page(s, v, kVmBlock + c.below(512), 0xdf0);
    }
  }
}

template <class P>
void random_vm(Choice& c, State<P>& s, u64 v) {
  auto& r = s.records;
  const bool bare = v == 3;  // may be none at all, or one that is still being made
  if (bare && c.one_in(3)) {
    return;
  }
  const u64 state = bare && c.one_in(2)
                        ? vm_state::MAPPED
                        : c.of({vm_state::READY, vm_state::READY, vm_state::VERIFIED, vm_state::POWEROFF});
  r.vm_state.write(v, 0, state);
  r.vm_kvm.write(v, 0, r.mailboxes + v * 0x9000);
  if (state == vm_state::MAPPED && c.one_in(2)) {
    return;  // nothing has been said of it
  }
  const u64 layout[] = {kVmMemory, kVmMemorySize, kVmMemory + 0x40'0000, kVmMemory, 1 + c.below(8), 1};
  for (u64 i = 0; i < 6; ++i) {
    r.vm_item.write(v, i, layout[i]);
  }
  for (const u64 n : {u64{0}, u64{1}, VCPU_PER_VM - 1}) {
    const bool enters = state == vm_state::VERIFIED || (state == vm_state::POWEROFF && c.one_in(3));
    const u64 waits = state == vm_state::MAPPED ? 0 : c.of({0, 2});
    r.vm_vcpu_state.write(v, n, enters ? c.of({0, 2, 5, 5}) : waits);
  }
  const u64 images = bare ? 0 : 1 + c.below(2);
  for (u64 i = 0; i < images; ++i) {
    random_image(c, s, v, i);
  }
  r.vm_next_load_info.write(v, 0, images);
  r.vm_inc_exe.write(v, 0, state == vm_state::READY && c.one_in(5) ? 1 : 0);
  if (state == vm_state::VERIFIED) {
    images == 0 ? r.vm_state.write(v, 0, vm_state::POWEROFF) : r.vm_item.write(v, 6, images);
  } else if (images != 0 && c.one_in(2)) {
    random_check(c, s, v, images);
  }
}

template <class P>
void count_pages(State<P>& s) {
  u64 totals[PRINCIPALS][2] = {};
  for (const auto& [key, owner] : s.s2_owner.cells()) {
    if (owner < PRINCIPALS) {
      ++totals[owner][0];
      totals[owner][1] += s.s2_count.read(key.first, 0);
    }
  }
  for (u64 v = 1; v < COREVISOR; ++v) {
    s.records.vm_total.write(v, 0, totals[v][0]);
    s.records.vm_total.write(v, 1, totals[v][1]);
  }
}

// The host maps some of what it may, pages of VMs that are shared among them.
template <class P>
void random_host_table(Choice& c, State<P>& s) {
  for (u64 k = 1; k < 24; k += 6) {  // those that VM 1 shares
    const u64 at = kRam1 + (k << PAGE_SHIFT);
    if (c.one_in(2) && s.s2_count.read(kRam1Index + k, 0) == 1) {
      put(s, HOSTVISOR, at, Level::page, at | PAGE_S2_KERNEL);
    }
  }
  for (u64 n = c.below(6); n > 0; --n) {
    const u64 pfn = c.of({(kRam1 >> PAGE_SHIFT) + c.below(24), kFree + c.below(4), kVmImage + c.below(80),
                          kVmBlock + c.below(512), kDevicePages >> PAGE_SHIFT});
    const u64 index = registry::inv::detail::index_of(s, pfn);
    const bool device = index == INVALID64;
    const bool may = device || s.s2_owner.read(index, 0) == HOSTVISOR || s.s2_count.read(index, 0) == 1;
    const u64 leaf = pfn << PAGE_SHIFT | (device ? PAGE_S2_HOST_DEVICE : PAGE_S2_KERNEL);
    put(s, HOSTVISOR, pfn << PAGE_SHIFT, Level::page, may && !c.one_in(6) ? leaf : PAGE_GUEST);
  }
  for (u64 n = 0; n < 24; ++n) {  // half of what is shared there
    const u64 pfn = (kRam1 >> PAGE_SHIFT) + n;
    if (s.s2_count.read(registry::inv::detail::index_of(s, pfn), 0) == 1 && c.one_in(2)) {
      put(s, HOSTVISOR, pfn << PAGE_SHIFT, Level::page, pfn << PAGE_SHIFT | PAGE_S2_KERNEL);
    }
  }
  for (const u64 block : {kRam0 >> PAGE_SHIFT, kVmBlock, kVmImage}) {
    bool own = c.one_in(3);
    for (u64 n = 0; n < PMD_PAGE_NUM && own; ++n) {
      own = s.s2_owner.read(registry::inv::detail::index_of(s, block + n), 0) == HOSTVISOR;
    }
    if (own) {
      put(s, HOSTVISOR, block << PAGE_SHIFT, Level::block,
          block << PAGE_SHIFT | (PAGE_S2_KERNEL & ~PMD_TABLE_BIT));
    }
  }
}

// Pages hold something, so that zeroing them shows.
template <class P>
void fill_pages(State<P>& s) {
  for (u64 k = 0; k < 24; ++k) {
    s.content.contents.write(kFree + k, 511 * (k % 2), mixed(9, k, 0));
    s.content.contents.write((kRam1 >> PAGE_SHIFT) + k, 511 * (k % 2), mixed(9, k, 1));
  }
}

// One choice: the rest follows from it, so that the stream lasts.
template <class P>
State<P> random_vm_state(Choice& stream, Concrete& domain) {
  std::mt19937_64 draw(stream.word());
  std::vector<std::uint32_t> words(300);
  for (std::uint32_t& word : words) {
    word = static_cast<std::uint32_t>(draw());
  }
  Choice c(std::move(words));
  State<P> s = boot_state<P>(domain);
  boot_cpu(s, domain);
  some_registers(s);
  if constexpr (P::concatenated_root) {
    for (u64 v = 0; v < 4; ++v) {
      put(s, v, 0, Level::page, 0);
      put(s, v, u64{1} << PGDIR_SHIFT, Level::page, 0);
    }
  }
  for (u64 v = 1; v <= 3; ++v) {
    random_vm(c, s, v);
    random_vm_tables(c, s, v);
  }
  fill_pages(s);
  random_host_table(c, s);
  for (u64 n = 0; n < 24; ++n) {  // what the host left in pages that it may give
    s.content.contents.write(kFree + n, c.below(512), mixed(9, n, 1));
  }
  count_pages(s);
  s.records.next_vmid = c.of({4, 15, 16, 16});
  for (u64 v = 4; v < s.records.next_vmid; ++v) {  // destroyed, or one that will never be
    s.records.free_vmids |= c.one_in(2) ? u64{1} << v : 0;
  }
  if (c.one_in(4)) {
    nearly_fill(c, s, 1 + c.below(2), 2);
  }
  find_parents(s);
  flatten(s);
  return s;
}

// What a case is about: a VM, and a frame with the guest frame at which its owner sees it.
struct VmSubject {
  u64 vmid = 1, pfn = 0, gfn = 0;
};
inline VmSubject random_vm_subject(Choice& c) {
  const u64 v = c.of({1, 1, 2, 3});
  const u64 k = c.below(24);
  switch (c.below(6)) {
    case 5:
      return {v, kFree + k, 0x9c0 + k};
    case 1:
      return {1, kVmBlock + (c.one_in(2) ? k : 0), kVmBlockGfn + (c.one_in(2) ? k : 0)};
    case 2:
      return {v, kVmImage + v * 64 + c.below(3), kVmImageGfn + c.below(3)};
    default: {  // pages 0 and 1 of six are VM 1's, page 2 is VM 2's
      const u64 of_two = k / 6 * 6 + 2;
      const u64 page = v == 1 ? k / 6 * 6 + c.below(2) : of_two;
      return {v, (kRam1 >> PAGE_SHIFT) + page, kRam1Index + page + 0x100};
    }
  }
}

}  // namespace redoubt::test
