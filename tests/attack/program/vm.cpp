// SPDX-License-Identifier: BSD-3-Clause
// A VM that runs the hostile guest, driven by raw calls: no driver between the attacks and the core.
#include <cstring>
#include <utility>

#include "tests/attack/program/lab.hpp"

namespace redoubt::attack {
namespace {

constexpr unsigned kBlockOrder = 8;
constexpr unsigned kManyEntries = 200'000;

}  // namespace

Vm::Vm(const Host& host, const Bundle& bundle) : block(host, kBlockOrder), host_(host), bundle_(bundle) {}

Vm::Vm(const Host& host, const Bundle& bundle, u64 physical)
    : block(host, kBlockOrder, physical), host_(host), bundle_(bundle) {}

Vm::~Vm() {
  if (id != 0 && !end()) block.abandon();
}

std::int64_t Vm::create_from(u64 physical, u64 bytes) {
  const Result result = call(host_, REDOUBT_HOST_VM_CREATE, physical, bytes);
  status = result.status;
  if (status == REDOUBT_SUCCESS) id = result.x1;
  return status;
}

bool Vm::create() {
  if (!block.valid()) return false;
  const u64 page = block.page(block.pages() - 1);
  const View view(host_, page);
  std::memcpy(const_cast<u64*>(view.words()), &bundle_.manifest(), sizeof(redoubt_manifest));
  return create_from(page, REDOUBT_MANIFEST_BYTES) == REDOUBT_SUCCESS;
}

bool Vm::add_vcpus() {
  for (unsigned i = 0; i < vcpu_count; ++i) {
    const Result result = call(host_, REDOUBT_HOST_VCPU_CREATE, id, i);
    status = result.status;
    if (status != REDOUBT_SUCCESS) return false;
    open_mailbox(i, result.x1);
  }
  return true;
}

void Vm::open_mailbox(unsigned vcpu, u64 physical) {
  mailbox_address[vcpu] = physical;
  const auto& view = mailbox_views_[vcpu].emplace(host_, physical, REDOUBT_TEST_CACHED);
  mailboxes_[vcpu] = static_cast<volatile redoubt_vcpu_mailbox*>(view.at(0));
}

void Vm::adopt(u64 vmid, std::vector<u64> pages, std::array<u64, 2> mailboxes) {
  id = vmid;
  given = std::move(pages);
  next_page_ = given.size();
  for (unsigned i = 0; i < mailboxes.size(); ++i) open_mailbox(i, mailboxes[i]);
}

Result Vm::give_image(unsigned image, u64 physical, u64 pages) {
  const Result result = call(host_, REDOUBT_HOST_VM_DONATE_IMAGE, id, image, physical, pages);
  for (u64 i = 0; i < result.x1 && i < pages; ++i) given.push_back(physical + i * kPageSize);
  return result;
}

Result Vm::give(u64 address, u64 physical, u64 pages, u64 flags) {
  const Result result = call(host_, REDOUBT_HOST_VM_DONATE, id, address, physical, pages, flags);
  for (u64 i = 0; i < result.x1 && i < pages; ++i) given.push_back(physical + i * kPageSize);
  return result;
}

bool Vm::load() {
  for (unsigned image = 0; image < bundle_.manifest().image_count; ++image) {
    for (u64 i = 0; i < bundle_.image_pages(image); ++i) {
      const u64 page = fresh_page();
      bundle_.copy_page(image, i, View(host_, page));
      status = give_image(image, page).status;
      if (status != REDOUBT_SUCCESS) return false;
    }
  }
  return true;
}

bool Vm::verify() {
  do {
    status = call(host_, REDOUBT_HOST_VM_VERIFY, id).status;
  } while (status == REDOUBT_AGAIN);
  return status == REDOUBT_SUCCESS;
}

std::int64_t Vm::stop() {
  for (unsigned i = 0; i < kManyEntries; ++i) {
    status = call(host_, REDOUBT_HOST_VM_STOP, id).status;
    if (status != REDOUBT_BUSY) break;
  }
  return status;
}

bool Vm::end() {
  stop();
  bool all = true;
  for (const u64 page : given) {
    const Result result = call(host_, REDOUBT_HOST_VM_RECLAIM, id, page, 1);
    all = all && result.status == REDOUBT_SUCCESS;
  }
  if (all) given.clear();
  status = call(host_, REDOUBT_HOST_VM_DESTROY, id).status;
  if (status == REDOUBT_SUCCESS) id = 0;
  return all && status == REDOUBT_SUCCESS;
}

// One access of the guest to a device; false: the guest has reported.
bool Vm::serve_device(unsigned vcpu, Answer& answer) {
  volatile redoubt_vcpu_mailbox& box = *mailboxes_[vcpu];
  const u64 at = box.address;
  if (box.is_write != 0) {
    if (at == kDone) {
      answer.syndrome = box.data;
      answer.done = true;
      return false;
    }
    if (at >= kResults && at < kDone) answer.x[(at - kResults) / 8 % kResultCount] = box.data;
    return true;
  }
  u64 value = 0;
  if (at >= kArguments && at < kResults) value = asked_[vcpu][1 + (at - kArguments) / 8 % kArgumentCount];
  if (at == kCommand) {
    value = asked_[vcpu][0];
    if (!fresh_[vcpu]) return true;
    fresh_[vcpu] = false;
  }
  if (at == kProbe) value = ~u64{0};
  box.mmio_data = value;
  box.mmio_abort = 0;
  return true;
}

Answer Vm::run(unsigned vcpu, unsigned entries) {
  Answer answer;
  const volatile redoubt_vcpu_mailbox& box = *mailboxes_[vcpu];
  while (answer.exits < entries) {
    answer.status = call(host_, REDOUBT_HOST_VCPU_RUN, id, vcpu).status;
    if (answer.status != REDOUBT_SUCCESS) return answer;
    ++answer.exits;
    answer.exit = box.exit;
    switch (answer.exit) {
      case REDOUBT_EXIT_INTERRUPT:
      case REDOUBT_EXIT_WFI:
      case REDOUBT_EXIT_CPU_ON:
        break;
      case REDOUBT_EXIT_MMIO:
        if (pause_at != 0 && box.address == pause_at) return answer;
        if (!serve_device(vcpu, answer)) return answer;
        break;
      case REDOUBT_EXIT_FAULT:
        answer.status = give(box.address, fresh_page()).status;
        if (answer.status != REDOUBT_SUCCESS) return answer;
        break;
      case REDOUBT_EXIT_ERROR:
        break;  // the guest gets an abort and reports it
      default:
        return answer;
    }
  }
  return answer;
}

Answer Vm::command_for(unsigned entries, Command what, std::array<u64, kArgumentCount> a, unsigned vcpu) {
  if (mailboxes_[vcpu] == nullptr) return {};
  asked_[vcpu] = {static_cast<u64>(what), a[0], a[1], a[2], a[3]};
  fresh_[vcpu] = true;
  return run(vcpu, entries);
}

Answer Vm::finish(unsigned vcpu) { return run(vcpu, kManyEntries); }

Answer Vm::command(Command what, std::array<u64, kArgumentCount> a, unsigned vcpu) {
  return command_for(kManyEntries, what, a, vcpu);
}

bool Vm::start_second() {
  const Answer where = command(Command::kWhere);
  constexpr u64 kCpuOn = 0xc4000003;
  const Answer on = command(Command::kHvc, {kCpuOn, 1, where.x[1], 0});
  return on.done && on.x[0] == 0 && answers(1);
}

std::optional<Vm::Page> Vm::private_page(u64 seed) {
  const Page page{memory() + next_address_, fresh_page()};
  next_address_ += kPageSize;
  if (give(page.address, page.physical).status != REDOUBT_SUCCESS) return std::nullopt;
  const Answer filled = command(Command::kFill, {page.address, seed});
  if (!filled.done || filled.syndrome != 0) return std::nullopt;
  return page;
}

}  // namespace redoubt::attack
