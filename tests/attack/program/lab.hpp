// SPDX-License-Identifier: BSD-3-Clause
// What an attack works with: raw calls, physical memory, bundles, and VMs that run the hostile guest.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi/bundle.h"
#include "abi/redoubt.h"
#include "guest/checks/checks.hpp"
#include "guest/checks/user_probe.hpp"
#include "tests/attack/agent/protocol.hpp"

namespace redoubt::attack {

using checks::Host;
using checks::text;
using u64 = std::uint64_t;

inline constexpr u64 kPageSize = 4096;
inline constexpr u64 kBlockSize = u64{2} << 20;
inline constexpr u64 kMostVms = 15, kMostVcpus = 8, kMostPages = 32;

struct Result {
  std::int64_t status;
  u64 x1, x2, x3;
};

// One call of the host into the core, on the CPU that the thread runs on.
Result call(const Host& host, u64 function, u64 x1 = 0, u64 x2 = 0, u64 x3 = 0, u64 x4 = 0, u64 x5 = 0);
const char* name_of(std::int64_t status);

// Binds this thread to a CPU.
void move_to_cpu(unsigned cpu);

// Physically consecutive pages. The first one is a guard that is never given away.
class Block {
 public:
  Block(const Host& host, unsigned order);
  // At a place that the host's kernel was told to leave alone (mem=).
  Block(const Host& host, unsigned order, u64 physical)
      : host_(host), physical_(physical), order_(order), abandoned_(true) {}
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  [[nodiscard]] bool valid() const { return physical_ != 0; }
  [[nodiscard]] u64 page(u64 index) const { return physical_ + (index + 1) * kPageSize; }
  [[nodiscard]] u64 pages() const { return (u64{1} << order_) - 1; }
  [[nodiscard]] u64 base() const { return physical_; }
  // The core has kept a page: the block is lost to the host.
  void abandon() { abandoned_ = true; }

 private:
  const Host& host_;
  u64 physical_ = 0;
  unsigned order_;
  bool abandoned_ = false;
};

// The host's view of one page; null if it cannot be mapped. Touching it may be refused.
class View {
 public:
  View(const Host& host, u64 physical) : mapping_(host, physical, REDOUBT_TEST_CACHED) {}
  [[nodiscard]] volatile u64* words() const { return static_cast<volatile u64*>(mapping_.at(0)); }
  [[nodiscard]] checks::Outcome load(u64 offset = 0) const {
    return checks::probe_user(checks::Instruction::kLoad, mapping_.at(offset));
  }
  [[nodiscard]] checks::Outcome store(u64 value, u64 offset = 0) const {
    return checks::probe_user(checks::Instruction::kStore, mapping_.at(offset), value);
  }
  void fill(u64 seed) const;
  [[nodiscard]] bool is_zero() const;

 private:
  checks::UserMapping mapping_;
};

class Bundle {
 public:
  // False: the file is not there.
  [[nodiscard]] bool read(const std::string& name);
  [[nodiscard]] const redoubt_manifest& manifest() const {
    return *reinterpret_cast<const redoubt_manifest*>(bytes_.data());
  }
  [[nodiscard]] u64 image_pages(unsigned image) const {
    return (manifest().images[image].size + kPageSize - 1) / kPageSize;
  }
  [[nodiscard]] u64 all_pages() const;
  [[nodiscard]] std::span<const unsigned char> image(unsigned index) const;
  // Copies one page of an image into a host page.
  void copy_page(unsigned image, u64 index, const View& to) const;

 private:
  std::vector<unsigned char> bytes_;
};

// What a command came to.
struct Answer {
  bool done = false;        // the guest has reported
  std::int64_t status = 0;  // otherwise: of VCPU_RUN
  u64 exit = 0;             // and the exit
  u64 syndrome = 0;         // ESR_EL1 of the exception that the guest took, 0: none
  std::array<u64, kResultCount> x{};
  unsigned exits = 0;
};

class Vm {
 public:
  Vm(const Host& host, const Bundle& bundle);
  // Its pages come from `physical` on.
  Vm(const Host& host, const Bundle& bundle, u64 physical);
  ~Vm();
  Vm(const Vm&) = delete;
  Vm& operator=(const Vm&) = delete;

  // The steps of a life, in this order; false: the core refused. `status` says how.
  bool create();
  bool add_vcpus();
  bool load();
  bool verify();
  bool start() { return create() && add_vcpus() && load() && verify(); }
  bool end();  // stop, all pages back, destroy

  // Takes over a VM that another kernel of this host has made.
  void adopt(u64 vmid, std::vector<u64> pages, std::array<u64, 2> mailboxes);

  std::int64_t create_from(u64 physical, u64 bytes);
  Result give_image(unsigned image, u64 physical, u64 pages = 1);
  Result give(u64 address, u64 physical, u64 pages = 1, u64 flags = REDOUBT_DONATE_MAP);
  [[nodiscard]] Result info() const { return call(host_, REDOUBT_HOST_VM_INFO, id); }
  std::int64_t stop();

  // Has the guest do it on `vcpu`, from this CPU. Memory that is missing is given.
  Answer command(Command what, std::array<u64, kArgumentCount> a = {}, unsigned vcpu = 0);
  // The same, but the guest is left inside after `entries` VCPU_RUNs.
  Answer command_for(unsigned entries, Command what, std::array<u64, kArgumentCount> a, unsigned vcpu);
  Answer finish(unsigned vcpu);
  [[nodiscard]] bool answers(unsigned vcpu = 0) { return command(Command::kPing, {id}, vcpu).x[0] == ~id; }
  // Makes vCPU 1 run.
  bool start_second();
  // A page of the guest's memory, with the host's page behind it, filled by the guest.
  struct Page {
    u64 address, physical;
  };
  std::optional<Page> private_page(u64 seed);
  [[nodiscard]] bool has(const Page& page, u64 seed) {
    const Answer answer = command(Command::kCompare, {page.address, seed});
    return answer.done && answer.syndrome == 0 && answer.x[0] == 0;
  }

  [[nodiscard]] u64 memory() const { return bundle_.manifest().memory_base; }
  // The next page of the VM's own block that was not given.
  u64 fresh_page() { return block.page(next_page_++); }
  [[nodiscard]] volatile redoubt_vcpu_mailbox* mailbox(unsigned vcpu) const { return mailboxes_[vcpu]; }

  u64 id = 0;
  std::int64_t status = 0;
  Block block;
  std::vector<u64> given;  // physical pages that the core has
  std::array<u64, 2> mailbox_address{};
  u64 vcpu_count = 2;
  u64 pause_at = 0;  // the guest's access to this device register ends a command's run, unanswered

 private:
  void open_mailbox(unsigned vcpu, u64 physical);
  Answer run(unsigned vcpu, unsigned entries);
  bool serve_device(unsigned vcpu, Answer& answer);

  const Host& host_;
  const Bundle& bundle_;
  std::array<volatile redoubt_vcpu_mailbox*, 2> mailboxes_{};
  std::array<std::optional<checks::UserMapping>, 2> mailbox_views_;
  std::array<std::array<u64, 1 + kArgumentCount>, 2> asked_{};
  std::array<bool, 2> fresh_{};
  u64 next_page_ = 0;
  u64 next_address_ = u64{4} << 20;  // of private pages, in the guest's memory
};

struct Lab {
  const Host& host;
  const Bundle& main;
  const Bundle& older;
  const Bundle& stranger;
  const Bundle& wide;
  Vm& witness;
  u64 iterations;  // of races
};

// A VM with a secret in a page of its own, and what must be true of both as long as attacks are refused.
class Victim {
 public:
  explicit Victim(const Lab& lab);
  // Whether it is there at all.
  [[nodiscard]] bool ready() const { return ready_; }
  // The secret, the VM's state and its totals are what they were, and it runs.
  [[nodiscard]] bool sound();
  // Notes the state anew, after a change that was allowed.
  void note() { before_ = vm.info(); }
  // Shares the page with the host, or ends that: what the guest's call answers.
  std::int64_t share(bool on);

  static constexpr u64 kSeed = 0x5ec4e7ca11edull;
  Vm vm;
  Vm::Page page{};

 private:
  bool ready_ = false;
  Result before_{};
};

// What came of an attack or of its control: whether all was as it should be, and what was seen.
struct Verdict {
  bool good;
  std::string seen;
};

struct Attack {
  const char* name;
  Verdict (*control)(const Lab&);
  Verdict (*attack)(const Lab&);
};

}  // namespace redoubt::attack
