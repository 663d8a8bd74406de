// SPDX-License-Identifier: BSD-3-Clause
// A machine whose lock primitives are the specification's, so that the shipped lock templates can run over
// them.
#pragma once
#include <stdexcept>

#include "core/tower.hpp"
#include "machine/bench/bench_machine.hpp"
#include "spec/lock/base.hpp"
#include "tests/unit/lock/cpus.hpp"

namespace redoubt::test {

struct StuckError : std::runtime_error {
  explicit StuckError(Stuck why) : std::runtime_error("stuck"), reason(why) {}
  Stuck reason;
};

// The tables are not used here, but have to be somewhere.
inline BenchMachine<QemuVirtParams> over_no_memory() {
  static std::vector<u64> pool(pools_size<QemuVirtParams>() / sizeof(u64));
  auto machine = BenchMachine<QemuVirtParams>::make(
      {.pool = pool, .pool_base = QemuVirtParams::pool_base, .pages = {}, .ram_base = 0});
  if (!machine) {
    throw std::logic_error("the memory is refused");
  }
  return *machine;
}

template <std::size_t N, class O>
class LogMachine : public BenchMachine<QemuVirtParams> {
 public:
  LogMachine(spec::lock::View<N>& view, O& others)
      : BenchMachine<QemuVirtParams>(over_no_memory()), view_(view), others_(others) {}

  Word incr_ticket(Word bound, LockId lock) { return value(at(lock).incr_ticket(bound, others_)); }
  Word get_now(LockId lock) { return value(at(lock).get_now(others_)); }
  void log_hold(LockId lock) { no(at(lock).log_hold()); }
  void barrier() { no(spec::lock::Base<N>(view_, CORE_ID).barrier()); }
  void incr_now(LockId lock) { no(at(lock).incr_now()); }
  void acquire_shared(LockId lock) { no(at(lock).acquire_shared()); }
  void release_shared(LockId lock) { no(at(lock).release_shared()); }

 private:
  static void no(Stuck stuck) {
    if (stuck != Stuck::no) {
      throw StuckError(stuck);
    }
  }
  static Word value(spec::lock::Result<std::uint32_t> result) {
    no(result.stuck);
    return result.value;
  }
  spec::lock::Base<N> at(LockId lock) { return {view_, lock.raw}; }

  spec::lock::View<N>& view_;
  O& others_;
};

}  // namespace redoubt::test
