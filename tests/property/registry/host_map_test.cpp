// SPDX-License-Identifier: BSD-3-Clause
// map_page_host at every kind of frame, code against specification, and the faults that random addresses
// rarely meet.
#include <gtest/gtest.h>

#include "tests/property/registry/checks.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

using Entry = registry::MemManagerEntry;
using MapPageHost = registry::prim::map_page_host;
using Model = ModelMachine<Concrete, TinyParams>;

// First bytes of frames: blocks with and without a page of somebody else, each kind of owner, shared and
// private, reserved memory, devices whose block is listed or not, and nothing at all.
std::vector<u64> addresses() {
  std::vector<u64> all{kRam0,
                       kRam0 + PMD_SIZE + 5 * PAGE_SIZE,
                       kReserved,
                       kDeviceBlock,
                       kDeviceBlock + PMD_SIZE,
                       kDevicePages,
                       kDevicePages + 2 * PAGE_SIZE,
                       kDevicePages + 3 * PAGE_SIZE,
                       0};
  for (u64 page = 0; page < 26; ++page) {
    all.push_back(kRam1 + page * PAGE_SIZE);
  }
  return all;
}

// The last page of the first block of RAM is the core's.
State<TinyParams> before(Concrete& domain) {
  State<TinyParams> s = boot_state<TinyParams>(domain);
  s.s2_owner.write(PMD_PAGE_NUM - 1, 0, COREVISOR);
  return s;
}

// What differs at some address; empty: nothing.
std::string first_difference() {
  Concrete domain;
  const State<TinyParams> from = before(domain);
  for (const u64 address : addresses()) {
    const auto arguments = std::tuple(Ipa<u64>(address));
    const auto spec = run_spec<Entry, MapPageHost>(from, arguments);
    const auto code = run_code<Entry, MapPageHost>(domain, from, arguments);
    const Fields differ = difference(spec.after, code.after, false) & spoken_of(Entry::number);
    if (spec.refused || code.refused || spec.result != code.result || differ != field::none) {
      return std::to_string(address) + ": " + code.refused.value_or(names_of(differ));
    }
  }
  return {};
}

TEST(HostMap, CodeIsSpecificationAtEveryKindOfFrame) { EXPECT_EQ(first_difference(), ""); }

// Without these the comparison would say little.
TEST(HostMap, EachAnswerComesUp) {
  Concrete domain;
  unsigned mapped = 0, denied = 0, blocks = 0;
  for (const u64 address : addresses()) {
    const auto spec = run_spec<Entry, MapPageHost>(before(domain), std::tuple(Ipa<u64>(address)));
    const auto status = static_cast<Status>(static_cast<std::int64_t>(spec.result));
    ++(succeeded(status) ? mapped : denied);
    blocks += spec.after.block.cells().empty() ? 0 : 1;
  }
  EXPECT_GT(mapped, 10u);
  EXPECT_GT(denied, 5u);
  EXPECT_GE(blocks, 2u);
}

class HostMapFault : public testing::TestWithParam<Fault> {};

TEST_P(HostMapFault, IsRefuted) {
  Model::active_fault = GetParam();
  const std::string wrong = first_difference();
  Model::active_fault = Fault::none;
  EXPECT_NE(wrong, "");
}
INSTANTIATE_TEST_SUITE_P(All, HostMapFault,
                         testing::Values(Fault::host_block_511, Fault::private_page_mapped,
                                         Fault::unlisted_device_mapped, Fault::device_block_unchecked,
                                         Fault::host_map_without_lock, Fault::device_as_memory));

}  // namespace
}  // namespace redoubt::test
