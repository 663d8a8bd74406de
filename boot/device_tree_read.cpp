// SPDX-License-Identifier: BSD-3-Clause
// read_device_tree of device_tree.hpp: what the boot loader says about the machine, checked.
#include "boot/device_tree.hpp"
#include "boot/device_tree_cells.hpp"
#include "boot/image_format.hpp"

namespace redoubt {
namespace {

std::uint64_t error_number(int libfdt_result) { return static_cast<std::uint64_t>(-libfdt_result); }

bool enabled(void const* tree, int node) {
  return property(tree, node, "status").empty() || property_is(tree, node, "status", "okay") ||
         property_is(tree, node, "status", "ok");
}

// Keeps the list sorted by base.
BootFailure add_memory(BootInfo& info, Board const& board, Range region) {
  if (region.size == 0) return {};
  if (!is_aligned(region.base, kPageSize) || !is_aligned(region.size, kPageSize))
    return {BootError::tree_memory_misaligned, region.base};
  if (!board.ram_window.contains(region)) return {BootError::tree_memory_outside_board, region.base};
  for (auto const& other : info.memory)
    if (other.overlaps(region)) return {BootError::tree_memory_overlaps, region.base};
  if (!info.memory.push(region)) return {BootError::tree_too_many_regions};
  for (std::size_t i = info.memory.size() - 1; i > 0 && info.memory[i - 1].base > region.base; --i) {
    info.memory[i] = info.memory[i - 1];
    info.memory[i - 1] = region;
  }
  info.ram_bytes += region.size;
  return {};
}

// The name of `node` without its unit address is `name`.
bool is_named(void const* tree, int node, char const* name) {
  char const* text = fdt_get_name(tree, node, nullptr);
  if (text == nullptr) return false;
  for (; *name != 0; ++name, ++text)
    if (*text != *name) return false;
  return *text == 0 || *text == '@';
}

// Children of the root that matter, found in one pass: a lookup by path costs a pass each. Negative: absent.
struct TopNodes {
  FixedList<int, kMaximumRegions> memory;
  bool too_many_memory_nodes = false;
  int cpus = -1, chosen = -1, reserved_memory = -1, interrupt_controller = -1, smmu = -1;
};

TopNodes find_top_nodes(void const* tree, Board const& board) {
  TopNodes found;
  int node = 0;
  fdt_for_each_subnode(node, tree, 0) {
    if (is_named(tree, node, "memory")) {
      found.too_many_memory_nodes |= !found.memory.push(node);
    } else if (is_named(tree, node, "cpus")) {
      found.cpus = node;
    } else if (is_named(tree, node, "chosen")) {
      found.chosen = node;
    } else if (is_named(tree, node, "reserved-memory")) {
      found.reserved_memory = node;
    } else if (auto const kinds = property(tree, node, "compatible"); contains_string(kinds, "arm,gic-v3")) {
      found.interrupt_controller = node;
    } else if (contains_string(kinds, board.smmu_compatible)) {
      found.smmu = node;
    }
  }
  return found;
}

BootFailure read_memory(void const* tree, TopNodes const& top, Board const& board, BootInfo& info) {
  Cells const cells = cells_of(tree, 0);
  if (!cells.supported()) return {BootError::tree_cells_unsupported};
  if (top.too_many_memory_nodes) return {BootError::tree_too_many_regions};
  for (int const node : top.memory) {
    if (!property_is(tree, node, "device_type", "memory") || !enabled(tree, node)) continue;
    BootFailure failure;
    bool const complete = for_each_reg(tree, node, cells, [&](Range region) {
      failure = add_memory(info, board, region);
      return failure.ok();
    });
    if (!failure.ok()) return failure;
    if (!complete) return {BootError::tree_corrupt, FDT_ERR_BADVALUE};
  }
  if (info.memory.size() == 0) return {BootError::tree_no_memory};
  if (info.ram_bytes < board.minimum_ram) return {BootError::ram_too_small, board.minimum_ram};
  if (info.ram_bytes > board.maximum_ram) return {BootError::ram_too_large, board.maximum_ram};
  return {};
}

BootFailure read_cpus(void const* tree, int parent, std::uint64_t boot_cpu, BootInfo& info) {
  if (parent < 0) return {BootError::tree_no_cpus};
  int const cells = fdt_address_cells(tree, parent);
  if (cells < 1 || cells > 2) return {BootError::tree_cells_unsupported};
  bool boot_cpu_listed = false;
  bool all_by_psci = true;
  int node = 0;
  fdt_for_each_subnode(node, tree, parent) {
    if (!property_is(tree, node, "device_type", "cpu") || !enabled(tree, node)) continue;
    auto const reg = property(tree, node, "reg");
    if (reg.size() != static_cast<std::size_t>(cells) * 4) return {BootError::tree_corrupt, FDT_ERR_BADVALUE};
    std::uint64_t const affinity = read_cells(reg.data(), cells);
    if (!info.cpus.push(affinity)) return {BootError::tree_too_many_cpus};
    boot_cpu_listed |= affinity == boot_cpu;
    all_by_psci &= property_is(tree, node, "enable-method", "psci");
  }
  if (info.cpus.size() == 0) return {BootError::tree_no_cpus};
  if (!boot_cpu_listed) return {BootError::tree_boot_cpu_missing, boot_cpu};
  if (info.cpus.size() > 1 && !all_by_psci) return {BootError::tree_cpu_method, boot_cpu};
  return {};
}

BootFailure add_reservation(BootInfo& info, Range range) {
  if (range.size == 0) return {};
  if (!range.valid()) return {BootError::tree_corrupt, FDT_ERR_BADVALUE};
  return info.reservations.push(range) ? BootFailure{} : BootFailure{BootError::tree_too_many_reservations};
}

BootFailure read_reservations(void const* tree, int parent, BootInfo& info) {
  int const count = fdt_num_mem_rsv(tree);
  for (int i = 0; i < count; ++i) {
    Range range;
    if (int const result = fdt_get_mem_rsv(tree, i, &range.base, &range.size); result < 0)
      return {BootError::tree_corrupt, error_number(result)};
    if (auto const failure = add_reservation(info, range); !failure.ok()) return failure;
  }
  if (parent < 0) return {};
  Cells const cells = cells_of(tree, parent);
  if (!cells.supported()) return {BootError::tree_cells_unsupported};
  int node = 0;
  fdt_for_each_subnode(node, tree, parent) {
    BootFailure failure;
    bool const complete = for_each_reg(tree, node, cells, [&](Range range) {
      failure = add_reservation(info, range);
      return failure.ok();
    });
    if (!failure.ok()) return failure;
    if (!complete) return {BootError::tree_corrupt, FDT_ERR_BADVALUE};
  }
  return {};
}

BootFailure read_initrd(void const* tree, int chosen, BootInfo& info) {
  if (chosen < 0) return {};
  auto const start = property(tree, chosen, "linux,initrd-start");
  auto const end = property(tree, chosen, "linux,initrd-end");
  if (start.empty() && end.empty()) return {};
  auto const is_number = [](auto value) { return value.size() == 4 || value.size() == 8; };
  if (!is_number(start) || !is_number(end)) return {BootError::tree_corrupt, FDT_ERR_BADVALUE};
  std::uint64_t const base = read_cells(start.data(), static_cast<int>(start.size() / 4));
  std::uint64_t const limit = read_cells(end.data(), static_cast<int>(end.size() / 4));
  if (limit == base) return {};
  if (limit < base) return {BootError::initrd_outside_ram, base};
  Range const initrd{base, limit - base};
  for (auto const& region : info.memory) {
    if (!region.contains(initrd)) continue;
    info.initrd = initrd;
    return {};
  }
  return {BootError::initrd_outside_ram, base};
}

// The interrupt controller must be where the board says, with a redistributor for each CPU.
BootFailure read_interrupt_controller(void const* tree, int node, Board const& board, BootInfo& info) {
  Range frames[2];
  std::size_t count = 0;
  bool const complete = node >= 0 && for_each_reg(tree, node, cells_of(tree, 0), [&](Range range) {
                          if (count < 2) frames[count++] = range;
                          return true;
                        });
  Range const needed{board.redistributors.base, board.redistributor_stride * info.cpus.size()};
  if (!complete || count < 2 || frames[0].base != board.host_windows[0].range.base ||
      frames[1].base != board.redistributors.base || !frames[1].contains(needed))
    return {BootError::tree_no_interrupt_controller};
  for (auto const& window : board.host_windows)
    if (!info.host_devices.push(window.range)) return {BootError::tree_too_many_regions};
  for (std::size_t cpu = 0; cpu < info.cpus.size(); ++cpu) {
    // All but the first page, which the core emulates: see redistributor.hpp.
    Range const frame{needed.base + cpu * board.redistributor_stride + kPageSize,
                      board.redistributor_stride - kPageSize};
    if (!info.host_devices.push(frame)) return {BootError::tree_too_many_regions};
  }
  return {};
}

}  // namespace

BootFailure read_device_tree(void const* blob, std::size_t readable, Board const& board,
                             std::uint64_t boot_cpu, BootInfo& info) {
  if (readable < sizeof(fdt_header)) return {BootError::tree_truncated, FDT_ERR_TRUNCATED};
  if (int const result = fdt_check_header(blob); result < 0)
    return {BootError::tree_truncated, error_number(result)};
  if (fdt_totalsize(blob) > kMaximumTreeSize) return {BootError::tree_too_large, fdt_totalsize(blob)};
  if (fdt_totalsize(blob) > readable) return {BootError::tree_truncated, FDT_ERR_TRUNCATED};
  if (int const result = fdt_check_full(blob, readable); result < 0)
    return {BootError::tree_corrupt, error_number(result)};
  TopNodes const top = find_top_nodes(blob, board);
  if (auto const failure = read_memory(blob, top, board, info); !failure.ok()) return failure;
  if (auto const failure = read_cpus(blob, top.cpus, boot_cpu, info); !failure.ok()) return failure;
  if (auto const failure = read_reservations(blob, top.reserved_memory, info); !failure.ok()) return failure;
  if (auto const failure = read_initrd(blob, top.chosen, info); !failure.ok()) return failure;
  info.smmu_present = top.smmu >= 0;
  return read_interrupt_controller(blob, top.interrupt_controller, board, info);
}

std::size_t device_tree_bytes(void const* blob) { return fdt_totalsize(blob); }

// A tree whose blocks are out of order cannot be packed in place; fdt_open_into then puts them in order
// itself.
void pack_device_tree(void* blob) { (void)fdt_pack(blob); }

std::size_t host_tree_size(void const* blob) {
  constexpr std::size_t room_for_reservations = 2048;
  std::size_t const used = static_cast<std::size_t>(fdt_size_dt_struct(blob)) + fdt_size_dt_strings(blob) +
                           static_cast<std::size_t>(fdt_num_mem_rsv(blob) + 1) * sizeof(fdt_reserve_entry) +
                           sizeof(fdt_header);
  return align_up(used + room_for_reservations, kPageSize);
}

}  // namespace redoubt
