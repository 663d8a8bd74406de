// SPDX-License-Identifier: BSD-3-Clause
// Each section is one operation of the specification's layer BootOps.
#include "tests/attack/replay/sections.hpp"

#include <algorithm>
#include <sstream>

#include "core/lock/lock_id.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt::replay {
namespace {

using V = VmId<u64>;
using C = VcpuId<u64>;
using A = Ipa<u64>;
using F = Pfn<u64>;
using I = LoadIndex<u64>;

u64 word(Status status) { return static_cast<u64>(static_cast<std::int64_t>(status)); }

std::string hex(u64 value) {
  std::ostringstream text;
  text << std::hex << "0x" << value;
  return text.str();
}

}  // namespace

Sections::Sections(const TraceFile& trace, std::vector<Bundle> bundles)
    : bundles_(std::move(bundles)), state_(domain_, QemuVirtParams::pool_base), spec_(state_) {
  for (const Bundle& bundle : bundles_)
    for (const auto& page : bundle.pages) pages_[checksum(page)] = &page;
  for (const Entry& entry : trace.entries) {
    const bool gives = entry.kind == REDOUBT_TRACE_IMAGE_PAGE || entry.kind == REDOUBT_TRACE_PAGE;
    if (gives && entry.r[2] != 0) undone_.push_back({entry.a[0], entry.sequence, entry.r[2]});
  }
  set_up(trace);
}

// As the core leaves it at boot: no table, no VM; RAM is the host's but for the core's two ranges.
void Sections::set_up(const TraceFile& trace) {
  for (u64 v = 0; v < PRINCIPALS; ++v) {
    const auto b = spec::bounds<QemuVirtParams>(state_.pool_base, v);
    state_.pt_next.write(v, static_cast<u64>(Zone::pgd), b.pgd);
    state_.pt_next.write(v, static_cast<u64>(Zone::pud), b.pud);
    state_.pt_next.write(v, static_cast<u64>(Zone::pmd), b.pmd);
  }
  state_.tstate = 1;
  state_.region_cnt = 1;
  state_.regions.write(0, spec::MB_BASE, trace.ram.base);
  state_.regions.write(0, spec::MB_SIZE, trace.ram.size);
  state_.page_count = trace.ram.size / PAGE_SIZE;
  state_.s2_gfn = State::Map(domain_, "s2_gfn", [](u64, u64) { return INVALID64; });
  for (const Range& range : trace.core)
    for (u64 at = range.base; at < range.base + range.size; at += PAGE_SIZE)
      state_.s2_owner.write((at - trace.ram.base) / PAGE_SIZE, 0, COREVISOR);
  state_.records.next_vmid = 1;
  state_.records.next_remap_ptr = REMAP_START;
  state_.records.free_vmids = 0;
  state_.records.mailboxes = trace.mailboxes;
  state_.cpu.cur_vmid = HOSTVISOR;
  // The tape of VM v has one cell of a page in each row: v + (cell << 8).
  state_.oracles.doracle = State::Map(domain_, "doracle", [this](u64 row, u64 n) -> u64 {
    const auto found = tape_.find({row & 0xff, n});
    return found == tape_.end() ? 0 : found->second[row >> 8];
  });
}

u64 Sections::mailbox(u64 vmid, u64 vcpu) const {
  return state_.records.mailboxes + vmid * 0x9000 + 0x1000 + (vcpu << 12);
}

void Sections::describe(u64 vmid, const redoubt_manifest& manifest) {
  const V v(vmid);
  const Status status = spec_.set_vm_layout(v, A(manifest.memory_base), manifest.memory_size, manifest.entry,
                                            manifest.dtb, manifest.vcpus);
  for (u64 i = 0; succeeded(status) && i < manifest.image_count; ++i) {
    const auto& image = manifest.images[i];
    if (spec_.set_boot_info(v, A(image.address), image.size) != i) return;
    for (u64 n = 0; n < DIGEST_WORDS; ++n) {
      u64 digest = 0;
      for (u64 byte = 0; byte < 8; ++byte) digest |= u64{image.sha512[n * 8 + byte]} << (8 * byte);
      spec_.set_image_digest(v, I(i), n, digest);
    }
  }
}

// The second half of register_kvm, which draws this VMID once more; and all that VM_CREATE says of the VM
// while nobody else can touch it.
void Sections::begin(u64 vmid, u64 memory) {
  const u64 next = state_.records.next_vmid, free = state_.records.free_vmids;
  state_.records.next_vmid = vmid;
  if (spec_.register_kvm().raw != vmid) throw Stuck("register_kvm makes another VM");
  state_.records.next_vmid = next;
  state_.records.free_vmids = free;
  for (const Bundle& bundle : bundles_)
    if (bundle.manifest.memory_size == memory) return describe(vmid, bundle.manifest);
  throw BadInput("no bundle was given for a VM with " + hex(memory) + " bytes of memory");
}

// Its VMID is free only when the core's record says so, which is a section of its own.
u64 Sections::destroy(u64 vmid) {
  const u64 free = state_.records.free_vmids;
  const u64 result = word(spec_.destroy_vm(V(vmid)));
  state_.records.free_vmids = free;
  return result;
}

// The page holds what the bundle has there, or anything else that has this checksum: no image.
u64 Sections::image_page(const Entry& entry) {
  const u64 n = state_.oracles.data_log.read(entry.a[0], 0);
  const auto known = pages_.find(entry.r[1]);
  auto& page = tape_[{entry.a[0], n}];
  page = known != pages_.end() ? *known->second : std::array<u64, 512>{entry.r[1]};
  const u64 result = word(spec_.remap_vm_image(V(entry.a[0]), F(entry.a[1]), I(entry.a[2])));
  tape_.erase({entry.a[0], n});
  return result;
}

u64 Sections::of_pages(const Entry& entry) {
  const V v(entry.a[0]);
  switch (entry.kind) {
    case REDOUBT_TRACE_IMAGE_PAGE:
      return image_page(entry);
    case REDOUBT_TRACE_PAGE:
      return word(spec_.donate_vm_page(v, A(entry.a[1]), F(entry.a[2])));
    case REDOUBT_TRACE_BLOCK_PAGE:
      return word(spec_.donate_vm_block_page(v, A(entry.a[1]), F(entry.a[2])));
    case REDOUBT_TRACE_BLOCK:
      return word(spec_.map_vm_block(v, A(entry.a[1]), F(entry.a[2])));
    case REDOUBT_TRACE_TAKE:
      return spec_.reclaim_vm_pages(v, F(entry.a[1]), 1);
    case REDOUBT_TRACE_SHARE:
      return word(spec_.grant_stage2_sg_gpa(v, A(entry.a[1]), PAGE_SIZE));
    default:
      return word(spec_.revoke_stage2_sg_gpa(v, A(entry.a[1]), PAGE_SIZE));
  }
}

// A page that could not be mapped counts until it is taken back.
u64 Sections::of_counts(const Entry& entry) {
  const V v(entry.a[0]);
  if (entry.kind == REDOUBT_TRACE_SHARED) return spec_.count_shared_pages(v);
  const auto counts = [&](const Undone& u) {
    return u.vmid == v.raw && u.from < entry.sequence && entry.sequence < u.to;
  };
  return spec_.count_vm_pages(v) + static_cast<u64>(std::count_if(undone_.begin(), undone_.end(), counts));
}

// long: one kind a case
u64 Sections::answer(const Entry& entry) {
  const V v(entry.a[0]);
  switch (entry.kind) {
    case REDOUBT_TRACE_VMID:
      return spec_.gen_vmid().raw;
    case REDOUBT_TRACE_BEGIN:
      begin(v.raw, entry.a[1]);
      return 0;
    case REDOUBT_TRACE_OPEN:
      return word(spec_.open_vm(v));
    case REDOUBT_TRACE_POWEROFF:
      return word(spec_.set_vm_poweroff(v));
    case REDOUBT_TRACE_VCPU:
      return word(spec_.register_vcpu(v, C(entry.a[1])));
    case REDOUBT_TRACE_VERIFY:
      return word(spec_.verify_and_load_images(v));
    case REDOUBT_TRACE_VERIFY_LEFT:
      return spec_.get_verify_left(v);
    case REDOUBT_TRACE_STOP:
      return word(spec_.stop_vm(v));
    case REDOUBT_TRACE_DESTROY:
      return destroy(v.raw);
    case REDOUBT_TRACE_FREE:
      state_.records.free_vmids |= u64{1} << v.raw;
      return 0;
    case REDOUBT_TRACE_ENTER:
      return word(spec_.set_vcpu_active(v, C(entry.a[1])));
    case REDOUBT_TRACE_LEAVE:
      return word(spec_.set_vcpu_inactive(v, C(entry.a[1])));
    case REDOUBT_TRACE_STATE:
      return spec_.query_vm_state(v);
    case REDOUBT_TRACE_PAGES:
    case REDOUBT_TRACE_SHARED:
      return of_counts(entry);
    default:
      return of_pages(entry);
  }
}

std::string Sections::step(const Entry& entry) {
  if (entry.kind == REDOUBT_TRACE_CALL || entry.kind >= REDOUBT_TRACE_COUNT) return "no section";
  try {
    const u64 said = answer(entry);
    if (state_.halt) return "the specification halts";
    return said == entry.r[0] ? ""
                              : "the core answers " + hex(entry.r[0]) + ", the specification " + hex(said);
  } catch (const Stuck& stuck) {
    return std::string("the specification is stuck: ") + stuck.what();
  }
}

u64 Sections::refusal(const std::array<u64, 6>& call) {
  Concrete domain;
  State state(domain, QemuVirtParams::pool_base);
  state.cpu.cur_vmid = HOSTVISOR;
  Spec spec(state);
  for (u64 n = 0; n < call.size(); ++n) state.cpu.shadow.write(0, ctxt::X0 + n, call[n]);
  spec.host_hvc_dispatcher();
  return state.cpu.shadow.read(0, ctxt::X0);
}

}  // namespace redoubt::replay
