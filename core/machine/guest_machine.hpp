// SPDX-License-Identifier: BSD-3-Clause
// What a machine must offer for a vCPU beside memory: interrupts, timer, PSCI, identification registers.
#pragma once
#include "core/machine/mailbox.hpp"

namespace redoubt {

// Events of a vCPU that the core's emulation answers. Arguments a, b, c, d; 0 where not named.
enum class GuestEvent : std::uint32_t {
  create,  // a: VM, b: its vCPUs, c: PC, d: x0 of vCPU 0, which is on; the others are off, nothing is pending
  destroy,  // a: VM that no vCPU runs of, and none ever will
  started,  // a: VM, b: vCPU: its start values (GuestWord) have been taken

  // Of the vCPU that is loaded on this CPU:
  load,                // it is about to run: interrupts and timer go to the CPU
  unload,              // it stops running: they are saved, the host's deadline is disarmed
  spi,                 // a: INTID 32 to 255, b: priority; done: taken
  interrupt,           // a physical interrupt ended the run; done: it was the core's, or the vCPU's timer
  wait,                // WFI or WFE, a: syndrome; done: something is pending
  call,                // HVC or SMC, a: function identifier, b, c, d: x1 to x3
  system_register,     // MSR or MRS, a: syndrome, b: the register it stores
  redistributor_read,  // a: guest address, b: bytes
  redistributor_write, // a: guest address, b: bytes, c: value
  refused,             // a: syndrome: the vCPU gets UNDEFINED; for the log
  count
};

// What the answer is. `guest_answer` has the value that goes with it.
enum class GuestNext : std::uint32_t {
  done = 0,       // the vCPU goes on; value: of the register that waits for one
  to_host = 1,    // done (a call's x0 is 0), and the host must run; value: enum redoubt_exit
  undefined = 2,  // there is no such thing: the vCPU gets UNDEFINED
  not_mine = 3    // of no concern to the emulation
};

// What it says of a vCPU.
enum class GuestWord : std::uint32_t {
  power,       // GuestPower
  entry,       // starting: PC at its start
  context,     // starting: x0 at its start
  deadline,    // of its timer, in the host's counter; ~0: none
  runnable,    // bit c: vCPU c of its VM is on
  wake,        // bit c: vCPU c has got an interrupt from this one since it was loaded
  spi_active,  // by index below 4: delivered SPIs that the guest has not ended, 64 INTIDs each
  count
};
enum class GuestPower : std::uint32_t { off = 0, on = 1, starting = 2 };

// `guest_event` acts and tells what next, `guest_answer` is the value of the last event on this CPU. Both see
// x0 to x30 of the loaded vCPU at most where the event names them.
template <class M>
concept GuestMachine =
    MailboxMachine<M> && requires(M& m, typename M::Word w, VmId<typename M::Word> vmid,
                                  VcpuId<typename M::Word> vcpuid, GuestEvent event, GuestWord word) {
      { m.guest_event(event, w, w, w, w) } -> std::same_as<typename M::Word>;  // GuestNext
      { m.guest_answer() } -> std::same_as<typename M::Word>;
      { m.guest_word(word, vmid, vcpuid, w) } -> std::same_as<typename M::Word>;
      // R16: where another vCPU of that VM ran last on this CPU, TLBI VMALLE1 and IC IALLU here.
      { m.forget_other_vcpu(vmid, vcpuid) };
    };

}  // namespace redoubt
