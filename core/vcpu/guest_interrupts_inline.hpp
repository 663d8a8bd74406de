// SPDX-License-Identifier: BSD-3-Clause
// Definitions of guest_interrupts.hpp.
#pragma once
