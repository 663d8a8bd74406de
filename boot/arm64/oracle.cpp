// SPDX-License-Identifier: BSD-3-Clause
// The oracle's place in the debug core: its lock, this CPU's registers, what it says on the console.
#include "boot/arm64/oracle.hpp"

#include <atomic>
#include <utility>

#include "boot/arm64/console.hpp"
#include "boot/arm64/core_machine.hpp"
#include "boot/arm64/vm_end.hpp"
#include "core/page/audit.hpp"
#include "machine/oracle/comparison.hpp"
#include "machine/oracle/whole_state.hpp"

namespace redoubt::oracle {
namespace {

constexpr u64 kWholeEvery = 2000;              // calls
constexpr u64 kLinesOfACall = 4, kLines = 40;  // differences that are printed
constexpr std::uint32_t kNobody = ~std::uint32_t{0};

constexpr std::array<char const*, static_cast<std::size_t>(Primitive::count)> kNames{
    "map_page_host", "host_hvc_handler", "host_vcpu_run_handler", "vm_exit_handler"};

struct Parts : Watch {
  static u64 cpu() { return CoreHooks::cpu(); }
  static bool has_pmu() { return CoreHooks::has_pmu(); }
  static u64 trap_setting(u64 which) { return CoreHooks::trap_setting(static_cast<TrapSetting>(which)); }
  static u64 manifest_word(u64 which, u64 image, u64 index) {
    return CoreHooks::manifest_word(static_cast<ManifestWord>(which), image, index);
  }
  // The bits that a register has on this CPU. TID5 is there with MTE2 only (Arm ARM D24.2.51).
  static u64 implemented_bits(u64 number) {
    bool const mte2 = redoubt::Field<11, 8>::get(this_cpu().id.pfr1) >= 2;
    return number == ctxt::HCR_EL2 && !mte2 ? ~(u64{1} << 58) : ~u64{0};
  }
  static void difference(Difference const& difference);
};
using Checker = Comparison<QemuVirtParams, Parts>;

// A ticket lock that is held for long: who waits lets an emulator run the others.
class Turn {
 public:
  void take() {
    std::uint32_t const ticket = next_.fetch_add(1, std::memory_order_relaxed);
    while (serving_.load(std::memory_order_acquire) != ticket) {
      if (halted()) stop_this_cpu();  // R14
      el2::relax();
    }
  }
  void give() { serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

 private:
  std::atomic<std::uint32_t> next_{0}, serving_{0};
};

// All of it is the CPU's whose turn it is.
constinit Turn turn{};
constinit CallRecord call_record{};
constinit Checker checker(core_state, call_record);
constinit WholeState<QemuVirtParams> whole_state(core_state);
constinit std::atomic<std::uint32_t> checked_cpu{kNobody};
constinit Primitive checked_primitive = Primitive::count;
constinit u64 vector_words = 0;  // of a Z register
constinit u64 checked_calls = 0, different_calls = 0, lines = 0, lines_of_call = 0;

// VTTBR_EL2 as the layers know it: with the software root.
u64 software_vttbr(u64 live) {
  VmId<u64> const vmid(live >> VTTBR_VMID_SHIFT);
  if (vmid.raw >= PRINCIPALS || live != CoreMachine::hardware_vttbr(core_state.pool_base, vmid)) return live;
  return pool_of<QemuVirtParams>(core_state.pool_base, vmid).root.raw | vmid.raw << VTTBR_VMID_SHIFT;
}

template <std::size_t... I>
void read_system(CallRecord::Registers& to, CoreMachine& machine, std::index_sequence<I...>) {
  ((to[el2::kLiveRegisters[I].number] = machine.hw_read<el2::kLiveRegisters[I].number>()), ...);
}

// Of the host's CPTR_EL2: a guest's traps it.
void learn_vector_length() {
  if (guest_is_loaded() || CoreHooks::host_vectors() == nullptr) return;
  u64 bytes = 0;
  asm volatile(".arch_extension sve\n\trdvl %0, #1\n\t.arch_extension nosve" : "=r"(bytes));
  vector_words = bytes / 8;
}

void read_registers(CallRecord::Registers& to) {
  CoreMachine machine(core_state);
  for (std::size_t n = 0; n < 31; ++n) to[n] = CoreHooks::general_registers()[n];
  read_system(to, machine, std::make_index_sequence<el2::kLiveRegisters.size()>{});
  to[ctxt::EC] = machine.hw_read<ctxt::EC>();
  to[ctxt::TPIDR_EL2] = machine.hw_read<ctxt::TPIDR_EL2>();
  to[ctxt::VTTBR_EL2] = software_vttbr(to[ctxt::VTTBR_EL2]);
  fpsimd_save_words(&to[ctxt::FPSR]);
}

u64 before(Field field, u64 k0, u64 k1) { return checker.view().read(When::before, field, k0, k1); }

u64 specified(Checker::Spec& spec, Primitive primitive, u64 argument) {
  switch (primitive) {
    case Primitive::map_page_host:
      return static_cast<u64>(spec.map_page_host(Ipa<u64>(argument)));
    case Primitive::host_vcpu_run_handler:
      return static_cast<u64>(spec.host_vcpu_run_handler());
    case Primitive::vm_exit_handler:
      return static_cast<u64>(spec.vm_exit_handler());
    default:
      spec.host_hvc_handler();
      return 0;
  }
}

void put(std::string_view text) {
  for (char const c : text) {
    char const one[] = {c, 0};
    console::put(one);
  }
}

void Parts::difference(Difference const& difference) {
  if (lines == kLines || lines_of_call == kLinesOfACall) return;
  ++lines;
  ++lines_of_call;
  console::put("\r\nredoubt: oracle: ");
  console::put(kNames[static_cast<std::size_t>(checked_primitive)]);
  console::put(": ");
  put(kFieldNames[static_cast<std::size_t>(difference.field)]);
  console::put("(");
  console::put_hex(difference.k0);
  console::put(", ");
  console::put_hex(difference.k1);
  console::put("): expected ");
  console::put_hex(difference.expected);
  console::put(", found ");
  console::put_hex(difference.found);
  console::put(difference.label.empty() ? "" : ", ");
  put(difference.label);
  console::put(", call ");
  console::put_decimal(checked_calls);
  console::end_line();
}

// Every step of the ownership audit, and the sums of all words.
u64 look_at_everything() {
  u64 differences = 0;
  auto const differs = [&](u64 k0, u64 k1, u64 expected, u64 found) {
    ++differences;
    Parts::difference({Field::whole, k0, k1, expected, found});
  };
  whole_state.look([&](u64 part, u64 expected, u64 found) { differs(0, part, expected, found); });
  CoreMachine machine(core_state);
  CoreTower tower(machine);
  AuditResult audit{};
  do {
    audit = Audit<CoreTower, CoreMachine>(tower, machine).step(audit.next);
    if (audit.invariant != 0) differs(audit.invariant, audit.frame, 0, 1);
  } while (audit.next != 0 && audit.invariant == 0);
  return differences;
}

}  // namespace

CallRecord* Watch::record() {
  return checked_cpu.load(std::memory_order_relaxed) == CoreHooks::cpu() ? &call_record : nullptr;
}

u64 Watch::fingerprint(u64 frame) {
  u64 sum = 0, any = 0;
  for (u64 at = 0; at < PAGE_SIZE; at += 8) {
    u64 const word = el2::load<u64>((frame << PAGE_SHIFT) + at);
    any |= word;
    sum = (sum << 7 | sum >> 57) + word * 0x9e37'79b9'7f4a'7c15;
  }
  return any == 0 ? 0 : sum << 12 | 1;  // a hash step adds offsets below 4096
}

u64 const* Watch::host_vector(u64 context, u64 number) {
  if (context >= TOTAL_CPU || number < ctxt::Q0 || CoreHooks::host_vectors() == nullptr) return nullptr;
  u64 const half = number - ctxt::Q0;
  return &per_cpu[context].host_vectors[half / 2 * vector_words + half % 2];
}

u64 Watch::last_vcpu(u64 vmid) { return core_state.cpu.loaded[CoreHooks::cpu()].last_vcpu[vmid]; }

void begin_call() {
  turn.take();
  learn_vector_length();
  call_record.begin();
  read_registers(call_record.registers_before);
  checked_cpu.store(CoreHooks::cpu(), std::memory_order_relaxed);
}

void end_call(Primitive primitive, u64 argument, u64 result) {
  checked_cpu.store(kNobody, std::memory_order_relaxed);
  if (!vms_have_ended()) {  // its steps need no turn
    read_registers(call_record.registers_after);
    checked_primitive = primitive;
    lines_of_call = 0;
    ++checked_calls;
    auto const call = [&](Checker::Spec& spec) { return specified(spec, primitive, argument); };
    u64 differences = checker.run(&before, result, call);
    whole_state.follow(call_record);
    if (checked_calls % kWholeEvery == 1) differences += look_at_everything();
    different_calls += differences != 0 ? 1 : 0;
  }
  turn.give();
}

// Words of one store each: no turn is needed.
Figures figures() { return {checked_calls, different_calls}; }

void print_figures() {
  console::put("\r\nredoubt: oracle checked ");
  console::put_decimal(checked_calls);
  console::put(" calls and exits, ");
  console::put_decimal(different_calls);
  console::put(" differ");
  console::end_line();
}

}  // namespace redoubt::oracle
