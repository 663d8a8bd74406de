// SPDX-License-Identifier: BSD-3-Clause
// write_host_tree of device_tree.hpp: the host sees only the devices the board lists, and the core's memory
// as reserved.
#include "boot/device_tree.hpp"
#include "boot/device_tree_cells.hpp"

namespace redoubt {
namespace {

constexpr int kMaximumDepth = 8;  // nodes deeper than this are removed

BootFailure no_room(int libfdt_result) {
  return {BootError::tree_no_room, static_cast<std::uint64_t>(-libfdt_result)};
}

bool listed(Board const& board, BootInfo const& info, Range range) {
  for (auto const& window : board.host_windows)
    if (window.range.contains(range)) return true;
  for (auto const& region : info.memory)
    if (region.contains(range)) return true;
  return board.redistributors.contains(range);
}

bool is_withheld_kind(void const* tree, int node, Board const& board) {
  auto const kinds = property(tree, node, "compatible");
  for (char const* kind : board.withheld)
    if (contains_string(kinds, kind)) return true;
  return false;
}

// A child of `parent` is withheld if one of its addresses is not listed, if the board names its kind, or if
// it is a bus of the root: what is behind it cannot be judged. "reg" is an address only below the root or a
// bus.
bool is_withheld(void const* tree, int node, int parent, Board const& board, BootInfo const& info) {
  bool const below_bus = parent == 0 || fdt_getprop(tree, parent, "ranges", nullptr) != nullptr;
  if (!below_bus) return false;
  if (!property(tree, node, "reg").empty()) {
    Cells const cells = cells_of(tree, parent);
    bool const all_listed = cells.supported() && for_each_reg(tree, node, cells, [&](Range range) {
                              return listed(board, info, range);
                            });
    return !all_listed || is_withheld_kind(tree, node, board);
  }
  if (is_withheld_kind(tree, node, board)) return true;
  return parent == 0 && fdt_getprop(tree, node, "ranges", nullptr) != nullptr &&
         fdt_subnode_offset(tree, 0, "reserved-memory") != node;
}

// Deletes the node at `node`; `next` is the node behind it, or negative, and is moved with it.
int delete_node(void* tree, int node, int& next) {
  auto const before = static_cast<int>(fdt_size_dt_struct(tree));
  int const result = fdt_del_node(tree, node);
  if (next >= 0) next -= before - static_cast<int>(fdt_size_dt_struct(tree));
  return result;
}

// One pass over all nodes; parents lie before their children, so their offsets stay.
BootFailure remove_withheld(void* tree, Board const& board, BootInfo& info) {
  int parents[kMaximumDepth + 1] = {};
  int depth = 0;
  int node = fdt_next_node(tree, 0, &depth);
  while (node >= 0 && depth > 0) {
    int next_depth = depth;
    int next = fdt_next_node(tree, node, &next_depth);
    if (depth > kMaximumDepth || is_withheld(tree, node, parents[depth - 1], board, info)) {
      while (next >= 0 && next_depth > depth) next = fdt_next_node(tree, next, &next_depth);
      if (int const result = delete_node(tree, node, next); result < 0) return no_room(result);
      ++info.devices_withheld;
    } else if (depth < kMaximumDepth) {
      parents[depth] = node;
    }
    node = next;
    depth = next_depth;
  }
  return {};
}

// "redoubt@<address>"
struct NodeName {
  char text[32];
  explicit NodeName(std::uint64_t address) : text{"redoubt@"} {
    int position = 8;
    for (int shift = 60; shift >= 0; shift -= 4) {
      auto const digit = address >> shift;
      if (digit != 0 || shift == 0) text[position++] = "0123456789abcdef"[digit & 15];
    }
    text[position] = 0;
  }
};

// Linux ignores every reservation where the node's cells are not the root's, or `ranges` is missing.
BootFailure open_reserved_memory(void* tree, int& node) {
  Cells const cells = cells_of(tree, 0);
  int result = 0;
  node = fdt_path_offset(tree, "/reserved-memory");
  if (node == -FDT_ERR_NOTFOUND) {
    node = fdt_add_subnode(tree, 0, "reserved-memory");
    if (node < 0) return no_room(node);
    result = fdt_setprop_u32(tree, node, "#address-cells", static_cast<std::uint32_t>(cells.address));
    if (result == 0)
      result = fdt_setprop_u32(tree, node, "#size-cells", static_cast<std::uint32_t>(cells.size));
    if (result < 0) return no_room(result);
  }
  if (node < 0) return no_room(node);
  if (cells_of(tree, node) != cells) return {BootError::tree_cells_unsupported};
  if (fdt_getprop(tree, node, "ranges", nullptr) == nullptr) result = fdt_setprop_empty(tree, node, "ranges");
  return result < 0 ? no_room(result) : BootFailure{};
}

BootFailure reserve(void* tree, int parent, Range range) {
  Cells const cells = cells_of(tree, parent);
  if (!cells.supported()) return {BootError::tree_cells_unsupported};
  unsigned char reg[16];
  write_cells(reg, cells.address, range.base);
  write_cells(&reg[static_cast<std::size_t>(cells.address) * 4], cells.size, range.size);
  int const node = fdt_add_subnode(tree, parent, NodeName{range.base}.text);
  if (node < 0) return no_room(node);
  int result = fdt_setprop(tree, node, "reg", reg, cells.entry_bytes());
  if (result == 0) result = fdt_setprop_empty(tree, node, "no-map");
  return result < 0 ? no_room(result) : BootFailure{};
}

}  // namespace

BootFailure write_host_tree(void const* blob, void* buffer, std::size_t size, Board const& board,
                            BootInfo& info) {
  info.devices_withheld = 0;
  if (int const result = fdt_open_into(blob, buffer, static_cast<int>(size)); result < 0)
    return no_room(result);
  if (auto const failure = remove_withheld(buffer, board, info); !failure.ok()) return failure;
  int reserved_memory = 0;
  if (auto const failure = open_reserved_memory(buffer, reserved_memory); !failure.ok()) return failure;
  if (auto const failure = reserve(buffer, reserved_memory, info.core_image); !failure.ok()) return failure;
  return reserve(buffer, reserved_memory, info.core_data);
}

}  // namespace redoubt
