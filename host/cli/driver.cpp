// SPDX-License-Identifier: BSD-3-Clause
// Requests to redoubt.ko, and what their errors mean to a user.
#include "host/cli/driver.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/cli/error.hpp"

namespace redoubt::cli {
namespace {

constexpr unsigned kMostVms = 15;

[[noreturn]] void fail(int code, std::string const& message) { throw Error(code, message); }

[[noreturn]] void fail_by_number(std::string const& what) {
  int const error = errno;
  fail(kFailed, fmt::format("{}: {}", what, std::strerror(error)));
}

[[noreturn]] void refused_creation(std::string const& name) {
  switch (errno) {
    case EADDRINUSE:
      fail(kBadInput, fmt::format("a VM named {} exists: stop it, or choose another --name", name));
    case EKEYREJECTED:
      fail(kBadInput,
           "the core refuses this bundle: it is not signed by a key the core trusts, it was changed, or a "
           "later version of this VM was here since the machine started");
    case EINVAL:
      fail(kBadInput, "the core refuses this bundle: its manifest breaks a rule; sign it again");
    case ENOSPC:
      fail(kFailed, "the core has no room for another VM: stop one");
    case ENOMEM:
      fail(kFailed, "the host has not enough memory");
    case EOPNOTSUPP:
      fail(kBadInput, "this core runs no VMs: it is older than the module");
    default:
      fail_by_number("the VM cannot be created");
  }
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (file_ >= 0) ::close(file_);
    file_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (file_ >= 0) ::close(file_);
}

Stay Vcpu::run(redoubt_ioc_run& run) const {
  if (::ioctl(file_.get(), REDOUBT_IOC_RUN, &run) == 0) return Stay::kExit;
  switch (errno) {
    case EINTR:
      return Stay::kInterrupted;
    case ESHUTDOWN:
      return Stay::kStopped;
    case ENOMEM:
      fail(kFailed, "the host has no memory left for this VM");
    case EPERM:
      fail(kFailed, "the core does not run this VM any more (redoubt log says why)");
    default:
      fail_by_number("the vCPU cannot run");
  }
}

Vcpu Vm::create_vcpu(unsigned index) const {
  int const file = ::ioctl(file_.get(), REDOUBT_IOC_VCPU_CREATE, &index);
  if (file < 0) fail_by_number(fmt::format("vCPU {} cannot be created", index));
  return Vcpu(Descriptor(file));
}

void Vm::load_image(unsigned index, std::span<std::byte const> content) const {
  redoubt_ioc_image const image{index, 0, reinterpret_cast<std::uint64_t>(content.data()), content.size()};
  if (::ioctl(file_.get(), REDOUBT_IOC_LOAD_IMAGE, &image) == 0) return;
  if (errno == ENOMEM) fail(kFailed, fmt::format("the host has not enough memory for image {}", index));
  if (errno == ESHUTDOWN) fail(kFailed, "the VM was stopped");
  fail_by_number(fmt::format("image {} cannot be given to the core", index));
}

bool Vm::verify() const {
  if (::ioctl(file_.get(), REDOUBT_IOC_VERIFY) == 0) return true;
  if (errno == EINTR) return false;
  if (errno == EKEYREJECTED)
    fail(kBadInput, "the core refuses this bundle: an image is not the one that was signed; fetch it again");
  if (errno == ESHUTDOWN) fail(kFailed, "the VM was stopped");
  fail_by_number("the images cannot be verified");
}

void Vm::kick(unsigned vcpu) const { ::ioctl(file_.get(), REDOUBT_IOC_KICK, &vcpu); }

void Vm::stop() const { ::ioctl(file_.get(), REDOUBT_IOC_STOP); }

Driver::Driver() : file_(::open(REDOUBT_DEVICE, O_RDWR | O_CLOEXEC)) {
  if (file_.get() >= 0) return;
  if (errno == EACCES || errno == EPERM) fail(kBadInput, REDOUBT_DEVICE ": permission denied: run as root");
  fail(kBadInput, REDOUBT_DEVICE
       " is missing: load redoubt.ko (if that fails, the kernel's log says whether a core runs below this "
       "host)");
}

redoubt_ioc_info Driver::info() const {
  redoubt_ioc_info info{};
  if (::ioctl(file_.get(), REDOUBT_IOC_INFO, &info) != 0) fail_by_number("the core does not answer");
  return info;
}

Vm Driver::create_vm(redoubt_manifest const& manifest, std::string const& name) const {
  redoubt_ioc_create request{};
  request.manifest = reinterpret_cast<std::uint64_t>(&manifest);
  request.bytes = sizeof(manifest);
  if (name.empty() || name.size() >= sizeof(request.name)) {
    fail(kBadInput,
         fmt::format("'{}' is no name for a VM: 1 to {} characters", name, sizeof(request.name) - 1));
  }
  std::copy(name.begin(), name.end(), request.name);
  int const file = ::ioctl(file_.get(), REDOUBT_IOC_VM_CREATE, &request);
  if (file < 0) refused_creation(name);
  return {Descriptor(file), request.vmid};
}

std::vector<redoubt_ioc_vm> Driver::vms() const {
  std::vector<redoubt_ioc_vm> result;
  for (unsigned vmid = 1; vmid <= kMostVms; ++vmid) {
    redoubt_ioc_vm vm{};
    vm.vmid = vmid;
    if (::ioctl(file_.get(), REDOUBT_IOC_VM_INFO, &vm) == 0) {
      result.push_back(vm);
    } else if (errno != ENOENT) {
      fail_by_number("the VMs cannot be listed");
    }
  }
  return result;
}

void Driver::stop(unsigned vmid) const {
  if (::ioctl(file_.get(), REDOUBT_IOC_VM_STOP, &vmid) != 0 && errno != ENOENT)
    fail_by_number("the VM cannot be stopped");
}

std::optional<LogRecord> Driver::log(std::uint64_t sequence) const {
  redoubt_ioc_log record{};
  record.sequence = sequence;
  if (::ioctl(file_.get(), REDOUBT_IOC_LOG, &record) != 0) {
    if (errno == ENOENT) return std::nullopt;
    fail_by_number("the log cannot be read");
  }
  return LogRecord{record.sequence, record.word & 0xffffffffffff, record.value,
                   static_cast<unsigned>(record.word >> 56), static_cast<unsigned>(record.word >> 48 & 0xff)};
}

std::optional<std::uint64_t> Driver::counter(unsigned which) const {
  redoubt_ioc_counter counter{};
  counter.which = which;
  if (::ioctl(file_.get(), REDOUBT_IOC_COUNTER, &counter) != 0) return std::nullopt;
  return counter.value;
}

std::optional<redoubt_ioc_audit> Driver::audit() const {
  redoubt_ioc_audit audit{};
  if (::ioctl(file_.get(), REDOUBT_IOC_AUDIT, &audit) != 0) {
    if (errno == EOPNOTSUPP) fail(kBadInput, "this core has no audit: only the debug core does");
    fail_by_number("the audit did not run");
  }
  return audit.invariant != 0 ? std::optional(audit) : std::nullopt;
}

}  // namespace redoubt::cli
