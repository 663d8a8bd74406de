// SPDX-License-Identifier: BSD-3-Clause
// Random calls on two CPUs. Every so often both CPUs stop, and ownership is checked against what the
// host can touch.
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <thread>

#include "tests/attack/program/fuzz_caller.hpp"
#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

constexpr int kSigbus = 7;

// --- what must hold when nobody calls ---

// Pages of the pools that the host cannot touch are those that VMs own and do not share.
std::string check_ownership(const World& world) {
  u64 owned = 0, shared = 0, refused = 0;
  for (u64 vmid = 1; vmid <= kMostVms; ++vmid) {
    const Result info = call(world.lab.host, REDOUBT_HOST_VM_INFO, vmid);
    const bool known =
        info.x1 == REDOUBT_VM_UNUSED || (info.x1 >= REDOUBT_VM_READY && info.x1 <= REDOUBT_VM_POWEROFF);
    if (info.status != REDOUBT_SUCCESS || !known || info.x3 > info.x2 ||
        (info.x1 == REDOUBT_VM_UNUSED && info.x2 != 0)) {
      return text("VM %" PRIu64 ": %s, state %" PRIu64 ", %" PRIu64 " pages, %" PRIu64 " shared", vmid,
                  name_of(info.status), info.x1, info.x2, info.x3);
    }
    if (vmid == world.lab.witness.id) continue;
    owned += info.x2;
    shared += info.x3;
  }
  for (const auto& pool : world.pools) {
    for (u64 i = 0; i < pool->pages(); ++i)
      refused += View(world.lab.host, pool->page(i)).load().signal == kSigbus ? 1 : 0;
  }
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
    if (call(world.lab.host, REDOUBT_HOST_VM_INFO, vmid).x1 == REDOUBT_VM_UNUSED) continue;
    call(world.lab.host, REDOUBT_HOST_VM_STOP, vmid);
    for (const auto& pool : world.pools) {
      for (u64 i = 0; i < pool->pages(); ++i)
        call(world.lab.host, REDOUBT_HOST_VM_RECLAIM, vmid, pool->page(i), 1);
      world.trace.drain();
    }
    call(world.lab.host, REDOUBT_HOST_VM_DESTROY, vmid);
    const Result info = call(world.lab.host, REDOUBT_HOST_VM_INFO, vmid);
    if (info.x1 != REDOUBT_VM_UNUSED || info.x2 != 0) {
      return text("VM %" PRIu64 " does not end: state %" PRIu64 ", %" PRIu64 " pages", vmid, info.x1,
                  info.x2);
    }
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
int fuzz(const Lab& lab, u64 calls, u64 seed, const std::string& file) {
  Trace trace(lab.host);
  World world{lab, {}, Block(lab.host, 3), 0, {}, trace};
  for (auto& pool : world.pools) pool = std::make_unique<Block>(lab.host, kPoolOrder);
  world.mailboxes = lab.witness.mailbox_address[0] - (lab.witness.id * (kMostVcpus + 1) + 1) * kPageSize;
  put_manifests(world);
  list_foreign(world);
  checks::Report verdicts;
  verdicts.note(text("fuzzing with seed %" PRIu64 ", %" PRIu64 " calls on %u CPUs", seed, calls, kCpus));
  const bool traced = file.empty() || trace.open(file, world.mailboxes);
  verdicts.check("fuzz-trace", traced, file.empty() ? "none is wanted" : file);
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
    trace.drain();
    if (++rounds % 5 == 0)
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
  trace.drain();
  verdicts.check("fuzz-trace-complete", trace.lost() == 0,
                 text("%" PRIu64 " records, %" PRIu64 " lost", trace.records(), trace.lost()));
  if (!left.empty())
    for (auto& pool : world.pools) pool->abandon();
  return verdicts.total();
}

}  // namespace redoubt::attack
