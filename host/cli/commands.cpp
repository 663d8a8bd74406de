// SPDX-License-Identifier: BSD-3-Clause
// redoubt ps, stop, log, info and audit.
#include "host/cli/commands.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "host/cli/driver.hpp"
#include "host/cli/error.hpp"
#include "host/cli/names.hpp"

namespace redoubt::cli {
namespace {

constexpr std::uint64_t kMebibyte = 1U << 20;

nlohmann::json to_json(redoubt_ioc_vm const& vm) {
  return {{"vmid", vm.vmid},
          {"name", vm.name},
          {"state", state_name(vm.state)},
          {"process", vm.process},
          {"vcpus", vm.vcpus},
          {"memory_bytes", vm.memory},
          {"pages", vm.pages},
          {"shared_pages", vm.shared_pages},
          {"blocks", vm.blocks},
          {"single_pages", vm.single_pages}};
}

void print_log_record(LogRecord const& record, bool json) {
  if (json) {
    nlohmann::json const object = {{"sequence", record.sequence},
                                   {"microseconds", record.microseconds},
                                   {"cpu", record.cpu},
                                   {"event", event_name(record.event)},
                                   {"value", record.value}};
    fmt::print("{}\n", object.dump());
    return;
  }
  fmt::print("{:>8} {:>5}.{:06} cpu{} {:<13} {:#x}\n", record.sequence, record.microseconds / 1000000,
             record.microseconds % 1000000, record.cpu, event_name(record.event), record.value);
}

}  // namespace

int list(bool json) {
  auto const vms = Driver().vms();
  if (json) {
    auto array = nlohmann::json::array();
    for (auto const& vm : vms) array.push_back(to_json(vm));
    fmt::print("{}\n", array.dump(1));
    return kGood;
  }
  fmt::print("{:>4} {:<20} {:<9} {:>5} {:>8} {:>8} {:>7} {:>7}\n", "VMID", "NAME", "STATE", "VCPUS", "MEMORY",
             "OWNED", "SHARED", "PROCESS");
  for (auto const& vm : vms) {
    fmt::print("{:>4} {:<20} {:<9} {:>5} {:>5}MiB {:>5}MiB {:>7} {:>7}\n", vm.vmid, vm.name,
               state_name(vm.state), vm.vcpus, vm.memory / kMebibyte, vm.pages * 4096 / kMebibyte,
               vm.shared_pages, vm.process);
  }
  return kGood;
}

int stop(std::string const& name, bool all) {
  Driver const driver;
  unsigned stopped = 0;
  for (auto const& vm : driver.vms()) {
    if (!all && vm.name != name) continue;
    driver.stop(vm.vmid);
    fmt::print("stopped {}\n", vm.name);
    ++stopped;
  }
  if (stopped == 0 && !all)
    throw Error(kBadInput, fmt::format("no VM is named {}: redoubt ps lists them", name));
  return kGood;
}

int log(std::uint64_t since, bool json) {
  Driver const driver;
  while (auto const record = driver.log(since)) {
    print_log_record(*record, json);
    since = record->sequence + 1;
  }
  return kGood;
}

int info(bool json) {
  Driver const driver;
  auto const core = driver.info();
  auto const version = fmt::format("{}.{}", core.version >> 32, core.version & 0xffffffff);
  bool const debug = (core.build & REDOUBT_BUILD_DEBUG) != 0;
  auto counters = nlohmann::ordered_json::object();
  for (unsigned i = 0; i < REDOUBT_COUNTER_COUNT; ++i) {
    if (auto const value = driver.counter(i)) counters[counter_name(i)] = *value;
  }
  if (json) {
    nlohmann::ordered_json const object = {
        {"version", version}, {"debug", debug}, {"vms", core.vms}, {"counters", counters}};
    fmt::print("{}\n", object.dump(1));
    return kGood;
  }
  fmt::print("core: version {}{}\nVMs: {}\n", version, debug ? ", debug" : "", core.vms);
  for (auto const& [key, value] : counters.items())
    fmt::print("{:<18} {}\n", key, value.get<std::uint64_t>());
  return kGood;
}

int audit(bool json) {
  auto const broken = Driver().audit();
  if (json) {
    nlohmann::json object = {{"good", !broken}};
    if (broken) object.update({{"invariant", broken->invariant}, {"frame", broken->frame}});
    fmt::print("{}\n", object.dump());
  } else if (broken) {
    fmt::print("invariant {} does not hold for page frame {:#x}\n", broken->invariant, broken->frame);
  } else {
    fmt::print("the ownership array and all tables agree\n");
  }
  return broken ? kFailed : kGood;
}

}  // namespace redoubt::cli
