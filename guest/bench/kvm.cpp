// SPDX-License-Identifier: BSD-3-Clause
// redoubt-bench-kvm, in a host with KVM: runs the same measuring guest there and prints the same figures.
#include <fcntl.h>
#include <linux/kvm.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "abi/bundle.h"
#include "guest/bench/figures.hpp"

namespace redoubt::bench {
namespace {

constexpr std::size_t kMemory = std::size_t{64} << 20, kBlock = std::size_t{2} << 20;
constexpr u64 kProgramCounter =
    KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(regs.pc);

[[noreturn]] void fail(char const* what) {
  fmt::print("bench: error: {}: {}\n", what, std::strerror(errno));
  std::_Exit(1);
}

// A file descriptor; what fails ends the program.
class File {
 public:
  File(int descriptor, char const* what) : descriptor_(descriptor) {
    if (descriptor < 0) fail(what);
  }
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File(File const&) = delete;
  File& operator=(File const&) = delete;
  File& operator=(File&&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  template <class Argument>
  int call(unsigned long request, Argument argument, char const* what) const {
    int const answer = ::ioctl(descriptor_, request, argument);
    if (answer < 0) fail(what);
    return answer;
  }
  [[nodiscard]] int number() const { return descriptor_; }

 private:
  int descriptor_;
};

// The guest's memory, all of it there before the guest runs: pages of 4 KiB, or such in the first 2 MiB and
// blocks behind.
class Memory {
 public:
  explicit Memory(bool blocks) {
    void* const whole = ::mmap(nullptr, kMemory + kBlock, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (whole == MAP_FAILED) fail("no memory");
    whole_ = static_cast<std::byte*>(whole);
    start_ = whole_ + (kBlock - reinterpret_cast<std::uintptr_t>(whole) % kBlock) % kBlock;
    ::madvise(start_, kBlock, MADV_NOHUGEPAGE);
    ::madvise(start_ + kBlock, kMemory - kBlock, blocks ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    std::memset(start_, 0, kMemory);
  }
  Memory(Memory const&) = delete;
  Memory& operator=(Memory const&) = delete;
  ~Memory() { ::munmap(whole_, kMemory + kBlock); }
  [[nodiscard]] std::byte* start() const { return start_; }

 private:
  std::byte* whole_;
  std::byte* start_;
};

class Vcpu {
 public:
  Vcpu(File const& kvm, File const& vm, unsigned index)
      : file_(vm.call(KVM_CREATE_VCPU, static_cast<unsigned long>(index), "no vCPU"), "no vCPU") {
    kvm_vcpu_init init{};
    vm.call(KVM_ARM_PREFERRED_TARGET, &init, "no target");
    init.features[0] |= 1U << KVM_ARM_VCPU_PSCI_0_2 | (index == 0 ? 0U : 1U << KVM_ARM_VCPU_POWER_OFF);
    file_.call(KVM_ARM_VCPU_INIT, &init, "the vCPU does not start");
    u64 entry = REDOUBT_GUEST_RAM_BASE;
    kvm_one_reg const counter{kProgramCounter, reinterpret_cast<u64>(&entry)};
    file_.call(KVM_SET_ONE_REG, &counter, "no entry point");
    auto const size = static_cast<std::size_t>(kvm.call(KVM_GET_VCPU_MMAP_SIZE, 0UL, "no size"));
    void* const shared = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_.number(), 0);
    if (shared == MAP_FAILED) fail("no shared page");
    run_ = static_cast<kvm_run*>(shared);
    size_ = size;
  }
  Vcpu(Vcpu&& other) noexcept
      : file_(std::move(other.file_)), run_(std::exchange(other.run_, nullptr)), size_(other.size_) {}
  ~Vcpu() {
    if (run_ != nullptr) ::munmap(run_, size_);
  }
  // What the guest wants, or nothing if a signal came in between.
  kvm_run* run() {
    if (::ioctl(file_.number(), KVM_RUN, 0) < 0 && errno != EINTR) fail("the guest does not run");
    return run_;
  }
  kvm_run& shared() { return *run_; }

 private:
  File file_;
  kvm_run* run_ = nullptr;
  std::size_t size_ = 0;
};

class Vm {
 public:
  Vm(File const& kvm, unsigned vcpus)
      : file_(kvm.call(KVM_CREATE_VM, 0UL, "no VM"), "no VM"), report_(vcpus) {}

  void take(Memory const& memory) {
    kvm_userspace_memory_region const region{0, 0, REDOUBT_GUEST_RAM_BASE, kMemory,
                                             reinterpret_cast<u64>(memory.start())};
    file_.call(KVM_SET_USER_MEMORY_REGION, &region, "no guest memory");
  }
  // vCPUs, then the interrupt controller, which must know them.
  void populate(File const& kvm, unsigned vcpus) {
    for (unsigned i = 0; i < vcpus; ++i) vcpus_.emplace_back(kvm, file_, i);
    kvm_create_device device{KVM_DEV_TYPE_ARM_VGIC_V3, 0, 0};
    file_.call(KVM_CREATE_DEVICE, &device, "no interrupt controller");
    File const controller(static_cast<int>(device.fd), "no interrupt controller");
    u64 distributor = REDOUBT_GUEST_GICD_BASE, redistributors = REDOUBT_GUEST_GICR_BASE;
    std::uint32_t interrupts = 64;
    auto const set = [&](std::uint32_t group, u64 number, void* value) {
      kvm_device_attr const attribute{0, group, number, reinterpret_cast<u64>(value)};
      controller.call(KVM_SET_DEVICE_ATTR, &attribute, "the interrupt controller takes no setting");
    };
    set(KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &distributor);
    set(KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redistributors);
    set(KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &interrupts);
    set(KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, nullptr);
  }
  // Runs one vCPU until the guest has measured all.
  void serve(unsigned index) {
    while (!done_) {
      kvm_run& run = *vcpus_[index].run();
      if (run.exit_reason == KVM_EXIT_MMIO)
        answer(run);
      else if (run.exit_reason != KVM_EXIT_INTR)
        fail("the measuring guest has failed");
    }
  }
  Vcpu& vcpu(unsigned index) { return vcpus_[index]; }

 private:
  void answer(kvm_run& run) {
    u64 const offset = run.mmio.phys_addr - REDOUBT_BENCH_BASE;
    u64 value = offset < REDOUBT_BENCH_SIZE ? report_.read(offset) : 0;
    if (run.mmio.is_write == 0) {
      std::memcpy(run.mmio.data, &value, sizeof(value));
    } else if (offset < REDOUBT_BENCH_SIZE) {
      std::memcpy(&value, run.mmio.data, sizeof(value));
      if (offset == REDOUBT_BENCH_DONE) done_ = true;
      if (!report_.write(offset, value)) fail("the guest reports an unknown operation");
    }
  }

  File file_;
  std::vector<Vcpu> vcpus_;
  Report report_;
  std::atomic<bool> done_ = false;
};

void load(char const* path, Memory const& memory) {
  File const image(::open(path, O_RDONLY | O_CLOEXEC), path);
  std::size_t at = 0;
  for (;;) {
    ssize_t const more = ::read(image.number(), memory.start() + at, kBlock - at);
    if (more < 0) fail(path);
    if (more == 0) return;
    at += static_cast<std::size_t>(more);
  }
}

void stay_on(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (::sched_setaffinity(0, sizeof(set), &set) != 0) fail("there are too few CPUs");
}

void run_one(File const& kvm, char const* image) {
  std::optional<Vm> vm;
  for (unsigned i = 0; i < 2; ++i) {  // the first fills the kernel's caches
    vm.reset();
    auto const samples = timed(1, [&] { vm.emplace(kvm, 1); });
    if (i == 1) print("vm-create-unverified", samples);
  }
  print("vcpu-create", timed(1, [&] { vm->populate(kvm, 1); }));
  print("teardown-unpopulated", timed(1, [&] { vm.reset(); }));
  for (bool const blocks : {false, true}) {  // what is printed last counts: all but the ends with blocks
    std::optional<Memory> memory(std::in_place, blocks);
    load(image, *memory);
    vm.emplace(kvm, 1);
    vm->take(*memory);
    vm->populate(kvm, 1);
    vm->vcpu(0).shared().immediate_exit = 1;
    print("run-kicked", timed(kRounds, [&] { vm->vcpu(0).run(); }));
    vm->vcpu(0).shared().immediate_exit = 0;
    vm->serve(0);
    auto const end = timed(1, [&] {
      vm.reset();
      memory.reset();
    });
    print(blocks ? "teardown-64m-blocks" : "teardown-64m", end);
  }
}

// The second vCPU's thread ends with the program.
void run_two(File const& kvm, char const* image) {
  Memory const memory(true);
  load(image, memory);
  Vm vm(kvm, 2);
  vm.take(memory);
  vm.populate(kvm, 2);
  std::thread other([&] {
    stay_on(1);
    vm.serve(1);
  });
  other.detach();
  stay_on(0);
  vm.serve(0);
  std::_Exit(0);
}

}  // namespace
}  // namespace redoubt::bench

int main(int count, char** arguments) {
  using namespace redoubt::bench;
  if (count != 3 || (arguments[1][0] != '1' && arguments[1][0] != '2')) {
    fmt::print("bench: error: give a number of vCPUs, 1 or 2, and the guest's image\n");
    return 2;
  }
  File const kvm(::open("/dev/kvm", O_RDWR | O_CLOEXEC), "no /dev/kvm");
  if (arguments[1][0] == '1') {
    run_one(kvm, arguments[2]);
  } else {
    run_two(kvm, arguments[2]);
  }
  return 0;
}
