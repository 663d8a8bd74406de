// SPDX-License-Identifier: BSD-3-Clause
// The banner: who runs, on what, and what memory the core takes (R17).
#include "boot/arm64/banner.hpp"

#include "abi/redoubt.h"
#include "boot/arm64/console.hpp"
#include "boot/image_format.hpp"
#include "machine/el2/registers.hpp"

namespace redoubt::banner {
namespace {

struct CpuModel {
  std::uint64_t implementer_and_part;  // MIDR_EL1 without variant, architecture and revision
  char const* name;
};

constexpr CpuModel kModels[] = {
    {0x4100'd0b0, "Cortex-A76"},  {0x4100'd490, "Neoverse-N2"}, {0x4100'd0c0, "Neoverse-N1"},
    {0x4100'd400, "Neoverse-V1"}, {0x0000'0510, "QEMU max"},
};

void put_cpu() {
  std::uint64_t const midr = el2::read<el2::reg::midr_el1>();
  char const* name = "CPU";
  for (auto const& model : kModels)
    if ((midr & 0xff00'fff0) == model.implementer_and_part) name = model.name;
  console::put(name);
  console::put(" (MIDR ");
  console::put_hex(midr);
  console::put(")");
}

void put_range(char const* what, Range range) {
  console::put(what);
  console::put_bytes(range.size);
  console::put(" at ");
  console::put_hex(range.base);
}

}  // namespace

void title() {
  console::put("redoubt: version " REDOUBT_VERSION ", ABI ");
  console::put_decimal(REDOUBT_ABI_MAJOR);
  console::put(".");
  console::put_decimal(REDOUBT_ABI_MINOR);
  console::put((REDOUBT_BUILD_FLAGS & REDOUBT_BUILD_DEBUG) != 0 ? ", debug build" : ", release build");
  console::end_line();
}

void machine(Board const& board, BootInfo const& info, std::uint64_t keys) {
  console::put("redoubt: board ");
  console::put(board.name);
  console::put(", ");
  console::put_decimal(info.cpus.size());
  console::put(" x ");
  put_cpu();
  console::put(", ");
  console::put_bytes(info.ram_bytes);
  console::put(" RAM");
  console::end_line();
  put_range("redoubt: core memory: image ", info.core_image);
  put_range(", tables ", info.core_data);
  console::put(", of it ");
  console::put_bytes(8 * (info.ram_bytes / kPageSize));
  console::put(" page ownership; total ");
  console::put_bytes(info.core_bytes());
  console::put(", limit ");
  console::put_bytes(info.core_limit());
  console::end_line();
  console::put("redoubt: devices withheld: ");
  console::put_decimal(info.devices_withheld);
  console::put(info.smmu_present ? ", SMMU aborts all DMA" : "");
  console::end_line();
  console::put("redoubt: keys whose VMs may run: ");
  console::put_decimal(keys);
  console::end_line();
  put_range("redoubt: host kernel: ", info.payload);
  put_range(", device tree: ", info.host_tree);
  console::end_line();
  console::put("redoubt: starting the host at EL1");
  console::end_line();
}

}  // namespace redoubt::banner
