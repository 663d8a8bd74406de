// SPDX-License-Identifier: BSD-3-Clause
// The specification, taken through the critical sections of a trace in the order of their locks.
#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/machine/params.hpp"
#include "machine/domain/concrete.hpp"
#include "spec/trap/host_calls.hpp"
#include "tests/attack/replay/trace_file.hpp"

namespace redoubt::replay {

class Sections {
 public:
  Sections(const TraceFile& trace, std::vector<Bundle> bundles);

  // One section. What it came to in the specification, where that differs from the trace; empty: it is the
  // same.
  std::string step(const Entry& entry);
  // What a call whose arguments no VM and no state could make good answers: x0.
  u64 refusal(const std::array<u64, 6>& call);
  [[nodiscard]] u64 mailbox(u64 vmid, u64 vcpu) const;

 private:
  using State = spec::State<Concrete, QemuVirtParams>;
  using Spec = spec::HostCalls<Concrete, QemuVirtParams>;
  struct Undone {
    u64 vmid, from, to;
  };

  u64 answer(const Entry& entry);
  u64 of_pages(const Entry& entry);
  u64 of_counts(const Entry& entry);
  void begin(u64 vmid, u64 memory);
  void describe(u64 vmid, const redoubt_manifest& manifest);
  u64 destroy(u64 vmid);
  u64 image_page(const Entry& entry);
  void set_up(const TraceFile& trace);

  std::vector<Bundle> bundles_;
  std::map<u64, const std::array<u64, 512>*> pages_;          // of the bundles, by checksum
  std::map<std::pair<u64, u64>, std::array<u64, 512>> tape_;  // what the host put into a VM's n-th page
  std::vector<Undone> undone_;
  Concrete domain_;
  State state_;
  Spec spec_;
};

}  // namespace redoubt::replay
