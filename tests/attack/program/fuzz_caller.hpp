// SPDX-License-Identifier: BSD-3-Clause
// One CPU's source of random calls, guided by the interface: mostly what may follow in a VM's life.
#pragma once
#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <vector>

#include "tests/attack/program/lab.hpp"
#include "tests/attack/program/trace.hpp"

namespace redoubt::attack {

inline constexpr unsigned kCpus = 2;
inline constexpr u64 kCpuOn = 0xc4000003;  // PSCI
inline constexpr u64 kCheckEvery = 1000;   // calls of one CPU
inline constexpr u64 kDrainEvery = 8;      // the same; a call leaves 33 records at most
inline constexpr unsigned kPoolOrder = 10;
// Of a CPU's pool: four runs for images, pages of their own, then what makes a block of 2 MiB.
inline constexpr u64 kImageRuns = 4, kImagePages = 40, kFirstPage = kImageRuns * kImagePages;
inline constexpr u64 kBlockPages = kBlockSize / kPageSize, kFirstOfBlock = kBlockPages - 1;

// What both CPUs know and neither changes while they call.
struct World {
  const Lab& lab;
  std::array<std::unique_ptr<Block>, kCpus> pools;
  Block manifests;
  u64 mailboxes;  // the region's start
  std::vector<u64> foreign;
  Trace& trace;
};

struct Tally {
  std::array<u64, 16> by_call{};  // successes, by the call's low bits
  std::array<u64, 9> by_status{};
  u64 calls = 0, unknown = 0, exits = 0;
};

// One CPU's source of calls.
class Caller {
 public:
  Caller(World& world, unsigned cpu, u64 seed)
      : world_(world), host_(world.lab.host), cpu_(cpu), random_(seed * kCpus + cpu) {}

  void step() {
    pick_vm();
    if (chance(5)) return any_call();
    if (chance(8)) return make_vm();
    const u64 state = query().x1;
    if (state == REDOUBT_VM_READY) return prepare();
    if (state == REDOUBT_VM_VERIFIED) return live();
    if (state == REDOUBT_VM_POWEROFF) return finish();
    any_call();
  }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  u64 below(u64 limit) { return random_() % limit; }
  bool chance(u64 one_in) { return below(one_in) == 0; }
  template <std::size_t N>
  u64 one_of(const std::array<u64, N>& list) {
    return list[below(N)];
  }

  // Few VMs, so that calls meet; never the witness, whose life shows that others cannot touch it.
  void pick_vm() {
    do vmid_ = 1 + below(chance(4) ? kMostVms : 6);
    while (vmid_ == world_.lab.witness.id);
  }
  // Whose lives this CPU makes complete; the other one only gets in the way.
  [[nodiscard]] bool is_own() const { return vmid_ % kCpus == cpu_; }
  Result issue(u64 function, u64 x1 = 0, u64 x2 = 0, u64 x3 = 0, u64 x4 = 0, u64 x5 = 0) {
    const Result result = call(host_, function, x1, x2, x3, x4, x5);
    if (++tally_.calls % kDrainEvery == 0) world_.trace.drain();
    const auto status = static_cast<u64>(-result.status);
    if (status < tally_.by_status.size()) {
      ++tally_.by_status[status];
    } else {
      ++tally_.unknown;
    }
    if (status == 0) ++tally_.by_call[function & 15];
    return result;
  }
  Result query() { return issue(REDOUBT_HOST_VM_INFO, vmid_); }

  u64 own_page(u64 run = 1) {
    const Block& pool = *world_.pools[cpu_];
    return pool.page(kFirstPage + below(kFirstOfBlock - kFirstPage - run + 1));
  }
  // What this CPU gave, so that it can be taken back.
  void note_given(u64 vmid, u64 page, u64 pages) {
    const Block& pool = *world_.pools[cpu_];
    for (u64 i = 0; i < pages; ++i) {
      const u64 index = (page - pool.page(0)) / kPageSize + i;
      if (index < pool.pages()) given_[index] = static_cast<unsigned char>(vmid);
    }
  }
  Result give(u64 vmid, u64 address, u64 page, u64 pages, u64 flags) {
    const Result result = issue(REDOUBT_HOST_VM_DONATE, vmid, address, page, pages, flags);
    if (pages <= kMostPages) note_given(vmid, page, std::min(result.x1, pages));
    return result;
  }
  u64 any_pool_page() {
    const Block& pool = *world_.pools[below(kCpus)];
    return pool.page(below(pool.pages()));
  }
  u64 strange_page() {
    return chance(2) ? world_.foreign[below(world_.foreign.size())]
                     : one_of(std::array{u64{1} << 40, u64{1} << 52, ~u64{0}, ~u64{0} << 12, u64{1} << 63,
                                         any_pool_page() + 8});
  }
  u64 strange_number() {
    return one_of(std::array<u64, 10>{0, 16, 33, 64, 255, u64{1} << 31, 0xffffffff, u64{1} << 32,
                                      u64{1} << 63, ~u64{0}});
  }
  u64 guest_address() {
    const redoubt_manifest& manifest = world_.lab.main.manifest();
    const u64 page = chance(2) ? below(64) : below(manifest.memory_size / kPageSize + 4);
    return manifest.memory_base + page * kPageSize + (chance(20) ? 8 : 0);
  }

  // --- the steps of a life ---
  void make_vm() {
    // Page 0: the signed manifest; 1: of the large VM; 2: an older one; 3: a stranger's; 4: a broken one.
    const u64 which = chance(3) ? below(5) : 0;
    const u64 page = chance(12) ? strange_page() : world_.manifests.page(which);
    issue(REDOUBT_HOST_VM_CREATE, page, chance(12) ? strange_number() : REDOUBT_MANIFEST_BYTES);
  }
  void prepare() {
    switch (below(8)) {
      case 0:
        issue(REDOUBT_HOST_VCPU_CREATE, vmid_, chance(4) ? strange_number() : below(3));
        break;
      case 1:
        donate();
        break;
      case 2:
        issue(REDOUBT_HOST_VM_VERIFY, vmid_);
        break;
      case 3:
        if (chance(4)) wrong_image();
        break;
      case 4:
        issue(chance(8) ? REDOUBT_HOST_VM_STOP : REDOUBT_HOST_VCPU_RUN, vmid_, below(2));
        break;
      default:
        if (is_own() || chance(20)) whole_image();
        break;
    }
  }
  void live() {
    switch (below(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        run();
        break;
      case 4:
        donate();
        break;
      case 5:
        if (chance(20)) issue(REDOUBT_HOST_VM_STOP, vmid_);
        break;
      case 6:
        reclaim();
        break;
      case 7:
        scribble();
        break;
      case 8:
        if (chance(4)) give_block();
        break;
      default:
        any_call();
        break;
    }
  }
  void finish() {
    if (chance(8)) return run();
    if (chance(5)) return void(issue(REDOUBT_HOST_VM_DESTROY, vmid_));
    if (chance(6)) return void(issue(REDOUBT_HOST_VM_STOP, vmid_));
    if (chance(3)) return reclaim();
    take_back();
    issue(REDOUBT_HOST_VM_DESTROY, vmid_);
  }
  // All that this CPU gave, run by run.
  void take_back() {
    const Block& pool = *world_.pools[cpu_];
    for (u64 i = 0; i < pool.pages(); ++i) {
      if (given_[i] != vmid_) continue;
      u64 run = 1;
      while (run < kMostPages && i + run < pool.pages() && given_[i + run] == vmid_) ++run;
      const Result result = issue(REDOUBT_HOST_VM_RECLAIM, vmid_, pool.page(i), run);
      for (u64 n = 0; n < std::min(result.x1, run); ++n) given_[i + n] = 0;
      // Somebody else was first, or may not yet: in the first case there is nothing to take any more.
      if (result.status != REDOUBT_SUCCESS && result.x1 == 0 && View(host_, pool.page(i)).load().signal == 0)
        given_[i] = 0;
    }
  }

  void donate() {
    const u64 run = chance(3) ? 1 + below(kMostPages) : 1;
    const u64 page = chance(10) ? strange_page() : own_page(run);
    const Block& pool = *world_.pools[cpu_];
    const bool ours = pool.base() < page && page < pool.page(kFirstOfBlock);
    give(vmid_, guest_address(), page, ours ? run : 1, chance(16) ? strange_number() : below(2));
  }
  void give_block() {
    const redoubt_manifest& manifest = world_.lab.main.manifest();
    const u64 address =
        manifest.memory_base + (1 + below(manifest.memory_size / kBlockSize - 2)) * kBlockSize;
    const u64 first = world_.pools[cpu_]->page(kFirstOfBlock);
    for (u64 i = 0; i < kBlockPages; i += kMostPages)
      if (give(vmid_, address + i * kPageSize, first + i * kPageSize, kMostPages, 0).status != 0) break;
    issue(REDOUBT_HOST_VM_MAP_BLOCK, vmid_, address, first);
  }
  void wrong_image() {
    const u64 page = own_page();
    if (issue(REDOUBT_HOST_VM_DONATE_IMAGE, vmid_, chance(4) ? strange_number() : below(2), page, 1).status ==
        0)
      note_given(vmid_, page, 1);
  }
  void reclaim() {
    const u64 run = chance(2) ? 1 : 1 + below(kMostPages);
    issue(REDOUBT_HOST_VM_RECLAIM, vmid_, chance(8) ? strange_page() : any_pool_page(),
          chance(12) ? strange_number() : run);
  }

  // The signed images from pages that only this CPU uses, and only while they are the host's; then their
  // hashes.
  void whole_image() {
    const Bundle& bundle = world_.lab.main;
    const Block& pool = *world_.pools[cpu_];
    u64 at = vmid_ / kCpus % kImageRuns * kImagePages;
    issue(REDOUBT_HOST_VCPU_CREATE, vmid_, 0);
    issue(REDOUBT_HOST_VCPU_CREATE, vmid_, 1);
    for (unsigned image = 0; image < bundle.manifest().image_count; ++image) {
      for (u64 i = 0; i < bundle.image_pages(image); ++i, ++at) {
        const View view(host_, pool.page(at));
        if (view.store(0).signal != 0) return;
        bundle.copy_page(image, i, view);
        if (issue(REDOUBT_HOST_VM_DONATE_IMAGE, vmid_, image, pool.page(at), 1).status != 0) return;
        note_given(vmid_, pool.page(at), 1);
      }
    }
    while (issue(REDOUBT_HOST_VM_VERIFY, vmid_).status == REDOUBT_AGAIN) {
    }
  }

  volatile redoubt_vcpu_mailbox* mailbox(const View& view) {
    return reinterpret_cast<volatile redoubt_vcpu_mailbox*>(view.words());
  }
  [[nodiscard]] u64 mailbox_page(u64 vcpu) const {
    return world_.mailboxes + (vmid_ * (kMostVcpus + 1) + 1 + vcpu) * kPageSize;
  }

  // What the hostile guest is to do next, and with what: often a call, often about a page that it has.
  u64 answer_to(u64 address) {
    if (address == kCommand) return chance(2) ? static_cast<u64>(Command::kHvc) : 1 + below(16);
    if (address == kArguments && !chance(4)) {
      return one_of(std::array<u64, 6>{REDOUBT_GUEST_MEM_SHARE, REDOUBT_GUEST_MEM_SHARE,
                                       REDOUBT_GUEST_MEM_UNSHARE, REDOUBT_GUEST_MEMINFO, kCpuOn,
                                       guest_address()});
    }
    if (address == kArguments + 8) return chance(12) ? 1 : guest_address();
    if (address > kArguments + 8 && address < kResults) return chance(4) ? random_() : 0;
    return random_();
  }
  // Entries with answers that let the hostile guest do something, known or random.
  void run() {
    const u64 vcpu = chance(20) ? strange_number() : below(2);
    const View view(host_, mailbox_page(vcpu % kMostVcpus));
    u64 entries = 1 + below(40);
    for (volatile redoubt_vcpu_mailbox* const box = mailbox(view); entries > 0; --entries) {
      box->mmio_data = answer_to(box->address);
      box->mmio_abort = chance(60) ? 1 : 0;
      box->spi_count = chance(4) ? static_cast<unsigned>(random_()) : 0;
      box->spi[0].intid = static_cast<unsigned short>(32 + below(240));
      if (issue(REDOUBT_HOST_VCPU_RUN, vmid_, vcpu).status != REDOUBT_SUCCESS) return;
      ++tally_.exits;
      if (box->exit == REDOUBT_EXIT_FAULT) give(vmid_, box->address, own_page(), 1, REDOUBT_DONATE_MAP);
    }
  }
  void scribble() {
    const View view(host_, mailbox_page(below(2)));
    for (unsigned i = 0; i < 16; ++i) view.words()[below(kPageSize / 8)] = random_();
  }

  // Any number, any arguments; but never a page that the host needs.
  void any_call() {
    const u64 function = REDOUBT_HOST_CALL(0x0f + below(14));
    const u64 vmid = chance(3) ? strange_number() : vmid_;
    if (function == REDOUBT_HOST_VM_DONATE || function == REDOUBT_HOST_VM_DONATE_IMAGE)
      return donate_strangely(function, vmid);
    const u64 page = chance(2) ? strange_page() : any_pool_page();
    if (function == REDOUBT_HOST_VM_CREATE) return void(issue(function, page, strange_number()));
    if (function == REDOUBT_HOST_VM_MAP_BLOCK)
      return void(issue(function, vmid, guest_address() & ~(kBlockSize - 1), page & ~(kBlockSize - 1)));
    issue(function, vmid, function == REDOUBT_HOST_VM_RECLAIM ? page : strange_number(), 1 + below(40),
          random_());
  }
  void donate_strangely(u64 function, u64 vmid) {
    const u64 page = chance(2) ? strange_page() : own_page();
    const u64 pages = chance(2) ? 1 : one_of(std::array<u64, 5>{0, 33, 512, u64{1} << 52, ~u64{0}});
    if (function == REDOUBT_HOST_VM_DONATE) {
      give(vmid, chance(2) ? random_() : guest_address(), page, pages, chance(2) ? random_() : 1);
    } else if (issue(function, vmid, chance(2) ? random_() : below(6), page, pages).status == 0) {
      note_given(vmid, page, pages);
    }
  }

  World& world_;
  const Host& host_;
  unsigned cpu_;
  std::mt19937_64 random_;
  Tally tally_;
  std::array<unsigned char, u64{1} << kPoolOrder> given_{};  // by page of the pool: the VM that has it
  u64 vmid_ = 1;
};

}  // namespace redoubt::attack
