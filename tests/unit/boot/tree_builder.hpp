// SPDX-License-Identifier: BSD-3-Clause
// Builds device trees like QEMU's virt machine for the tests; every part can be left out or spoiled.
#pragma once
#include <libfdt.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "boot/arm64/qemu_virt.hpp"
#include "boot/device_tree.hpp"

namespace redoubt::test {

inline constexpr std::uint64_t kRamBase = 0x4000'0000;

inline std::vector<Range> no_ranges() { return {}; }

struct TreeOptions {
  std::vector<Range> memory{{kRamBase, 1ull << 30}};
  unsigned cpus = 2;
  std::string cpu_method = "psci";
  Range initrd{0x4800'0000, 0x10'0000};
  // With initialisers, so that a designated initialiser may leave them out.
  std::vector<Range> reserve_map = no_ranges();  // memory reservation block
  std::vector<Range> reserved = no_ranges();     // children of /reserved-memory
  bool reserved_ranges = true;                   // its property `ranges`
  bool interrupt_controller = true;
  bool smmu = false;
  std::uint32_t address_cells = 2, size_cells = 2;
  std::function<void(void*)> more = [](void*) {};  // adds nodes below the root
};

class TreeWriter {
 public:
  explicit TreeWriter(void* tree) : tree_(tree) {}
  void begin(std::string const& name) { fdt_begin_node(tree_, name.c_str()); }
  void end() { fdt_end_node(tree_); }
  void text(char const* name, std::string const& value) {
    fdt_property(tree_, name, value.c_str(), static_cast<int>(value.size() + 1));
  }
  void cell(char const* name, std::uint32_t value) { fdt_property_u32(tree_, name, value); }
  void ranges(char const* name, std::vector<Range> const& ranges) {
    std::vector<fdt64_t> cells;
    for (auto const& range : ranges) {
      cells.push_back(cpu_to_fdt64(range.base));
      cells.push_back(cpu_to_fdt64(range.size));
    }
    fdt_property(tree_, name, cells.data(), static_cast<int>(cells.size() * 8));
  }
  void device(std::string const& name, char const* kind, std::vector<Range> const& reg) {
    begin(name);
    text("compatible", kind);
    ranges("reg", reg);
    end();
  }

 private:
  void* tree_;
};

inline void write_cpus(TreeWriter& out, TreeOptions const& options) {
  out.begin("cpus");
  out.cell("#address-cells", 1);
  out.cell("#size-cells", 0);
  for (unsigned cpu = 0; cpu < options.cpus; ++cpu) {
    out.begin("cpu@" + std::to_string(cpu));
    out.text("device_type", "cpu");
    if (!options.cpu_method.empty()) out.text("enable-method", options.cpu_method);
    out.cell("reg", cpu);
    out.end();
  }
  out.end();
}

inline void write_devices(TreeWriter& out, TreeOptions const& options) {
  out.device("pl011@9000000", "arm,pl011", {{0x0900'0000, 0x1000}});
  out.device("fw-cfg@9020000", "qemu,fw-cfg-mmio", {{0x0902'0000, 0x18}});
  for (unsigned i = 0; i < 4; ++i) {
    out.device("virtio_mmio@a00000" + std::to_string(2 * i), "virtio,mmio",
               {{0x0a00'0000 + 0x200 * i, 0x200}});
  }
  if (options.smmu) out.device("smmuv3@9050000", "arm,smmu-v3", {{0x0905'0000, 0x2'0000}});
  if (!options.interrupt_controller) return;
  out.begin("intc@8000000");
  out.text("compatible", "arm,gic-v3");
  out.ranges("reg", {{0x0800'0000, 0x1'0000}, {0x080a'0000, 0xf6'0000}});
  out.cell("#address-cells", 2);
  out.cell("#size-cells", 2);
  out.ranges("ranges", {});
  out.device("its@8080000", "arm,gic-v3-its", {{0x0808'0000, 0x2'0000}});
  out.end();
}

// The blob; 8-byte aligned storage.
inline std::vector<std::uint64_t> make_tree(TreeOptions const& options) {
  std::vector<std::uint64_t> blob(8192);
  void* const tree = blob.data();
  fdt_create(tree, static_cast<int>(blob.size() * 8));
  for (auto const& range : options.reserve_map) fdt_add_reservemap_entry(tree, range.base, range.size);
  fdt_finish_reservemap(tree);
  TreeWriter out(tree);
  out.begin("");
  out.cell("#address-cells", options.address_cells);
  out.cell("#size-cells", options.size_cells);
  write_devices(out, options);
  write_cpus(out, options);
  for (auto const& range : options.memory) {
    out.begin("memory@" + std::to_string(range.base));
    out.text("device_type", "memory");
    out.ranges("reg", {range});
    out.end();
  }
  if (!options.reserved.empty()) {
    out.begin("reserved-memory");
    out.cell("#address-cells", 2);
    out.cell("#size-cells", 2);
    if (options.reserved_ranges) out.ranges("ranges", {});
    for (auto const& range : options.reserved) out.device("r@" + std::to_string(range.base), "none", {range});
    out.end();
  }
  out.begin("chosen");
  if (options.initrd.size != 0) {
    fdt_property_u64(tree, "linux,initrd-start", options.initrd.base);
    fdt_property_u64(tree, "linux,initrd-end", options.initrd.end());
  }
  out.end();
  options.more(tree);
  out.end();
  fdt_finish(tree);
  return blob;
}

inline BootFailure read(std::vector<std::uint64_t> const& blob, BootInfo& info, std::uint64_t boot_cpu = 0) {
  return read_device_tree(blob.data(), blob.size() * 8, qemu_virt::kBoard, boot_cpu, info);
}

}  // namespace redoubt::test
