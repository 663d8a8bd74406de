// SPDX-License-Identifier: BSD-3-Clause
// Confidentiality, two runs at a time (upper digest 3.4, 3.5): from two states that differ in nothing but
// private pages and registers of VMs, the same trap leaves the host unable to tell them apart.
#include "tests/property/registry/handlers.hpp"

namespace redoubt::test {
namespace {

// Registers of an exit that the host is meant to learn from, or that say what is due: equal in both runs.
bool is_declassified(u64 number) {
  return number == ctxt::ESR_EL2 || number == ctxt::EC || number == ctxt::HPFAR_EL2 ||
         number == ctxt::DIRTY || number == ctxt::EXIT_REASON;
}
// The value of register `number` in the other run. Of FAR_EL2 a device access shows its offset in the page.
u64 other_value(u64 number, u64 value, u64 salt) {
  const u64 secret = mixed(number, value, salt);
  return number == ctxt::FAR_EL2 ? (secret & ~(PAGE_SIZE - 1)) | (value & (PAGE_SIZE - 1)) : secret;
}

// A device write shows the register that it stores: a declassified channel carries equal values in both runs.
u64 stored_register(u64 esr) {
  return esr >> 26 == Syndrome::kDataAbort && (esr >> 6 & 1) != 0 ? esr >> 16 & 31 : 31;
}

void change_context(HandlerState& s, u64 id, u64 salt) {
  const u64 shown = stored_register(s.cpu.shadow.read(id, ctxt::ESR_EL2));
  for (const ContextRegister& r : kContext) {
    for (u64 n = r.number; n < r.number + r.count; ++n) {
      if (!is_declassified(n) && n != shown) {
        s.cpu.shadow.write(id, n, other_value(n, s.cpu.shadow.read(id, n), salt + id));
      }
    }
  }
}
void change_loaded(HandlerState& s, u64 salt) {
  const u64 shown = stored_register(reg_of(s, ctxt::ESR_EL2));
  for_each_move<moved::general | moved::system | moved::fp | moved::fault>([&]<Move Which>() {
    if (!is_declassified(Which.live) && Which.live != shown) {
      s.cpu.hw.write(0, Which.live, other_value(Which.live, reg_of(s, Which.live), salt));
    }
  });
}
bool is_private(const HandlerState& s, u64 index) {
  const u64 owner = s.s2_owner.read(index, 0);
  return registry::inv::detail::is_vm_number(owner) && s.s2_count.read(index, 0) == 0;
}
u64 frame_at(u64 index) {
  return index < kRam1Index ? (kRam0 >> PAGE_SHIFT) + index : (kRam1 >> PAGE_SHIFT) + index - kRam1Index;
}

// Images of a VM that is not VERIFIED hold what the host put there: no secret yet.
bool keeps_secrets(const HandlerState& s, u64 vmid) {
  const u64 state = s.records.vm_state.read(vmid, 0);
  return state == vm_state::VERIFIED || state == vm_state::POWEROFF;
}

HandlerState twin_of(const HandlerState& s, u64 salt) {
  HandlerState twin = s;
  for (u64 v = 1; v <= 3; ++v) {
    for (u64 n = 0; n < VCPU_PER_VM; ++n) {
      if (saved(s, v, n, ctxt::DIRTY) != INVALID64) {
        change_context(twin, v * VCPU_PER_VM + n, salt);
      }
    }
  }
  if (s.cpu.cur_vmid != HOSTVISOR) {
    change_loaded(twin, salt);
  }
  for (u64 index = 0; index < kPageCount; ++index) {
    if (is_private(s, index) && keeps_secrets(s, s.s2_owner.read(index, 0))) {
      for (u64 cell = 0; cell < 3; ++cell) {
        twin.content.contents.write(frame_at(index), cell * 200, mixed(salt, index, cell));
      }
    }
  }
  return twin;
}

// Does a page that the host may read, or could be given, hold something in `a` that it does not in `b`?
bool readable_pages_differ(const HandlerState& a, const HandlerState& b) {
  for (const auto& [key, value] : a.content.contents.cells()) {
    const u64 index = registry::inv::detail::index_of(a, key.first);
    const bool secret = index != INVALID64 && is_private(a, index);
    if (!secret && b.content.contents.read(key.first, key.second) != value) {
      return true;
    }
  }
  return false;
}

// What host and core keep apart from the VMs' secrets: all but saved registers of VMs, registers of the CPU
// while a VM has it, pages that are not the host's, and what the emulation was told.
std::string observed_difference(const HandlerState& a, const HandlerState& b) {
  const Fields judged = field::shadow | field::hw | field::memory | field::guest;
  if (const Fields d = difference(a, b) & ~judged; d != field::none) {
    return names_of(d);
  }
  for (const ContextRegister& r : kContext) {
    for (u64 n = r.number; n < r.number + r.count; ++n) {
      for (u64 cpu = 0; cpu < VCPU_PER_VM; ++cpu) {
        if (saved(a, HOSTVISOR, cpu, n) != saved(b, HOSTVISOR, cpu, n)) {
          return "a saved register of the host";
        }
      }
      if (a.cpu.cur_vmid == HOSTVISOR && reg_of(a, n) != reg_of(b, n)) {
        return "register " + std::to_string(n) + " of the CPU";
      }
    }
  }
  return readable_pages_differ(a, b) || readable_pages_differ(b, a) ? "a page that the host may read" : "";
}

std::string host_cannot_tell(Choice& c, Concrete& domain, Trap trap, unsigned& pairs) {
  const HandlerState s = random_vcpu_state<TinyParams>(c, domain, trap != Trap::exit);
  const HandlerState twin = twin_of(s, word64(c));
  if (const std::string before = observed_difference(s, twin); !before.empty()) {
    return "the two states differ for the host before: " + before;
  }
  const auto one = take(trap, domain, s), other = take(trap, domain, twin);
  if (!one) {
    return "";
  }
  ++pairs;
  if (one->result != other->result) {
    return "who runs next depends on a secret";
  }
  const std::string after = observed_difference(one->after, other->after);
  return after.empty() ? "" : "the host learns a secret by " + after;
}

void check_trap(Trap trap, const char* name) {
  unsigned pairs = 0;
  for_many_states(name, 3,
                  [&](Choice& c, Concrete& domain) { return host_cannot_tell(c, domain, trap, pairs); });
  EXPECT_GT(pairs, 50u);  // E11
}

TEST(VmConfidentiality, CallsOfTheHost) { check_trap(Trap::call, "calls"); }
TEST(VmConfidentiality, FaultsOfTheHost) { check_trap(Trap::fault, "faults"); }
TEST(VmConfidentiality, RunsOfAVcpu) { check_trap(Trap::run, "runs"); }
TEST(VmConfidentiality, Exits) { check_trap(Trap::exit, "exits"); }

// The test sees a leak: a core that shows x0 of a call, or all of a register that a device write stores in
// part.
TEST(VmConfidentiality, LeaksAreSeen) {
  for (const Fault leak : {Fault::vcpu_call_shown, Fault::cleared_page_not_zeroed}) {
    HandlerMachine::active_fault = leak;
    const Trap trap = leak == Fault::vcpu_call_shown ? Trap::exit : Trap::call;
    unsigned pairs = 0;
    bool seen = false;
    std::mt19937 engine(3);
    for (unsigned n = 0; n < 4000 && !seen; ++n) {
      Choice choice({static_cast<std::uint32_t>(engine()), static_cast<std::uint32_t>(engine())});
      Choice own = choice.branch();
      Concrete domain;
      seen = !host_cannot_tell(own, domain, trap, pairs).empty();
    }
    EXPECT_TRUE(seen) << static_cast<unsigned>(leak);
    HandlerMachine::active_fault = Fault::none;
  }
}

}  // namespace
}  // namespace redoubt::test
