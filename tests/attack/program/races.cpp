// SPDX-License-Identifier: BSD-3-Clause
// Two CPUs at once at the same VM or page, and everything used up.
#include <atomic>
#include <barrier>
#include <cinttypes>
#include <cstring>
#include <memory>
#include <thread>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

// `body(cpu)` on CPUs 0 and 1 at the same time.
template <class Body>
void on_both(Body body) {
  std::thread other([&] {
    move_to_cpu(1);
    body(1U);
  });
  move_to_cpu(0);
  body(0U);
  other.join();
}

u64 free_address(const Vm& vm) { return vm.memory() + 3 * kBlockSize; }

Verdict two_vms_control(const Lab& lab) {
  Victim first(lab);
  Victim second(lab);
  return {first.ready() && second.ready() && first.sound() && second.sound(), "two VMs side by side"};
}

// --- pages ---

// The same page to two VMs at the same time: one gets it.
Verdict give_to_two(const Lab& lab) {
  Victim a(lab);
  Victim b(lab);
  Block pages(lab.host, 7);
  if (!a.ready() || !b.ready() || !pages.valid()) return {false, "no VMs"};
  const u64 rounds = 100;
  std::array<std::array<std::int64_t, 128>, 2> status{};
  std::barrier<> line(2);
  on_both([&](unsigned cpu) {
    Vm& vm = cpu == 0 ? a.vm : b.vm;
    for (u64 i = 0; i < rounds; ++i) {
      line.arrive_and_wait();
      status[cpu][i] = vm.give(free_address(vm) + i * kPageSize, pages.page(i)).status;
    }
  });
  u64 both = 0, none = 0, first = 0;
  for (u64 i = 0; i < rounds; ++i) {
    both += status[0][i] == 0 && status[1][i] == 0 ? 1 : 0;
    none += status[0][i] != 0 && status[1][i] != 0 ? 1 : 0;
    first += status[0][i] == 0 ? 1 : 0;
  }
  const bool sound = a.vm.has(a.page, Victim::kSeed) && b.vm.has(b.page, Victim::kSeed);
  const bool ended = a.vm.end() && b.vm.end();
  if (!ended) pages.abandon();
  return {both == 0 && none == 0 && sound && ended,
          text("%" PRIu64 " pages: %" PRIu64 " to the first VM, %" PRIu64 " to both, %" PRIu64 " to none",
               rounds, first, both, none)};
}

// The same pages of a stopped VM from both CPUs: each comes back once.
Verdict reclaim_twice(const Lab& lab) {
  Victim victim(lab);
  if (!victim.ready() || victim.vm.stop() != REDOUBT_SUCCESS) return {false, "no victim"};
  std::array<u64, 2> got{};
  std::barrier<> line(2);
  const std::vector<u64> pages = victim.vm.given;
  on_both([&](unsigned cpu) {
    for (const u64 page : pages) {
      line.arrive_and_wait();
      got[cpu] += call(lab.host, REDOUBT_HOST_VM_RECLAIM, victim.vm.id, page, 1).x1;
    }
  });
  const Result info = victim.vm.info();
  victim.vm.given.clear();
  const bool ended = victim.vm.end();
  return {got[0] + got[1] == pages.size() && info.x2 == 0 && ended,
          text("%zu pages: %" PRIu64 " + %" PRIu64 " came back, %" PRIu64 " left", pages.size(), got[0],
               got[1], info.x2)};
}

// CPU 1 touches pages without end while CPU 0 gives them away.
Verdict touch_while_given(const Lab& lab) {
  Victim victim(lab);
  Block pages(lab.host, 6);
  if (!victim.ready()) return {false, "no victim"};
  std::atomic<u64> current{0}, taken{0};
  std::atomic<bool> over{false};
  u64 late = 0, touches = 0, refused = 0;
  const u64 rounds = 60;
  on_both([&](unsigned cpu) {
    if (cpu == 0) {
      for (u64 i = 0; i < rounds; ++i) {
        current = i;
        while (touches < (i + 1) * 3 && !over) std::this_thread::yield();
        if (victim.vm.give(free_address(victim.vm) + i * kPageSize, pages.page(i)).status == 0) taken = i + 1;
      }
      over = true;
      return;
    }
    for (u64 i = 0; !over || i != rounds; i = current) {
      const View view(lab.host, pages.page(i));
      const bool was_taken = taken > i;
      const bool worked = view.store(0xbad).signal == 0;
      late += worked && was_taken ? 1 : 0;
      refused += worked ? 0 : 1;
      __atomic_add_fetch(&touches, 1, __ATOMIC_SEQ_CST);
      if (over) break;
    }
  });
  u64 dirty = 0;
  for (u64 i = 0; i < rounds; ++i) {
    const Answer read = victim.vm.command(Command::kLoad, {free_address(victim.vm) + i * kPageSize});
    dirty += read.done && read.x[0] == 0 ? 0 : 1;
  }
  const bool ended = victim.vm.end();
  if (!ended) pages.abandon();
  return {late == 0 && dirty == 0 && ended && taken == rounds,
          text("%" PRIu64 " touches, %" PRIu64 " refused, %" PRIu64 " too late, %" PRIu64 " pages not zero",
               touches, refused, late, dirty)};
}

// --- lives ---

void put_manifest(const Lab& lab, const Block& block, u64 page) {
  std::memcpy(const_cast<u64*>(View(lab.host, block.page(page)).words()), &lab.main.manifest(),
              sizeof(redoubt_manifest));
}

// Both CPUs create, make vCPUs, stop and destroy whatever they find.
Verdict lives(const Lab& lab) {
  Block manifests(lab.host, 2);
  put_manifest(lab, manifests, 0);
  put_manifest(lab, manifests, 1);
  std::array<u64, 2> created{}, destroyed{};
  const auto usable = [&](u64 vmid) { return vmid != lab.witness.id; };
  on_both([&](unsigned cpu) {
    for (u64 i = 0; i < lab.iterations; ++i) {
      const Result made = call(lab.host, REDOUBT_HOST_VM_CREATE, manifests.page(cpu), REDOUBT_MANIFEST_BYTES);
      created[cpu] += made.status == 0 ? 1 : 0;
      const u64 own = made.status == 0 ? made.x1 : 1 + i % kMostVms;
      const u64 next = own % kMostVms + 1;
      for (const u64 vmid : {own, next, own}) {
        if (!usable(vmid)) continue;
        call(lab.host, REDOUBT_HOST_VCPU_CREATE, vmid, i & 1);
        call(lab.host, REDOUBT_HOST_VM_VERIFY, vmid);
        call(lab.host, REDOUBT_HOST_VM_STOP, vmid);
        destroyed[cpu] += call(lab.host, REDOUBT_HOST_VM_DESTROY, vmid).status == 0 ? 1 : 0;
      }
    }
  });
  u64 left = 0;
  for (u64 vmid = 1; vmid <= kMostVms; ++vmid) {
    if (!usable(vmid)) continue;
    call(lab.host, REDOUBT_HOST_VM_STOP, vmid);
    left += call(lab.host, REDOUBT_HOST_VM_DESTROY, vmid).status == 0 ? 1 : 0;
  }
  const bool balance = created[0] + created[1] == destroyed[0] + destroyed[1] + left;
  std::vector<std::unique_ptr<Vm>> all;
  while (all.size() < kMostVms) {
    all.push_back(std::make_unique<Vm>(lab.host, lab.main));
    if (!all.back()->create()) break;
  }
  const bool complete = all.size() == kMostVms && all.back()->status == REDOUBT_NO_MEMORY;
  return {balance && complete && created[0] > 0 && created[1] > 0,
          text("created %" PRIu64 " + %" PRIu64 ", destroyed %" PRIu64 " + %" PRIu64 " + %" PRIu64
               "; afterwards %zu VMs fit",
               created[0], created[1], destroyed[0], destroyed[1], left, all.size() - 1)};
}

// CPU 1 runs the VM while CPU 0 stops it, takes its pages and destroys it.
Verdict run_against_end(const Lab& lab) {
  u64 entries = 0, wrong = 0;
  const u64 rounds = lab.iterations / 10 + 1;
  for (u64 i = 0; i < rounds; ++i) {
    Victim victim(lab);
    if (!victim.ready()) return {false, text("round %" PRIu64 ": no victim", i)};
    const u64 id = victim.vm.id;
    std::atomic<bool> over{false};
    on_both([&](unsigned cpu) {
      if (cpu == 0) {
        while (__atomic_load_n(&entries, __ATOMIC_SEQ_CST) == 0) std::this_thread::yield();
        wrong += victim.vm.end() ? 0 : 1;
        over = true;
        return;
      }
      while (!over) {
        const std::int64_t status = call(lab.host, REDOUBT_HOST_VCPU_RUN, id, 0).status;
        __atomic_add_fetch(&entries, 1, __ATOMIC_SEQ_CST);
        if (status != REDOUBT_SUCCESS && status != REDOUBT_DENIED && status != REDOUBT_NOT_FOUND) wrong += 1;
      }
    });
  }
  return {wrong == 0, text("%" PRIu64 " VMs ended under %" PRIu64 " entries, %" PRIu64 " surprises", rounds,
                           entries, wrong)};
}

// Both CPUs hash the same image: it is hashed once, and right.
Verdict verify_twice(const Lab& lab) {
  for (u64 i = 0; i < 10; ++i) {
    Vm vm(lab.host, lab.main);
    if (!vm.create() || !vm.add_vcpus() || !vm.load()) return {false, "no VM"};
    std::array<std::int64_t, 2> last{};
    on_both([&](unsigned cpu) {
      do {
        last[cpu] = call(lab.host, REDOUBT_HOST_VM_VERIFY, vm.id).status;
      } while (last[cpu] == REDOUBT_AGAIN);
    });
    const bool once = (last[0] == REDOUBT_SUCCESS) != (last[1] == REDOUBT_SUCCESS);
    if (!once || !vm.answers()) return {false, text("%s and %s", name_of(last[0]), name_of(last[1]))};
  }
  return {true, "10 VMs: one CPU got SUCCESS, the other DENIED, and they run"};
}

// A bad page is given by one CPU while the other hashes.
Verdict give_while_verified(const Lab& lab) {
  u64 refused = 0;
  for (u64 i = 0; i < 10; ++i) {
    Vm vm(lab.host, lab.main);
    if (!vm.create() || !vm.add_vcpus()) return {false, "no VM"};
    std::atomic<bool> over{false};
    bool verified = false, ran = false;
    on_both([&](unsigned cpu) {
      if (cpu == 1) {
        while (!over) {
          verified = verified || call(lab.host, REDOUBT_HOST_VM_VERIFY, vm.id).status == REDOUBT_SUCCESS;
          ran = ran || call(lab.host, REDOUBT_HOST_VCPU_RUN, vm.id, 0).status == REDOUBT_SUCCESS;
        }
        return;
      }
      for (unsigned image = 0; image < lab.main.manifest().image_count; ++image) {
        for (u64 p = 0; p < lab.main.image_pages(image); ++p) {
          const u64 page = vm.fresh_page();
          const View view(lab.host, page);
          lab.main.copy_page(image, p, view);
          if (image == 1 || p == 3) view.words()[100] = view.words()[100] ^ 1;
          vm.give_image(image, page);
        }
      }
      for (unsigned n = 0; n < 100; ++n) call(lab.host, REDOUBT_HOST_VM_VERIFY, vm.id);
      over = true;
    });
    if (verified || ran) return {false, "an image that is not the signed one runs"};
    ++refused;
  }
  return {true, text("%" PRIu64 " VMs were hashed while pages came: none was verified", refused)};
}

// --- exhaustion ---

Verdict all_vmids(const Lab& lab) {
  std::vector<std::unique_ptr<Vm>> all;
  while (all.size() <= kMostVms) {
    all.push_back(std::make_unique<Vm>(lab.host, lab.main));
    if (!all.back()->create()) break;
  }
  const std::int64_t status = all.back()->status;
  const std::size_t made = all.size() - 1;
  const bool others = lab.witness.answers();
  all.clear();
  Vm again(lab.host, lab.main);
  const bool works = again.start() && again.answers();
  return {status == REDOUBT_NO_MEMORY && made == kMostVms - 1 && others && works,
          text("%zu more VMs, then %s; after their end a new one %s", made, name_of(status),
               works ? "runs" : "does NOT run")};
}

// One page in each 2 MiB of a large VM takes a table page each, until there is none.
Verdict table_pages(const Lab& lab) {
  Vm vm(lab.host, lab.wide);
  Block pages(lab.host, 10);
  if (!vm.create() || !vm.add_vcpus() || !vm.load() || !vm.verify() || !vm.answers())
    return {false, "the large VM does not run"};
  Result last{};
  u64 taken = 0;
  for (; taken < pages.pages(); ++taken) {
    last = vm.give(vm.memory() + (taken + 16) * kBlockSize * 8, pages.page(taken));
    if (last.status != REDOUBT_SUCCESS) break;
  }
  const bool ours = taken == pages.pages() || View(lab.host, pages.page(taken)).store(1).signal == 0;
  const bool lives = vm.answers() && lab.witness.answers();
  Vm other(lab.host, lab.main);
  const bool starts = other.start() && other.answers();
  const bool ended = vm.end();
  if (!ended) pages.abandon();
  const bool typed = last.status == REDOUBT_NO_MEMORY;
  return {typed && ours && lives && starts && ended,
          text("%" PRIu64 " pages, then %s; it lives, others start: %s", taken, name_of(last.status),
               lives && starts ? "yes" : "NO")};
}

constexpr Attack kAttacks[] = {
    {"race-same-page-to-two-vms", two_vms_control, give_to_two},
    {"race-same-page-reclaimed-twice", two_vms_control, reclaim_twice},
    {"race-host-touches-page-while-given", two_vms_control, touch_while_given},
    {"race-create-stop-destroy", two_vms_control, lives},
    {"race-run-against-stop-and-destroy", two_vms_control, run_against_end},
    {"race-verify-on-two-cpus", two_vms_control, verify_twice},
    {"race-give-image-while-verified", two_vms_control, give_while_verified},
    {"exhaust-vmids", two_vms_control, all_vmids},
    {"exhaust-table-pages-of-one-vm", two_vms_control, table_pages},
};

}  // namespace

std::span<const Attack> race_attacks() { return kAttacks; }

}  // namespace redoubt::attack
