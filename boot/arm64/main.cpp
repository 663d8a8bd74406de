// SPDX-License-Identifier: BSD-3-Clause
// The way from entry to the host: check, map, reserve, configure, ERET.
#include "boot/arm64/admission.hpp"
#include "boot/arm64/banner.hpp"
#include "boot/arm64/console.hpp"
#include "boot/arm64/firmware.hpp"
#include "boot/arm64/halt.hpp"
#include "boot/arm64/host_stage2.hpp"
#include "boot/arm64/per_cpu.hpp"
#include "boot/arm64/probe.hpp"
#include "boot/arm64/qemu_virt.hpp"
#include "boot/arm64/services.hpp"
#include "boot/arm64/smmu_abort.hpp"
#include "boot/arm64/stage1.hpp"
#include "boot/arm64/vcpu_hardware.hpp"
#include "boot/device_tree.hpp"
#include "boot/key_set.hpp"
#include "boot/layout.hpp"
#include "boot/psci.hpp"
#include "boot/redistributor.hpp"
#include "core/machine/field.hpp"
#include "machine/el2/barrier.hpp"
#include "machine/el2/memory.hpp"

extern "C" {
extern char _start[];
extern redoubt::ImageDescriptor const image_descriptor;
[[noreturn]] void enter_host(std::uint64_t entry, std::uint64_t context);
}

namespace redoubt {
namespace {

constexpr Board const& kThisBoard = qemu_virt::kBoard;
// Aff3, Aff2, Aff1, Aff0 of MPIDR_EL1.
constexpr std::uint64_t kAffinityMask = Field<39, 32>::mask | Field<23, 0>::mask;

[[noreturn]] void refuse_to_boot(BootFailure failure) {
  BootErrorText const text = boot_error_text(failure.error);
  console::put("redoubt: error: ");
  console::put(text.message);
  if (text.detail_is != nullptr) {
    console::put(" (");
    console::put(text.detail_is);
    console::put(": ");
    console::put_hex(failure.detail);
    console::put(")");
  }
  console::end_line();
  if (failure.error != BootError::not_el2) (void)firmware::call(psci::kSystemOff, 0, 0, 0);
  stop_this_cpu();
}

void require(BootFailure failure) {
  if (!failure.ok()) refuse_to_boot(failure);
}

BootFailure check_cpu() {
  constexpr std::uint64_t e2h = Flag<34>::mask;
  if ((el2::read<el2::reg::hcr_el2>() & e2h) != 0) return {BootError::e2h_stuck};
  std::uint64_t const mmfr0 = el2::read<el2::reg::id_aa64mmfr0_el1>();
  bool const has_40_bits = mmfr0::PaRange::get(mmfr0) >= 2;
  bool const has_4k = mmfr0::Granule4K::get(mmfr0) != 0xf;
  return has_40_bits && has_4k ? BootFailure{} : BootFailure{BootError::cpu_unsupported, mmfr0};
}

// Zeroes with DC ZVA; unrolled, because this is the longest loop of the boot: MMU on, `range` 4 KiB aligned
// (Arm ARM C6.2.122).
[[gnu::optimize("O2", "unroll-loops")]] void zero(Range range) {
  std::uint64_t const step = std::uint64_t{4} << Field<3, 0>::get(el2::read<el2::reg::dczid_el0>());
  constexpr unsigned unrolled = 16;
  std::uint64_t at = range.base;
  for (; range.end() - at >= unrolled * step; at += unrolled * step)
    for (unsigned i = 0; i < unrolled; ++i) el2::dc_zva(at + i * step);
  for (; at < range.end(); at += step) el2::dc_zva(at);  // a page holds whole blocks: the largest is 2 KiB
}

// The tables and records of the layers. Without an SMMU nothing ever reads its part.
void zero_core_data() {
  std::uint64_t const base = boot_info.core_data.base;
  zero({base, kSmmuPoolOffset});
  if (boot_info.smmu_present) zero({base + kSmmuPoolOffset, kMailboxesOffset - kSmmuPoolOffset});
  zero({base + kMailboxesOffset, boot_info.core_data.size - kMailboxesOffset});
}

// Each CPU's redistributor is a GICv3 one: two frames, the affinity of the tree, no virtual LPIs.
BootFailure check_redistributors() {
  for (std::size_t cpu = 0; cpu < boot_info.cpus.size(); ++cpu) {
    std::uint64_t const frame = kThisBoard.redistributors.base + cpu * kThisBoard.redistributor_stride;
    std::uint64_t const typer = el2::load<std::uint64_t>(frame + 8);
    bool const has_virtual_lpis = Flag<1>::get(typer) != 0;
    if (has_virtual_lpis || redistributor_affinity(typer) != boot_info.cpus[cpu])
      return {BootError::redistributor_unsupported, frame};
  }
  return {};
}

BootFailure check_firmware(firmware::Features features) {
  std::uint32_t const major = features.psci_version >> 16, minor = features.psci_version & 0xffff;
  bool const good = major < 0x8000 && (major >= 1 || minor >= 2);
  return good ? BootFailure{} : BootFailure{BootError::firmware_unsupported, features.psci_version};
}

std::size_t index_of(std::uint64_t affinity) {
  std::size_t cpu = 0;
  while (boot_info.cpus[cpu] != affinity) ++cpu;
  return cpu;
}

// Where RAM ends is known only when the tree is read, so each of its pages is tried first.
void require_place(Range tree) {
  Range const core{reinterpret_cast<std::uint64_t>(_start), kBlockSize};
  require(check_tree_place(kThisBoard, core, tree));
  if (auto const bad = first_unreadable(tree); bad != tree.end())
    refuse_to_boot({BootError::tree_outside_ram, bad});
}

// Finds out where the tree ends; it can be read completely then.
Range find_tree(std::uint64_t tree) {
  if (tree == 0) refuse_to_boot({BootError::tree_missing});
  if (tree % 8 != 0) refuse_to_boot({BootError::tree_misaligned, tree});
  require_place({tree, kTreeHeaderSize});
  Range range{tree, 0};
  require(read_tree_size(reinterpret_cast<void const*>(tree), range.size));
  require_place(range);
  return range;
}

// Everything that reads the boot loader's device tree; afterwards boot_info is complete.
void take_stock(std::uint64_t tree) {
  Range const tree_range = find_tree(tree);
  auto* const blob = reinterpret_cast<void*>(tree);
  std::uint64_t const affinity = el2::read<el2::reg::mpidr_el1>() & kAffinityMask;
  require(read_device_tree(blob, tree_range.size, kThisBoard, affinity, boot_info));

  LoadedImage const image{reinterpret_cast<std::uint64_t>(_start), image_descriptor};
  pack_device_tree(blob);
  require(plan_layout(image, tree_range, core_data_size(boot_info.ram_bytes / kPageSize),
                      host_tree_size(blob), boot_info));
  require(stage1_map::complete(kThisBoard, boot_info));
  require(write_host_tree(blob, reinterpret_cast<void*>(boot_info.host_tree.base), boot_info.host_tree.size,
                          kThisBoard, boot_info));
  if (el2::load<std::uint32_t>(boot_info.payload.base + offsetof(LinuxImageHeader, magic)) !=
      kLinuxImageMagic)
    refuse_to_boot({BootError::payload_not_an_image});
}

// The host starts with caches off: what the core wrote for it must be in memory.
void clean_for_host(Range range) {
  std::uint64_t const line = std::uint64_t{4} << Field<19, 16>::get(el2::read<el2::reg::ctr_el0>());
  for (std::uint64_t at = align_down(range.base, line); at < range.end(); at += line) el2::dc_civac(at);
  el2::dsb_sy();
}

}  // namespace
}  // namespace redoubt

extern "C" {

[[noreturn]] void refuse_exception_level(std::uint64_t level) {
  redoubt::console::init(redoubt::kThisBoard.uart);
  redoubt::refuse_to_boot({redoubt::BootError::not_el2, level});
}

// MMU off.
void boot_before_mmu(std::uint64_t tree) {
  redoubt::console::init(redoubt::kThisBoard.uart);
  redoubt::require(redoubt::check_cpu());
  redoubt::stage1_map::build_first(redoubt::kThisBoard, tree);
}

[[noreturn]] void boot_main(std::uint64_t tree, std::uint64_t entry_ticks) {
  using namespace redoubt;
  board = &kThisBoard;
  banner::title();
  take_stock(tree);
  std::size_t const self = index_of(el2::read<el2::reg::mpidr_el1>() & kAffinityMask);
  init_this_cpu(self);
  require(check_redistributors());
  this_cpu().has_signals = VcpuHardwareEl2::probe_signals();
  auto const features = firmware::probe();
  require(check_firmware(features));
  if (boot_info.smmu_present) abort_all_dma(kThisBoard.smmu.base);
  zero_core_data();
  host_stage2.init(boot_info);
  init_services(self, entry_ticks, features.smccc_1_1);
  count(REDOUBT_COUNTER_CORE_BYTES, boot_info.core_bytes());
  count(REDOUBT_COUNTER_CORE_IMAGE_BASE, boot_info.core_image.base);
  count(REDOUBT_COUNTER_CORE_IMAGE_SIZE, boot_info.core_image.size);
  count(REDOUBT_COUNTER_CORE_DATA_BASE, boot_info.core_data.base);
  count(REDOUBT_COUNTER_CORE_DATA_SIZE, boot_info.core_data.size);
  log_event(REDOUBT_EVENT_BOOT, boot_info.core_bytes());
  auto const* const first_key = reinterpret_cast<std::byte const*>(boot_info.keys.base);
  auto const keys = admission::init(read_key_set(first_key, boot_info.keys.size / kKeySize));
  banner::machine(kThisBoard, boot_info, keys);
  clean_for_host(boot_info.host_tree);
  write_host_registers(host_stage2.vttbr());
  count(REDOUBT_COUNTER_BOOT_TICKS, el2::read<el2::reg::cntpct_el0>() - entry_ticks);
  enter_host(boot_info.payload.base, boot_info.host_tree.base);
}

// MMU on; `cpu` is what core_entry() was started with.
[[noreturn]] void secondary_main(std::uint64_t cpu) {
  using namespace redoubt;
  if (cpu >= boot_info.cpus.size()) panic(Invariant::firmware_returned);
  init_this_cpu(cpu);
  this_cpu().has_signals = VcpuHardwareEl2::probe_signals();
  if (halted()) stop_this_cpu();
  write_host_registers(host_stage2.vttbr());
  std::uint64_t context = 0;
  std::uint64_t const entry = take_start(cpu, context);
  enter_host(entry, context);
}

}  // extern "C"
