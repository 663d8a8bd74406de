// SPDX-License-Identifier: BSD-3-Clause
// Random calls on two CPUs, guided by the interface: mostly what may follow in a VM's life, often with one
// argument at or beyond a boundary. Every so often both CPUs stop, and ownership is checked against what the
// host can touch.
#include <barrier>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <thread>

#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

constexpr unsigned kCpus = 2;
constexpr u64 kCheckEvery = 1000;  // calls of one CPU
constexpr unsigned kPoolOrder = 8;
constexpr u64 kSigbus = 7;
constexpr u64 kImagePages = 40;  // of a CPU, for images

// What both CPUs know and neither changes while they call.
struct World {
  const Lab& lab;
  std::array<std::unique_ptr<Block>, kCpus> pools;
  Block manifests;
  u64 mailboxes;  // the region's start
  std::vector<u64> foreign;
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
    if (chance(4)) return any_call();
    if (chance(6)) return make_vm();
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
    do vmid_ = 1 + below(chance(3) ? kMostVms : 4);
    while (vmid_ == world_.lab.witness.id);
  }
  Result issue(u64 function, u64 x1 = 0, u64 x2 = 0, u64 x3 = 0, u64 x4 = 0, u64 x5 = 0) {
    const Result result = call(host_, function, x1, x2, x3, x4, x5);
    ++tally_.calls;
    const auto status = static_cast<u64>(-result.status);
    if (status < tally_.by_status.size())
      ++tally_.by_status[status];
    else
      ++tally_.unknown;
    if (status == 0) ++tally_.by_call[function & 15];
    return result;
  }
  Result query() { return issue(REDOUBT_HOST_VM_INFO, vmid_); }

  u64 own_page(u64 run = 1) {
    const Block& pool = *world_.pools[cpu_];
    return pool.page(kImagePages + below(pool.pages() - kImagePages - run + 1));
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
    switch (below(6)) {
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
        wrong_image();
        break;
      case 4:
        issue(chance(8) ? REDOUBT_HOST_VM_STOP : REDOUBT_HOST_VCPU_RUN, vmid_, below(2));
        break;
      default:
        whole_image();
        break;
    }
  }
  void live() {
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        run();
        break;
      case 3:
        donate();
        break;
      case 4:
        if (chance(6)) issue(REDOUBT_HOST_VM_STOP, vmid_);
        break;
      case 5:
        reclaim();
        break;
      case 6:
        scribble();
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
    if (!chance(8)) return reclaim();
    // All of this CPU's pool, page by page where runs stop.
    const Block& pool = *world_.pools[cpu_];
    for (u64 i = 0; i < pool.pages(); ++i) issue(REDOUBT_HOST_VM_RECLAIM, vmid_, pool.page(i), 1);
    issue(REDOUBT_HOST_VM_DESTROY, vmid_);
  }

  void donate() {
    const u64 run = chance(3) ? 1 + below(kMostPages) : 1;
    const u64 page = chance(10) ? strange_page() : own_page(run);
    const bool ours =
        world_.pools[cpu_]->base() < page && page < world_.pools[cpu_]->page(world_.pools[cpu_]->pages());
    issue(REDOUBT_HOST_VM_DONATE, vmid_, guest_address(), page, ours ? run : 1,
          chance(16) ? strange_number() : below(2));
  }
  void wrong_image() {
    issue(REDOUBT_HOST_VM_DONATE_IMAGE, vmid_, chance(4) ? strange_number() : below(2), own_page(), 1);
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
    u64 at = 0;
    issue(REDOUBT_HOST_VCPU_CREATE, vmid_, 0);
    for (unsigned image = 0; image < bundle.manifest().image_count; ++image) {
      for (u64 i = 0; i < bundle.image_pages(image); ++i, ++at) {
        const View view(host_, pool.page(at));
        if (view.store(0).signal != 0) return;
        bundle.copy_page(image, i, view);
        if (issue(REDOUBT_HOST_VM_DONATE_IMAGE, vmid_, image, pool.page(at), 1).status != 0) return;
      }
    }
    while (issue(REDOUBT_HOST_VM_VERIFY, vmid_).status == REDOUBT_AGAIN) {
    }
  }

  volatile redoubt_vcpu_mailbox* mailbox(const View& view) {
    return reinterpret_cast<volatile redoubt_vcpu_mailbox*>(view.words());
  }
  u64 mailbox_page(u64 vcpu) const {
    return world_.mailboxes + (vmid_ * (kMostVcpus + 1) + 1 + vcpu) * kPageSize;
  }

  // Entries with answers that let the hostile guest do something, known or random.
  void run() {
    const u64 vcpu = chance(20) ? strange_number() : below(2);
    const View view(host_, mailbox_page(vcpu % kMostVcpus));
    for (unsigned i = 0; i < 12; ++i) {
      volatile redoubt_vcpu_mailbox* const box = mailbox(view);
      box->mmio_data = chance(2) ? 1 + below(16) : chance(2) ? guest_address() : random_();
      box->mmio_abort = chance(40) ? 1 : 0;
      box->spi_count = chance(4) ? static_cast<unsigned>(random_()) : 0;
      box->spi[0].intid = static_cast<unsigned short>(32 + below(240));
      if (issue(REDOUBT_HOST_VCPU_RUN, vmid_, vcpu).status != REDOUBT_SUCCESS) return;
      ++tally_.exits;
      if (box->exit == REDOUBT_EXIT_FAULT)
        issue(REDOUBT_HOST_VM_DONATE, vmid_, box->address, own_page(), 1, 1);
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
    if (function == REDOUBT_HOST_VM_DONATE)
      issue(function, vmid, chance(2) ? random_() : guest_address(), page, pages, chance(2) ? random_() : 1);
    else
      issue(function, vmid, chance(2) ? random_() : below(6), page, pages);
  }

  World& world_;
  const Host& host_;
  unsigned cpu_;
  std::mt19937_64 random_;
  Tally tally_;
  u64 vmid_ = 1;
};

// --- what must hold when nobody calls ---

// Pages of the pools that the host cannot touch are those that VMs own and do not share.
std::string check_ownership(const World& world) {
  u64 owned = 0, shared = 0, refused = 0;
  for (u64 vmid = 1; vmid <= kMostVms; ++vmid) {
    const Result info = call(world.lab.host, REDOUBT_HOST_VM_INFO, vmid);
    const bool known =
        info.x1 == REDOUBT_VM_UNUSED || (info.x1 >= REDOUBT_VM_READY && info.x1 <= REDOUBT_VM_POWEROFF);
    if (info.status != REDOUBT_SUCCESS || !known || info.x3 > info.x2 ||
        (info.x1 == REDOUBT_VM_UNUSED && info.x2 != 0))
      return text("VM %" PRIu64 ": %s, state %" PRIu64 ", %" PRIu64 " pages, %" PRIu64 " shared", vmid,
                  name_of(info.status), info.x1, info.x2, info.x3);
    if (vmid == world.lab.witness.id) continue;
    owned += info.x2;
    shared += info.x3;
  }
  for (const auto& pool : world.pools)
    for (u64 i = 0; i < pool->pages(); ++i)
      refused += View(world.lab.host, pool->page(i)).load().signal == kSigbus ? 1 : 0;
  if (refused == owned - shared) return {};
  return text("VMs own %" PRIu64 " pages, %" PRIu64 " of them shared, but %" PRIu64
              " are out of the host's reach",
              owned, shared, refused);
}

std::string check_audit(const Host& host) {
  u64 index = 0;
  do {
    const Result result = call(host, REDOUBT_HOST_AUDIT, index);
    if (result.status == REDOUBT_NOT_SUPPORTED) return {};
    if (result.status != REDOUBT_SUCCESS)
      return text("audit: invariant %" PRIu64 " at frame %#" PRIx64, result.x1, result.x2);
    index = result.x1;
  } while (index != 0);
  return {};
}

std::string check_all(const World& world, const Result& witness) {
  const Result now = world.lab.witness.info();
  if (now.x1 != witness.x1 || now.x2 != witness.x2 || now.x3 != witness.x3)
    return "the witness VM has changed";
  if (!world.lab.witness.answers() || !world.lab.witness.answers(1)) return "the witness VM does not run";
  if (std::string wrong = check_ownership(world); !wrong.empty()) return wrong;
  return check_audit(world.lab.host);
}

// Ends what is left; every page must come back.
std::string clean_up(const World& world) {
  for (u64 vmid = 1; vmid <= kMostVms; ++vmid) {
    if (vmid == world.lab.witness.id) continue;
    call(world.lab.host, REDOUBT_HOST_VM_STOP, vmid);
    for (const auto& pool : world.pools)
      for (u64 i = 0; i < pool->pages(); ++i)
        call(world.lab.host, REDOUBT_HOST_VM_RECLAIM, vmid, pool->page(i), 1);
    call(world.lab.host, REDOUBT_HOST_VM_DESTROY, vmid);
    const Result info = call(world.lab.host, REDOUBT_HOST_VM_INFO, vmid);
    if (info.x1 != REDOUBT_VM_UNUSED || info.x2 != 0)
      return text("VM %" PRIu64 " does not end: state %" PRIu64 ", %" PRIu64 " pages", vmid, info.x1,
                  info.x2);
  }
  return check_ownership(world);
}

void put_manifests(const World& world) {
  const std::array<const Bundle*, 5> bundles{&world.lab.main, &world.lab.wide, &world.lab.older,
                                             &world.lab.stranger, &world.lab.main};
  for (u64 i = 0; i < bundles.size(); ++i) {
    const View view(world.lab.host, world.manifests.page(i));
    std::memcpy(const_cast<u64*>(view.words()), &bundles[i]->manifest(), sizeof(redoubt_manifest));
    if (i == 4) view.words()[5] = view.words()[5] ^ 1;
  }
}

void list_foreign(World& world) {
  const Host& host = world.lab.host;
  world.foreign = {host.counter_or_zero(REDOUBT_COUNTER_CORE_IMAGE_BASE),
                   host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_BASE),
                   host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_BASE) +
                       host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_SIZE) - kPageSize,
                   world.mailboxes,
                   world.lab.witness.mailbox_address[0],
                   world.lab.witness.given.front(),
                   world.lab.witness.given.back(),
                   0x09000000,
                   0x08000000,
                   0x080a0000,
                   0x09020000,
                   0x4010000000};
}

void report(const std::array<std::unique_ptr<Caller>, kCpus>& callers) {
  u64 calls = 0, exits = 0, unknown = 0;
  std::array<u64, 9> status{};
  std::array<u64, 16> good{};
  for (const auto& caller : callers) {
    calls += caller->tally().calls;
    exits += caller->tally().exits;
    unknown += caller->tally().unknown;
    for (std::size_t i = 0; i < status.size(); ++i) status[i] += caller->tally().by_status[i];
    for (std::size_t i = 0; i < good.size(); ++i) good[i] += caller->tally().by_call[i];
  }
  std::printf("note %" PRIu64 " calls, %" PRIu64 " guest exits;", calls, exits);
  for (std::size_t i = 0; i < status.size(); ++i)
    std::printf(" %s %" PRIu64, name_of(-static_cast<std::int64_t>(i)), status[i]);
  std::printf(" other %" PRIu64 "\nnote successes by call:", unknown);
  for (std::size_t i = 0; i < good.size(); ++i) std::printf(" 0x%02zx %" PRIu64, 0x10 + i, good[i]);
  std::printf("\n");
}

}  // namespace

// long: sets up, runs both CPUs in rounds, judges
int fuzz(const Lab& lab, u64 calls, u64 seed) {
  World world{lab, {}, Block(lab.host, 3), 0, {}};
  for (auto& pool : world.pools) pool = std::make_unique<Block>(lab.host, kPoolOrder);
  world.mailboxes = lab.witness.mailbox_address[0] - (lab.witness.id * (kMostVcpus + 1) + 1) * kPageSize;
  put_manifests(world);
  list_foreign(world);
  checks::Report verdicts;
  verdicts.note(text("fuzzing with seed %" PRIu64 ", %" PRIu64 " calls on %u CPUs", seed, calls, kCpus));
  const Result witness = lab.witness.info();
  std::string wrong = check_all(world, witness);
  verdicts.check("fuzz-before", wrong.empty(), wrong.empty() ? "ownership is consistent" : wrong);
  std::array<std::unique_ptr<Caller>, kCpus> callers;
  for (unsigned cpu = 0; cpu < kCpus; ++cpu) callers[cpu] = std::make_unique<Caller>(world, cpu, seed);
  u64 rounds = 0;
  for (u64 next = kCheckEvery; wrong.empty() && callers[0]->tally().calls + callers[1]->tally().calls < calls;
       next += kCheckEvery) {
    std::thread other([&] {
      move_to_cpu(1);
      while (callers[1]->tally().calls < next) callers[1]->step();
    });
    move_to_cpu(0);
    while (callers[0]->tally().calls < next) callers[0]->step();
    other.join();
    wrong = check_all(world, witness);
    if (++rounds % 10 == 0)
      verdicts.note(text("%" PRIu64 " calls", callers[0]->tally().calls + callers[1]->tally().calls));
  }
  verdicts.check("fuzz-consistency", wrong.empty(),
                 wrong.empty() ? text("%" PRIu64 " checks", rounds) : wrong);
  report(callers);
  const u64 unknown = callers[0]->tally().unknown + callers[1]->tally().unknown;
  verdicts.check("fuzz-typed-answers", unknown == 0, text("%" PRIu64 " answers are no status", unknown));
  const std::string left = clean_up(world);
  verdicts.check("fuzz-all-comes-back", left.empty(),
                 left.empty() ? "every VM ended, every page is the host's" : left);
  if (!left.empty())
    for (auto& pool : world.pools) pool->abandon();
  return verdicts.total();
}

}  // namespace redoubt::attack
