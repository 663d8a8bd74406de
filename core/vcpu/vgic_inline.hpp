// SPDX-License-Identifier: BSD-3-Clause
// Definitions of vgic.hpp.
#pragma once
