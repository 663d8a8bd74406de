// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* vCPUs: a file each; one thread at a time stays in the guest, or waits here while the guest does. */
#include <clocksource/arm_arch_timer.h>
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/math64.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include "module.h"

#define NEVER (~0ull)
#define AGAIN 1 /* of one entry: enter again */

static void nothing(void* data) {}

void redoubt_vcpu_interrupt(struct redoubt_vcpu* vcpu) {
  int cpu;

  smp_mb(); /* what the vCPU must see is written before its CPU is looked up; pairs with enter() */
  wake_up_all(&vcpu->wait);
  cpu = READ_ONCE(vcpu->cpu);
  if (cpu >= 0) smp_call_function_single(cpu, nothing, NULL, 0);
}

/* Wakes the vCPUs in `mask`, which an exit of another one named. */
static void wake(struct redoubt_vm* vm, unsigned int mask) {
  unsigned int index;

  for (index = 0; index < REDOUBT_MAX_VCPUS; index++) {
    struct redoubt_vcpu* vcpu = READ_ONCE(vm->vcpus[index]);

    if (!(mask & BIT(index)) || !vcpu) continue;
    WRITE_ONCE(vcpu->woken, true);
    redoubt_vcpu_interrupt(vcpu);
  }
}

static bool must_leave(const struct redoubt_vcpu* vcpu) {
  return READ_ONCE(vcpu->kicked) || READ_ONCE(vcpu->vm->stopping);
}

/*
 * One entry. Interrupts stay masked: one that comes while the guest runs ends its stay, and is taken right
 * after. A kick before the mask is seen here; one after it finds `cpu` set and interrupts the guest.
 */
static s64 enter(struct redoubt_vcpu* vcpu) {
  s64 status = REDOUBT_AGAIN;

  local_irq_disable();
  WRITE_ONCE(vcpu->cpu, smp_processor_id());
  smp_mb(); /* pairs with redoubt_vcpu_interrupt() */
  if (!must_leave(vcpu) && !signal_pending(current) && !need_resched()) {
    WRITE_ONCE(vcpu->woken, false);
    clear_bit(vcpu->index, &vcpu->vm->runnable);
    smp_mb__after_atomic(); /* who sets them from here on has told the core before, which decides anew */
    status = redoubt_call(REDOUBT_HOST_VCPU_RUN, vcpu->vm->vmid, vcpu->index, 0, 0, 0).status;
  }
  WRITE_ONCE(vcpu->cpu, -1);
  local_irq_enable();
  return status;
}

/* Until the counter reaches `deadline`, or someone wakes the vCPU. */
static int wait_for_interrupt(struct redoubt_vcpu* vcpu, u64 deadline) {
  u64 now = arch_timer_read_counter(), nanoseconds;
  ktime_t time = KTIME_MAX;
  long status;

  if (deadline != NEVER) {
    if (deadline <= now) return 0;
    nanoseconds = mul_u64_u32_div(deadline - now, NSEC_PER_SEC, arch_timer_get_cntfrq());
    time = min_t(u64, nanoseconds, KTIME_MAX - 1);
  }
  status = wait_event_interruptible_hrtimeout(vcpu->wait, READ_ONCE(vcpu->woken) || must_leave(vcpu), time);
  return status == -ERESTARTSYS ? -EINTR : 0;
}

/* A vCPU that is off waits until another one switches it on. */
static int wait_for_start(struct redoubt_vcpu* vcpu) {
  int status =
      wait_event_interruptible(vcpu->wait, test_bit(vcpu->index, &vcpu->vm->runnable) || must_leave(vcpu));

  return status ? -EINTR : 0;
}

static void switched_on(struct redoubt_vm* vm, unsigned int mask) {
  unsigned int index;

  for (index = 0; index < REDOUBT_MAX_VCPUS; index++) {
    if (mask & BIT(index)) set_bit(index, &vm->runnable);
  }
  wake(vm, mask);
}

static int fault(struct redoubt_vm* vm, u64 address) {
  int status = -ESHUTDOWN;

  mutex_lock(&vm->lock);
  if (!vm->gone) status = redoubt_memory_fault(vm, address);
  mutex_unlock(&vm->lock);
  return status ? status : AGAIN;
}

/* What the kernel does about an exit itself: AGAIN; 0: it is the VMM's; or an error. */
static int handle(struct redoubt_vcpu* vcpu, unsigned int exit) {
  struct redoubt_vcpu_mailbox* mailbox = vcpu->mailbox;
  unsigned int others = READ_ONCE(mailbox->wake) & ~BIT(vcpu->index);
  int status;

  if (exit < REDOUBT_EXIT_KINDS) atomic64_inc(&vcpu->vm->exits[exit]);
  if (others) wake(vcpu->vm, others);
  switch (exit) {
    case REDOUBT_EXIT_INTERRUPT:
      return AGAIN;
    case REDOUBT_EXIT_WFI:
      status = wait_for_interrupt(vcpu, READ_ONCE(mailbox->deadline));
      return status ? status : AGAIN;
    case REDOUBT_EXIT_FAULT:
      return fault(vcpu->vm, READ_ONCE(mailbox->address));
    case REDOUBT_EXIT_CPU_ON:
      switched_on(vcpu->vm, READ_ONCE(mailbox->runnable));
      return AGAIN;
    case REDOUBT_EXIT_CPU_OFF:
      return AGAIN;
    default:
      return 0;
  }
}

/* One entry and what follows from it, as handle(). */
static int step(struct redoubt_vcpu* vcpu) {
  int status;

  switch (enter(vcpu)) {
    case REDOUBT_AGAIN:
      return AGAIN;
    case REDOUBT_SUCCESS:
      return handle(vcpu, READ_ONCE(vcpu->mailbox->exit));
    case REDOUBT_NOT_FOUND:
      status = wait_for_start(vcpu);
      return status ? status : AGAIN;
    case REDOUBT_DENIED:
      return READ_ONCE(vcpu->vm->stopping) ? -ESHUTDOWN : -EPERM;
    case REDOUBT_BUSY:
      return -EBUSY;
    default:
      return -EIO;
  }
}

static int stay(struct redoubt_vcpu* vcpu, struct redoubt_ioc_run* run) {
  for (;;) {
    int status;

    if (READ_ONCE(vcpu->vm->stopping)) return -ESHUTDOWN;
    if (xchg(&vcpu->kicked, false)) {
      run->exit = REDOUBT_EXIT_INTERRUPT;
      return 0;
    }
    if (signal_pending(current)) return -EINTR;
    status = step(vcpu);
    run->spi_taken |= READ_ONCE(vcpu->mailbox->spi_taken);
    if (status != AGAIN) {
      run->exit = READ_ONCE(vcpu->mailbox->exit);
      return status;
    }
    cond_resched();
  }
}

static void offer(struct redoubt_vcpu_mailbox* mailbox, const struct redoubt_ioc_run* run) {
  BUILD_BUG_ON(sizeof(mailbox->spi) != sizeof(run->spi));
  WRITE_ONCE(mailbox->mmio_data, run->mmio_data);
  WRITE_ONCE(mailbox->mmio_abort, run->mmio_abort);
  WRITE_ONCE(mailbox->spi_count, run->spi_count);
  memcpy(mailbox->spi, run->spi, sizeof(run->spi));
  WRITE_ONCE(mailbox->spi_taken, 0);
}

static void report(const struct redoubt_vcpu_mailbox* mailbox, struct redoubt_ioc_run* run) {
  BUILD_BUG_ON(sizeof(mailbox->spi_active) != sizeof(run->spi_active));
  run->address = READ_ONCE(mailbox->address);
  run->size = READ_ONCE(mailbox->size);
  run->is_write = READ_ONCE(mailbox->is_write);
  run->data = READ_ONCE(mailbox->data);
  memcpy(run->spi_active, mailbox->spi_active, sizeof(run->spi_active));
}

/* Under the vCPU's lock. Its own copy of the request: one on the stack would be zeroed at each call. */
static long run(struct redoubt_vcpu* vcpu, void __user* argument) {
  struct redoubt_ioc_run* run = &vcpu->run;
  int status;

  if (copy_from_user(run, argument, sizeof(*run))) return -EFAULT;
  run->spi_taken = 0;
  offer(vcpu->mailbox, run);
  status = stay(vcpu, run);
  report(vcpu->mailbox, run);
  return copy_to_user(argument, run, sizeof(*run)) ? -EFAULT : status;
}

static long vcpu_ioctl(struct file* file, unsigned int command, unsigned long argument) {
  struct redoubt_vcpu* vcpu = file->private_data;
  long status;

  if (command != REDOUBT_IOC_RUN) return -ENOTTY;
  if (!mutex_trylock(&vcpu->lock)) return -EBUSY;
  status = run(vcpu, (void __user*)argument);
  mutex_unlock(&vcpu->lock);
  return status;
}

static int vcpu_release(struct inode* inode, struct file* file) {
  struct redoubt_vcpu* vcpu = file->private_data;

  redoubt_vm_put(vcpu->vm);
  return 0;
}

static const struct file_operations vcpu_operations = {
    .owner = THIS_MODULE,
    .unlocked_ioctl = vcpu_ioctl,
    .release = vcpu_release,
    .llseek = noop_llseek,
};

static struct redoubt_vcpu* make(struct redoubt_vm* vm, unsigned int index) {
  struct redoubt_vcpu* vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
  struct redoubt_result result;

  if (!vcpu) return ERR_PTR(-ENOMEM);
  vcpu->vm = vm;
  vcpu->index = index;
  vcpu->cpu = -1;
  mutex_init(&vcpu->lock);
  init_waitqueue_head(&vcpu->wait);
  result = redoubt_call(REDOUBT_HOST_VCPU_CREATE, vm->vmid, index, 0, 0, 0);
  if (!result.status) vcpu->mailbox = memremap(result.x1, PAGE_SIZE, MEMREMAP_WB);
  if (vcpu->mailbox) return vcpu;
  kfree(vcpu);
  return ERR_PTR(result.status ? redoubt_errno(result.status, EPERM) : -ENOMEM);
}

int redoubt_vcpu_create(struct redoubt_vm* vm, unsigned int index) {
  struct redoubt_vcpu* vcpu;
  int file;

  if (index >= REDOUBT_MAX_VCPUS) return -EINVAL;
  if (vm->vcpus[index]) return -EEXIST;
  vcpu = make(vm, index);
  if (IS_ERR(vcpu)) return PTR_ERR(vcpu);
  WRITE_ONCE(vm->vcpus[index], vcpu); /* freed with the VM */
  redoubt_vm_get(vm);
  file = anon_inode_getfd("redoubt-vcpu", &vcpu_operations, vcpu, O_RDWR | O_CLOEXEC);
  if (file < 0) redoubt_vm_put(vm);
  return file;
}

void redoubt_vcpu_free(struct redoubt_vcpu* vcpu) {
  if (!vcpu) return;
  memunmap(vcpu->mailbox);
  kfree(vcpu);
}
