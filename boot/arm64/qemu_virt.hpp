// SPDX-License-Identifier: BSD-3-Clause
// QEMU's machine "virt" with virtualization=on,gic-version=3 (its hw/arm/virt.c memory map).
#pragma once
#include <array>

#include "boot/arm64/board.hpp"

namespace redoubt::qemu_virt {

// Devices that neither write memory nor outlive a reset; the redistributors are listed per CPU at boot.
inline constexpr std::array<DeviceWindow, 4> kHostWindows{{
    {{0x0800'0000, 0x1'0000}, "GIC distributor"},
    {{0x0900'0000, 0x1000}, "PL011 console"},
    {{0x0901'0000, 0x1000}, "PL031 clock"},
    {{0x0903'0000, 0x1000}, "PL061 power button"},
}};

// Each can write memory by itself (fw_cfg has a DMA register), forwards devices that can, or is persistent.
inline constexpr std::array<char const*, 9> kWithheld{
    "qemu,fw-cfg-mmio", "virtio,mmio", "pci-host-ecam-generic", "arm,gic-v3-its",  "arm,gic-v2m-frame",
    "cfi-flash",        "arm,smmu-v3", "qemu,platform",         "tcg,tpm-tis-mmio"};

inline constexpr Board kBoard{
    .name = "QEMU virt, GICv3",
    .ram_window = {0x4000'0000, 4ull << 30},
    .minimum_ram = 512ull << 20,
    .maximum_ram = 4ull << 30,
    .uart = 0x0900'0000,
    .redistributors = {0x080a'0000, 0x00f6'0000},
    .redistributor_stride = 0x2'0000,
    .host_windows = kHostWindows,
    .withheld = kWithheld,
    .smmu_compatible = "arm,smmu-v3",
    .smmu = {0x0905'0000, 0x2'0000},
};

}  // namespace redoubt::qemu_virt
