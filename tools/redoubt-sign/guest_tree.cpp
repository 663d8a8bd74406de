// SPDX-License-Identifier: BSD-3-Clause
// The nodes of guest_tree.hpp, written by libfdt. Bindings: Devicetree Specification 0.4; Linux
// Documentation/devicetree/bindings (arm/cpus, arm/psci, timer, interrupt-controller, serial, clock).
#include "tools/redoubt-sign/guest_tree.hpp"

#include <fmt/format.h>
#include <libfdt.h>

#include <initializer_list>
#include <string_view>

namespace redoubt::sign {
namespace {

constexpr std::uint32_t kGic = 1, kClock = 2;                // phandles
constexpr std::uint32_t kSpi = 0, kPpi = 1, kLevelHigh = 4;  // cells of an interrupt
constexpr std::uint32_t kTimerPpis[] = {13, 14, 11, 10};     // secure, physical, virtual, hypervisor
constexpr std::uint32_t kUartClockHz = 24'000'000;
constexpr std::uint32_t kUartPeripheralId = 0x0014'1011;  // PL011 r1p4: the driver need not read it
constexpr std::size_t kRoomBesideCmdline = 8192;

// A tree that grows from its root; libfdt's sequential writer.
class Tree {
 public:
  explicit Tree(std::size_t room) : blob_(room) {
    must(fdt_create(blob_.data(), static_cast<int>(blob_.size())));
    must(fdt_finish_reservemap(blob_.data()));
  }
  template <class Body>
  void node(std::string const& name, Body body) {
    must(fdt_begin_node(blob_.data(), name.c_str()));
    body();
    must(fdt_end_node(blob_.data()));
  }
  void cells(char const* name, std::initializer_list<std::uint32_t> values) {
    std::vector<fdt32_t> words;
    for (auto const value : values) words.push_back(cpu_to_fdt32(value));
    must(fdt_property(blob_.data(), name, words.data(), static_cast<int>(words.size() * sizeof words[0])));
  }
  void numbers(char const* name, std::initializer_list<std::uint64_t> values) {
    std::vector<fdt64_t> words;
    for (auto const value : values) words.push_back(cpu_to_fdt64(value));
    must(fdt_property(blob_.data(), name, words.data(), static_cast<int>(words.size() * sizeof words[0])));
  }
  void strings(char const* name, std::initializer_list<std::string_view> values) {
    std::string text;
    for (auto const value : values) text.append(value).push_back('\0');
    must(fdt_property(blob_.data(), name, text.data(), static_cast<int>(text.size())));
  }
  void flag(char const* name) { must(fdt_property(blob_.data(), name, nullptr, 0)); }
  File finish() {
    must(fdt_finish(blob_.data()));
    blob_.resize(fdt_totalsize(blob_.data()));
    return std::move(blob_);
  }

 private:
  static void must(int result) {
    if (result != 0) throw std::runtime_error(fmt::format("device tree: {}", fdt_strerror(result)));
  }
  File blob_;
};

void put_chosen(Tree& tree, VmOptions const& options, Placement const& at) {
  tree.node("chosen", [&] {
    tree.strings("bootargs", {options.cmdline});
    tree.strings("stdout-path", {fmt::format("/pl011@{:x}", REDOUBT_GUEST_UART_BASE)});
    if (options.initrd) {
      tree.numbers("linux,initrd-start", {at.initrd});
      tree.numbers("linux,initrd-end", {at.initrd_end});
    }
  });
}

void put_cpus(Tree& tree, std::uint32_t count) {
  tree.node("cpus", [&] {
    tree.cells("#address-cells", {1});
    tree.cells("#size-cells", {0});
    for (std::uint32_t cpu = 0; cpu < count; ++cpu) {
      tree.node(fmt::format("cpu@{:x}", cpu), [&] {
        tree.strings("device_type", {"cpu"});
        tree.strings("compatible", {"arm,armv8"});
        tree.cells("reg", {cpu});
        tree.strings("enable-method", {"psci"});
      });
    }
  });
  tree.node("psci", [&] {
    tree.strings("compatible", {"arm,psci-1.0", "arm,psci-0.2"});
    tree.strings("method", {"hvc"});
  });
}

void put_gic(Tree& tree, std::uint32_t cpus) {
  tree.node(fmt::format("intc@{:x}", REDOUBT_GUEST_GICD_BASE), [&] {
    tree.strings("compatible", {"arm,gic-v3"});
    tree.cells("#interrupt-cells", {3});
    tree.cells("#address-cells", {0});
    tree.flag("interrupt-controller");
    tree.numbers("reg", {REDOUBT_GUEST_GICD_BASE, REDOUBT_GUEST_GICD_SIZE, REDOUBT_GUEST_GICR_BASE,
                         std::uint64_t{cpus} * REDOUBT_GUEST_GICR_STRIDE});
    tree.cells("phandle", {kGic});
  });
}

void put_timer(Tree& tree) {
  tree.node("timer", [&] {
    tree.strings("compatible", {"arm,armv8-timer"});
    tree.cells("interrupts", {kPpi, kTimerPpis[0], kLevelHigh, kPpi, kTimerPpis[1], kLevelHigh, kPpi,
                              kTimerPpis[2], kLevelHigh, kPpi, kTimerPpis[3], kLevelHigh});
    tree.flag("always-on");
  });
}

void put_console(Tree& tree) {
  tree.node("apb-pclk", [&] {
    tree.strings("compatible", {"fixed-clock"});
    tree.cells("#clock-cells", {0});
    tree.cells("clock-frequency", {kUartClockHz});
    tree.strings("clock-output-names", {"clk24mhz"});
    tree.cells("phandle", {kClock});
  });
  tree.node(fmt::format("pl011@{:x}", REDOUBT_GUEST_UART_BASE), [&] {
    tree.strings("compatible", {"arm,pl011", "arm,primecell"});
    tree.numbers("reg", {REDOUBT_GUEST_UART_BASE, REDOUBT_GUEST_UART_SIZE});
    tree.cells("interrupts", {kSpi, REDOUBT_GUEST_UART_SPI, kLevelHigh});
    tree.cells("clocks", {kClock, kClock});
    tree.strings("clock-names", {"uartclk", "apb_pclk"});
    tree.cells("arm,primecell-periphid", {kUartPeripheralId});
  });
}

}  // namespace

File make_guest_tree(VmOptions const& options, Placement const& at) {
  Tree tree(kRoomBesideCmdline + options.cmdline.size());
  tree.node("", [&] {
    tree.cells("#address-cells", {2});
    tree.cells("#size-cells", {2});
    tree.strings("compatible", {"redoubt,guest", "linux,dummy-virt"});
    tree.strings("model", {"Redoubt protected VM"});
    tree.cells("interrupt-parent", {kGic});
    put_chosen(tree, options, at);
    tree.node(fmt::format("memory@{:x}", kMemoryBase), [&] {
      tree.strings("device_type", {"memory"});
      tree.numbers("reg", {kMemoryBase, options.memory_size});
    });
    put_cpus(tree, options.vcpus);
    put_timer(tree);
    put_gic(tree, options.vcpus);
    put_console(tree);
  });
  return tree.finish();
}

}  // namespace redoubt::sign
