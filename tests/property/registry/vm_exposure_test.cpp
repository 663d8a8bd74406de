// SPDX-License-Identifier: BSD-3-Clause
// What an exit shows the host is exactly what upper digest 1.9 lists for its kind, and what is in the CPU's
// registers belongs to who runs next, all of it.
#include <set>

#include "tests/property/registry/handlers.hpp"

namespace redoubt::test {
namespace {

using Words = std::set<u64>;

u64 word_of(ShownWord field, u64 index = 0) {
  return spec::SHOWN_WORDS + 4 * static_cast<u64>(field) + index;
}

// Every exit's.
Words always() {
  Words words{word_of(ShownWord::exit), word_of(ShownWord::wake), word_of(ShownWord::runnable),
              word_of(ShownWord::spi_taken)};
  for (u64 i = 0; i < MAILBOX_ACTIVES; ++i) {
    words.insert(word_of(ShownWord::spi_active, i));
  }
  return words;
}

// What the exit with that reason shows besides; `esr` is the private syndrome.
Words of_exit(u64 reason, u64 esr) {
  Words words = always();
  const bool trapped_wait = esr >> 26 == Syndrome::kWait;
  if (reason == REDOUBT_EXIT_WFI && trapped_wait) {
    words.insert(word_of(ShownWord::deadline));
  } else if (reason == REDOUBT_EXIT_FAULT) {
    words.insert(word_of(ShownWord::address));
  } else if (reason == REDOUBT_EXIT_MMIO) {
    words.insert({word_of(ShownWord::address), word_of(ShownWord::size), word_of(ShownWord::is_write)});
    if ((esr >> 6 & 1) != 0) {
      words.insert(esr >> 16 & 31);
    }
  }
  return words;
}

// The words of the mailboxes that the core wrote.
Words shown_by(const TrapOutcome& outcome, u64 context, bool& other) {
  Words words;
  for (const Event<u64>& e : outcome.events) {
    if (e.kind == EventKind::show_host) {
      words.insert(e.at);
      other = other || e.who != context;
    }
  }
  return words;
}

std::string exit_shows_its_kind(Choice& c, Concrete& domain, unsigned& exits) {
  const HandlerState s = random_vcpu_state<TinyParams>(c, domain, false);
  const auto outcome = take(Trap::exit, domain, s);
  if (!outcome) {
    return "";
  }
  const u64 v = s.cpu.cur_vmid, n = s.cpu.cur_vcpuid;
  bool other = false;
  const Words shown = shown_by(*outcome, v * VCPU_PER_VM + n, other);
  if (other) {
    return "another vCPU's mailbox was written";
  }
  if (resumes(*outcome)) {
    return shown.empty() ? "" : "a vCPU that goes on shows something";
  }
  ++exits;
  const u64 reason = saved(outcome->after, v, n, ctxt::EXIT_REASON), esr = reg_of(s, ctxt::ESR_EL2);
  const bool trap = reg_of(s, ctxt::EC) == exit_class::kTrap;
  // The reason of a call or a system register is the emulation's word: it may be any, and nothing more is
  // shown.
  const u64 ec = esr >> 26;
  const bool own =
      trap && (ec == Syndrome::kWait || ec == Syndrome::kDataAbort || ec == Syndrome::kInstructionAbort) &&
      saved(outcome->after, v, n, ctxt::EC) == exit_class::kTrap;
  const Words expected = own ? of_exit(reason, esr) : always();
  if (shown != expected) {
    return "exit " + std::to_string(reason) + " of class " + std::to_string(ec) + " shows other words";
  }
  if (own && reason == REDOUBT_EXIT_MMIO && (esr >> 6 & 1) != 0) {
    const u64 rt = esr >> 16 & 31, bits = u64{8} << (esr >> 22 & 3);
    const u64 value = rt == 31 ? 0 : saved(outcome->after, v, n, rt);
    const u64 low = bits == 64 ? value : value & ((u64{1} << bits) - 1);
    if (outcome->after.cpu.shown.read(v * VCPU_PER_VM + n, rt) != low) {
      return "a device write shows another value than the low bytes of its register";
    }
  }
  return reg_of(outcome->after, 0) == 0 && reg_of(outcome->after, 1) == reason
             ? ""
             : "VCPU_RUN's results are not success and the reason";
}

// Registers that movers carry: each is that of `vmid`, `vcpuid`.
std::string registers_belong_to(const HandlerState& s, u64 vmid, u64 vcpuid) {
  std::string wrong;
  const auto check = [&]<Move Which>() {
    if (wrong.empty() && reg_of(s, Which.live) != saved(s, vmid, vcpuid, Which.shadow)) {
      wrong = "register " + std::to_string(Which.live) + " of the CPU is somebody else's";
    }
  };
  for_each_move<moved::general | moved::system | moved::fault | moved::fp | moved::offset>(
      [&]<Move Which>() { check.template operator()<Which>(); });
  return wrong;
}

std::string switch_moves_all(Choice& c, Concrete& domain, Trap trap, unsigned& switches) {
  const HandlerState s = random_vcpu_state<TinyParams>(c, domain, trap == Trap::run);
  const auto outcome = take(trap, domain, s);
  if (!outcome || resumes(*outcome) != (trap == Trap::run)) {
    return "";
  }
  ++switches;
  const auto& cpu = outcome->after.cpu;
  const bool to_guest = trap == Trap::run;
  if (to_guest == (cpu.cur_vmid == HOSTVISOR)) {
    return "the one who runs next is not loaded";
  }
  if (to_guest &&
      outcome->after.records.vm_vcpu_state.read(cpu.cur_vmid, cpu.cur_vcpuid) != vm_state::ACTIVE) {
    return "the vCPU that runs is not ACTIVE";
  }
  if (!to_guest &&
      outcome->after.records.vm_vcpu_state.read(s.cpu.cur_vmid, s.cpu.cur_vcpuid) != vm_state::READY) {
    return "the vCPU that left is not READY";
  }
  const u64 hcr =
      cpu.trap_setting.read(static_cast<u64>(to_guest ? TrapSetting::guest_hcr : TrapSetting::host_hcr), 0);
  if (reg_of(outcome->after, ctxt::HCR_EL2) != hcr ||
      reg_of(outcome->after, ctxt::VTTBR_EL2) >> 48 != cpu.cur_vmid) {
    return "traps or stage 2 are not those of who runs";
  }
  const u64 timer = reg_of(outcome->after, ctxt::CNTHCTL_EL2) & 3;
  if (timer != (to_guest ? 1u : 3u)) {
    return "the physical timer is not the host's alone";
  }
  return registers_belong_to(outcome->after, cpu.cur_vmid, cpu.cur_vcpuid);
}

// E11: enough of the states came to where something is said.
constexpr unsigned kRounds = 6, kEnough = 50;

TEST(VmExposure, ExitShowsWhatItsKindShows) {
  unsigned exits = 0;
  for_many_states("exits", kRounds,
                  [&](Choice& c, Concrete& domain) { return exit_shows_its_kind(c, domain, exits); });
  EXPECT_GT(exits, kEnough);
}

TEST(VmExposure, ExitLeavesNothingOfTheGuest) {
  unsigned switches = 0;
  for_many_states("switch to the host", kRounds, [&](Choice& c, Concrete& domain) {
    return switch_moves_all(c, domain, Trap::exit, switches);
  });
  EXPECT_GT(switches, kEnough);
}

TEST(VmExposure, RunLeavesNothingOfTheHost) {
  unsigned switches = 0;
  for_many_states("switch to a vCPU", kRounds, [&](Choice& c, Concrete& domain) {
    return switch_moves_all(c, domain, Trap::run, switches);
  });
  EXPECT_GT(switches, kEnough);
}

}  // namespace
}  // namespace redoubt::test
