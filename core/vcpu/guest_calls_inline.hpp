// SPDX-License-Identifier: BSD-3-Clause
// Definitions of guest_calls.hpp.
#pragma once
