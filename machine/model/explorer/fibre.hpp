// SPDX-License-Identifier: BSD-3-Clause
// Fibres: bodies that run on their own stack and hand control back at points of their choice.
#pragma once
#include <ucontext.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#define REDOUBT_ASAN_FIBRES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REDOUBT_ASAN_FIBRES 1
#endif
#endif
#ifdef REDOUBT_ASAN_FIBRES
#include <sanitizer/common_interface_defs.h>
#endif

namespace redoubt::explorer {

// The address sanitizer has to know which stack is in use; without it these do nothing.
inline void before_switch([[maybe_unused]] void** keep, [[maybe_unused]] const void* bottom,
                          [[maybe_unused]] std::size_t size) {
#ifdef REDOUBT_ASAN_FIBRES
  __sanitizer_start_switch_fiber(keep, bottom, size);
#endif
}
inline void after_switch([[maybe_unused]] void* keep, [[maybe_unused]] const void** bottom,
                         [[maybe_unused]] std::size_t* size) {
#ifdef REDOUBT_ASAN_FIBRES
  __sanitizer_finish_switch_fiber(keep, bottom, size);
#endif
}

// One fibre, used again for one body after the other. The thread that calls resume() is its scheduler.
class Fibre {
 public:
  static constexpr std::size_t stack_size = std::size_t{256} << 10;

  Fibre() : stack_(new std::uint8_t[stack_size]) {}
  Fibre(const Fibre&) = delete;
  Fibre& operator=(const Fibre&) = delete;
  ~Fibre() { cancel(); }

  // Prepares a body; it starts at the next resume(). The fibre must be done with the body before.
  void start(std::function<void()> body) {
    body_ = std::move(body);
    cancelled_ = false;
    done_ = false;
    failure_ = nullptr;
    getcontext(&own_);
    own_.uc_stack.ss_sp = stack_.get();
    own_.uc_stack.ss_size = stack_size;
    own_.uc_link = nullptr;
    makecontext(&own_, &Fibre::enter, 0);
  }

  // Runs the body up to its next pause() or its end.
  void resume() {
    void* keep = nullptr;
    entering = this;
    before_switch(&keep, stack_.get(), stack_size);
    swapcontext(&scheduler_, &own_);
    after_switch(keep, nullptr, nullptr);
  }

  // From inside the body: back to the scheduler, until the next resume(). Throws Cancelled if there will be
  // none.
  void pause() {
    void* keep = nullptr;
    before_switch(&keep, scheduler_bottom_, scheduler_size_);
    swapcontext(&own_, &scheduler_);
    after_switch(keep, &scheduler_bottom_, &scheduler_size_);
    if (cancelled_) {
      throw Cancelled{};
    }
  }

  // Gives the body up: its stack is unwound, so that nothing leaks.
  void cancel() {
    if (done_) {
      return;
    }
    cancelled_ = true;
    while (!done_) {
      resume();
    }
  }

  [[nodiscard]] bool done() const { return done_; }
  // What the body ended with, if it threw.
  [[nodiscard]] std::exception_ptr failure() const { return failure_; }

 private:
  struct Cancelled {};

  static void enter() { entering->run(); }
  void run() {
    after_switch(nullptr, &scheduler_bottom_, &scheduler_size_);
    try {
      if (!cancelled_) {
        body_();
      }
    } catch (const Cancelled&) {
      failure_ = nullptr;  // unwound as asked: nothing to report
    } catch (...) {
      failure_ = std::current_exception();
    }
    done_ = true;
    before_switch(nullptr, scheduler_bottom_, scheduler_size_);
    setcontext(&scheduler_);
  }

  static inline thread_local Fibre* entering = nullptr;  // read where a fibre's stack begins

  std::unique_ptr<std::uint8_t[]> stack_;
  std::function<void()> body_;
  ucontext_t own_{}, scheduler_{};
  std::exception_ptr failure_;
  const void* scheduler_bottom_ = nullptr;
  std::size_t scheduler_size_ = 0;
  bool done_ = true, cancelled_ = false;
};

}  // namespace redoubt::explorer
