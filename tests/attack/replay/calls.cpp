// SPDX-License-Identifier: BSD-3-Clause
// The dispatcher's part of each answer: how many pages, which status, which handle.
#include "tests/attack/replay/calls.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace redoubt::replay {
namespace {

u64 status_word(std::int64_t status) { return static_cast<u64>(status); }
// In x0 "as asked for already" is a success.
u64 shown(u64 status) { return status == static_cast<u64>(Status::unchanged) ? REDOUBT_SUCCESS : status; }

bool is_vcpu(u64 vmid, u64 vcpu) { return vmid >= 1 && vmid <= MAX_VM_NUM && vcpu < VCPU_PER_VM; }

struct Expected {
  std::vector<u64> x;  // x0, and those after it that the call has
};

class Calls {
 public:
  Calls(Sections& sections, CallTally& tally) : sections_(sections), tally_(tally) {}

  // long: one call a case
  Expected of(const Entry& call, const std::vector<const Entry*>& done) {
    const u64 function = call.a[0];
    if (function == REDOUBT_HOST_VCPU_RUN) return run(call, done);
    if (done.empty()) return without_sections(call);
    const u64 first = done.front()->r[0];
    switch (function) {
      case REDOUBT_HOST_VM_CREATE:
        return create(done);
      case REDOUBT_HOST_VCPU_CREATE:
        return first == 0 ? Expected{{0, sections_.mailbox(call.a[1], call.a[2])}} : Expected{{first}};
      case REDOUBT_HOST_VM_DONATE:
      case REDOUBT_HOST_VM_DONATE_IMAGE:
        return batch(done);
      case REDOUBT_HOST_VM_VERIFY:
        return done.size() == 2 ? Expected{{first, done[1]->r[0]}} : Expected{{first}};
      case REDOUBT_HOST_VM_RECLAIM:
        return reclaim(call, done);
      case REDOUBT_HOST_VM_INFO:
        return done.size() == 3 ? Expected{{0, first, done[1]->r[0], done[2]->r[0]}} : Expected{};
      default:
        return {{shown(first)}};
    }
  }

 private:
  Expected without_sections(const Entry& call) {
    const u64 refused = sections_.refusal(call.a);
    if (call.a[0] == REDOUBT_HOST_VM_CREATE && refused != status_word(REDOUBT_INVALID_PARAMETER)) {
      ++tally_.creations;
      return {{call.r[0]}};
    }
    return {{refused}};
  }
  static Expected create(const std::vector<const Entry*>& done) {
    if (done.front()->r[0] == INVALID) return {{status_word(REDOUBT_NO_MEMORY)}};
    const Entry& last = *done.back();
    if (last.kind != REDOUBT_TRACE_OPEN) return {{status_word(REDOUBT_INVALID_PARAMETER)}};
    return {{last.r[0], done.front()->r[0]}};
  }
  static Expected batch(const std::vector<const Entry*>& done) {
    u64 pages = 0, status = 0;
    for (const Entry* const one : done) {
      status = shown(one->r[0]);
      pages += status == 0 ? 1 : 0;
    }
    return {{status, pages}};
  }
  static Expected reclaim(const Entry& call, const std::vector<const Entry*>& done) {
    u64 pages = 0;
    for (const Entry* const one : done) pages += one->r[0];
    return {{pages == call.a[3] ? 0 : status_word(REDOUBT_DENIED), pages}};
  }
  // Recorded only where it was refused.
  Expected run(const Entry& call, const std::vector<const Entry*>& done) {
    if (done.empty())
      return is_vcpu(call.a[1], call.a[2]) ? Expected{} : Expected{{status_word(REDOUBT_INVALID_PARAMETER)}};
    if (done.front()->r[0] != 0) return {{done.front()->r[0]}};
    ++tally_.off;
    return {{status_word(REDOUBT_NOT_FOUND)}};
  }

  Sections& sections_;
  CallTally& tally_;
};

std::string difference(const Entry& call, const Expected& expected) {
  for (std::size_t i = 0; i < expected.x.size(); ++i) {
    if (call.r[i] == expected.x[i]) continue;
    std::array<char, 200> text{};
    std::snprintf(text.data(), text.size(),
                  "call %#" PRIx64 "(%" PRIx64 ", %" PRIx64 ", %" PRIx64 ", %" PRIx64 ") of CPU %" PRIu64
                  ": x%zu is %" PRIx64 ", its sections make it %" PRIx64,
                  call.a[0], call.a[1], call.a[2], call.a[3], call.a[4], call.cpu, i, call.r[i],
                  expected.x[i]);
    return text.data();
  }
  return expected.x.empty() ? "a call whose sections are not those of its kind" : "";
}

// What a guest does, and what ends its stay, belongs to no call.
bool is_of_guest(const Entry& entry) {
  return entry.kind == REDOUBT_TRACE_LEAVE || entry.kind == REDOUBT_TRACE_SHARE ||
         entry.kind == REDOUBT_TRACE_UNSHARE;
}
// Entries that succeeded have no call in the trace, nor has the end that a guest makes of its VM: they stand
// before the sections of the next call. Each VCPU_RUN of what can be a vCPU has one.
std::vector<const Entry*> sections_of(const Entry& call, std::vector<const Entry*> since) {
  if (call.a[0] == REDOUBT_HOST_VCPU_RUN) {
    const bool asked = is_vcpu(call.a[1], call.a[2]) && !since.empty();
    return asked ? std::vector{since.back()} : std::vector<const Entry*>{};
  }
  const auto first = std::find_if(since.begin(), since.end(), [](const Entry* one) {
    return one->kind != REDOUBT_TRACE_ENTER && one->kind != REDOUBT_TRACE_POWEROFF;
  });
  return {first, since.end()};
}

}  // namespace

std::vector<std::string> check_calls(const TraceFile& trace, Sections& sections, CallTally& tally) {
  std::vector<std::string> wrong;
  Calls calls(sections, tally);
  std::map<u64, std::vector<const Entry*>> since;  // the last call, by CPU
  for (const Entry& entry : trace.entries) {
    auto& done = since[entry.cpu];
    if (entry.kind != REDOUBT_TRACE_CALL) {
      if (!is_of_guest(entry)) done.push_back(&entry);
      continue;
    }
    const std::string one = difference(entry, calls.of(entry, sections_of(entry, done)));
    if (!one.empty()) wrong.push_back(one);
    ++tally.compared;
    done.clear();
  }
  tally.compared -= tally.creations + tally.off;
  return wrong;
}

}  // namespace redoubt::replay
