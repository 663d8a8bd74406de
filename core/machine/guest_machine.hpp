// SPDX-License-Identifier: BSD-3-Clause
// What a machine must offer for a vCPU beside memory: interrupts, timer, PSCI, identification registers.
#pragma once
#include "core/machine/mailbox.hpp"

namespace redoubt {

// Events of a vCPU that the core's emulation answers. Arguments a, b, c, d; 0 where not named.
enum class GuestEvent : std::uint32_t {
  create,  // a: VM: it exists, none of its vCPUs does; nothing is pending
  add,     // a: VM, b: vCPU, c: PC, d: x0: it exists; vCPU 0 is on and starts there, any other is off
  enter,   // a: VM, b: vCPU, ACTIVE on this CPU; done: goes on where it was; start: starts, answers x0 and pc

  // Of the vCPU that is loaded on this CPU:
  load,                 // it is about to run: interrupts and timer go to the CPU
  unload,               // it stops running: they are saved, the host's deadline is disarmed
  spi,                  // a: INTID 32 to 255, b: priority: the host says it is pending
  interrupt,            // a physical interrupt ended the run; done: it was the core's, or the vCPU's timer
  wait,                 // WFI or WFE, a: syndrome; done: something is pending
  call,                 // HVC or SMC, a: syndrome; x0 to x4 are the call's; share and unshare: answer address
  system_register,      // MSR or MRS, a: syndrome, b: the register that it stores
  redistributor_read,   // a: guest address, b: bytes
  redistributor_write,  // a: guest address, b: bytes, c: value
  refused,              // a: syndrome: the vCPU gets UNDEFINED; for the log
  count
};

// What follows.
enum class GuestNext : std::uint32_t {
  done = 0,       // the vCPU goes on, with the answers in its registers
  to_host = 1,    // likewise, and the host must run first
  undefined = 2,  // there is no such thing: the vCPU gets UNDEFINED
  not_mine = 3,   // of no concern to the emulation
  start = 4,      // of enter
  share = 5,      // of call: the page at the answer `address` is to be shared; x0 is what comes of it
  unshare = 6     // or its sharing ended
};

// What an event answers; only what the event and what follows name has a meaning.
enum class GuestAnswer : std::uint32_t {
  results,  // of call: how many of x0 to x3 the vCPU gets; else one if it reads
  x0,       //
  x1,       //
  x2,       //
  x3,       //
  pc,       // of enter
  exit,     // of to_host: enum redoubt_exit
  address,  // of share and unshare
  count
};

// What the emulation has for the host, of a vCPU or its VM; and what the CPU does not tell of an exit.
enum class GuestWord : std::uint32_t {
  power,       // not 0: the vCPU is on
  deadline,    // of its timer, in the host's counter; ~0: none
  runnable,    // bit c: vCPU c of its VM is on
  wake,        // bit c: vCPU c has got an interrupt from this one since it was loaded
  spi_taken,   // bit i: the i-th SPI of this run was delivered
  walk_level,  // saved vCPU: level of its stage-1 walk that its last abort was on, plus 1; else anything
  spi_active,  // by index below 4: delivered SPIs that the guest has not ended, 64 INTIDs each
  count
};

// `guest_event` acts and tells what follows, `guest_answer` what the last event on this CPU answered. Both
// see general registers of the loaded vCPU only where the event names them.
template <class M>
concept GuestMachine = MailboxMachine<M> && requires(M& m, typename M::Word w, VmId<typename M::Word> vmid,
                                                     VcpuId<typename M::Word> vcpuid, GuestEvent event,
                                                     GuestAnswer answer, GuestWord word) {
  { m.guest_event(event, w, w, w, w) } -> std::same_as<typename M::Word>;  // GuestNext
  { m.guest_answer(answer) } -> std::same_as<typename M::Word>;
  { m.guest_word(word, vmid, vcpuid, w) } -> std::same_as<typename M::Word>;
  // R16: where another vCPU of that VM ran last on this CPU, TLBI VMALLE1 and IC IALLU here.
  { m.forget_other_vcpu(vmid, vcpuid) };
};

}  // namespace redoubt
