// SPDX-License-Identifier: BSD-3-Clause
// Definitions of redistributor.hpp.
#pragma once
