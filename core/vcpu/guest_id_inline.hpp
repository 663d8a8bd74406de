// SPDX-License-Identifier: BSD-3-Clause
// Definitions of guest_id.hpp.
#pragma once
