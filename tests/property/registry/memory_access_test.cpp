// SPDX-License-Identifier: BSD-3-Clause
// What loads and stores of host, VMs and devices reach, in random states and after a fault of the host: a
// private page is its VM's alone (upper digest 1.13, 3.4).
#include "tests/property/registry/handlers.hpp"

namespace redoubt::test {
namespace {

constexpr u64 kRegister = 9;

struct Access {
  Status status;
  HandlerState after;
  [[nodiscard]] u64 value() const { return reg_of(after, kRegister); }
};
template <class Step>
Access step(Concrete& domain, const HandlerState& from, Step one) {
  HandlerMachine machine(domain, from);
  Handlers handlers(machine);
  const Status status = one(handlers);
  return {status, observe(machine, from)};
}
Access load(Concrete& domain, const HandlerState& s, u64 gfn) {
  return step(domain, s, [&](Handlers& h) { return h.mem_load(Gfn<u64>(gfn), kRegister); });
}
Access store(Concrete& domain, const HandlerState& s, u64 gfn) {
  return step(domain, s, [&](Handlers& h) { return h.mem_store(Gfn<u64>(gfn), kRegister); });
}

struct PrivatePage {
  u64 vmid, pfn, gfn;
};
// Every page that a VM owns and does not share, each with a word of its own.
std::vector<PrivatePage> private_pages(HandlerState& s) {
  std::vector<PrivatePage> pages;
  for (u64 n = 0; n < 24; ++n) {
    const u64 index = kRam1Index + n, owner = s.s2_owner.read(index, 0);
    if (registry::inv::detail::is_vm_number(owner) && s.s2_count.read(index, 0) == 0) {
      pages.push_back({owner, (kRam1 >> PAGE_SHIFT) + n, s.s2_gfn.read(index, 0)});
      s.content.contents.write(pages.back().pfn, 0, mixed(13, n, owner));
    }
  }
  return pages;
}
// The host's table after a stage-2 fault of the host at that page.
HandlerState after_fault(Concrete& domain, HandlerState s, u64 pfn) {
  s.cpu.hw.write(0, ctxt::HPFAR_EL2, pfn << PAGE_SHIFT >> 8);
  return take(Trap::fault, domain, s)->after;
}

std::string host_sees(Choice& c, Concrete& domain, unsigned& pages) {
  HandlerState s = random_vcpu_state<TinyParams>(c, domain, true);
  for (const PrivatePage& page : private_pages(s)) {
    ++pages;
    const u64 secret = s.content.contents.read(page.pfn, 0);
    const HandlerState faulted = after_fault(domain, s, page.pfn);
    const HandlerState* const states[] = {&s, &faulted};
    for (const HandlerState* now : states) {
      const Access read = load(domain, *now, page.pfn);
      if (read.status != Status::not_found || read.value() == secret) {
        return "the host loads a VM's private page";
      }
      if (store(domain, *now, page.pfn).after.content.contents.read(page.pfn, 0) != secret) {
        return "the host stores to a VM's private page";
      }
    }
  }
  return "";
}

TEST(MemoryAccess, TheHostNeverReachesAPrivatePage) {
  unsigned pages = 0;
  for_many_states("loads of the host", 2,
                  [&](Choice& c, Concrete& domain) { return host_sees(c, domain, pages); });
  EXPECT_GT(pages, 100u);  // E11
}
TEST(MemoryAccess, ALeakIsSeen) {
  HandlerMachine::active_fault = Fault::private_page_mapped;
  unsigned pages = 0;
  bool seen = false;
  std::mt19937 engine(3);
  for (unsigned n = 0; n < 200 && !seen; ++n) {
    Choice choice({static_cast<std::uint32_t>(engine()), static_cast<std::uint32_t>(engine())});
    Choice own = choice.branch();
    Concrete domain;
    seen = !host_sees(own, domain, pages).empty();
  }
  HandlerMachine::active_fault = Fault::none;
  EXPECT_TRUE(seen);
}

// A VM reads what it wrote into its own page; what it shares holds anything.
std::string vm_sees(Choice& c, Concrete& domain, unsigned& own) {
  HandlerState s = random_vcpu_state<TinyParams>(c, domain, false);
  const u64 v = s.cpu.cur_vmid;
  private_pages(s);
  for (u64 n = 0; n < 24 && v != HOSTVISOR; ++n) {
    const u64 index = kRam1Index + n, pfn = (kRam1 >> PAGE_SHIFT) + n;
    const Access read = load(domain, s, s.s2_gfn.read(index, 0));
    const bool own_page = s.s2_owner.read(index, 0) == v && s.s2_count.read(index, 0) == 0;
    if (!own_page || read.status != Status::ok) {
      continue;
    }
    ++own;
    const HandlerState written = store(domain, s, s.s2_gfn.read(index, 0)).after;
    if (read.value() != s.content.contents.read(pfn, 0)) {
      return "a VM does not read its own page";
    }
    if (written.content.contents.read(pfn, 0) != reg_of(s, kRegister)) {
      return "a VM's store is lost";
    }
    HandlerState given = s;  // the same page, shared
    given.s2_count.write(index, 0, 1);
    const Access of_others = load(domain, given, s.s2_gfn.read(index, 0));
    if (of_others.after.oracles.data_log.same_cells(s.oracles.data_log)) {
      return "a load of a shared page does not take what others wrote";
    }
  }
  return "";
}

TEST(MemoryAccess, AVmReadsItsOwnPages) {
  unsigned own = 0;
  for_many_states("loads of VMs", 4, [&](Choice& c, Concrete& domain) { return vm_sees(c, domain, own); });
  EXPECT_GT(own, 20u);  // E11
}

// Through a bank only its owner gets anything.
std::string bank_serves(Choice& c, Concrete& domain, unsigned& served, unsigned& refused) {
  HandlerState s = random_vcpu_state<TinyParams>(c, domain, false);
  const Subject at = random_access(c, s, "dev_load");
  const Access read = step(domain, s, [&](Handlers& h) {
    return h.dev_load(Gfn<u64>(at.gfn), kRegister, ContextBank<u64>(at.bank & 7),
                      SmmuIndex<u64>(at.bank >> 3));
  });
  HandlerState tables = s;
  const u64 leaf = DeviceTables<TinyParams>(tables)
                       .walk_spt(ContextBank<u64>(at.bank & 7), SmmuIndex<u64>(at.bank >> 3),
                                 Iova<u64>(at.gfn << PAGE_SHIFT))
                       .raw;
  const bool owns = s.smmu.smmu_vmid.read(at.bank, 0) == s.cpu.cur_vmid, serves = owns && leaf != 0;
  served += serves ? 1 : 0;
  refused += !owns && leaf != 0 ? 1 : 0;
  if (serves != (read.status == Status::ok)) {
    return "a bank serves somebody else, or not its owner";
  }
  return serves || read.value() == reg_of(s, kRegister) ? "" : "a refused access leaves something";
}

TEST(MemoryAccess, ABankServesItsOwner) {
  unsigned served = 0, refused = 0;
  for_many_states("loads of devices", 4,
                  [&](Choice& c, Concrete& domain) { return bank_serves(c, domain, served, refused); });
  EXPECT_GT(served, 50u);
  EXPECT_GT(refused, 5u);  // banks of others that map the place
}

}  // namespace
}  // namespace redoubt::test
