#include "live/live_host.hpp"

#include <chrono>
#include <random>

#include <boost/asio/post.hpp>

namespace windtunnel::live {

/// A function handed to the executor, until it runs.
struct LiveHost::Posted {
  Waiter<void()> waiter;
};

namespace {

std::uint64_t draw_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

asio::execution_context& HostExecutor::query(asio::execution::context_t) const noexcept {
  return host_->context_;
}

void HostExecutor::post(Completion<void()> function) const {
  host_->post(std::move(function));
}

LiveHost::LiveHost(asio::io_context& context, LiveHostOptions options, TypeRegistry types,
                   HostTable hosts)
    : Host(HostExecutor{*this}),
      context_(context),
      options_(std::move(options)),
      seed_(options_.seed ? *options_.seed : draw_seed()),
      types_(std::move(types)),
      hosts_(std::move(hosts)),
      alarms_(context),
      journal_(*this, options_.journal, options_.observer),
      disk_(context, executor(), pending(), options_.data_directory),
      streams_(context, *this, hosts_, options_.listen.address()),
      transport_(context, *this, types_, hosts_, options_.listen, options_.transport) {}

LiveHost::~LiveHost() {
  is_stopped_ = true;
  pending().abandon_all();
  disk_.abandon_operations();
  program_.reset();
  messages().forget_everything();
  pending().abandon_all();
}

void LiveHost::start(const Boot& boot) {
  check(!program_, "a live host starts once");
  program_ = boot(*this);
}

WallInstant LiveHost::wall_now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return WallInstant{std::chrono::duration_cast<Duration>(since_epoch)};
}

RandomStream LiveHost::random(std::string_view purpose) {
  return RandomStream{seed_, options_.name + "/" + std::string{purpose}};
}

Acceptor LiveHost::listen(Port port) {
  return Acceptor{executor(), streams_.listen(port)};
}

void LiveHost::connect(HostId to, Port port, Completion<void(error_code, ByteStream)> done) {
  streams_.connect(to, port, std::move(done));
}

AlarmId LiveHost::create_alarm(void (*handler)(void*), void* context) {
  return alarms_.create(handler, context);
}
void LiveHost::set_alarm(AlarmId alarm, Instant deadline) {
  alarms_.set(alarm, deadline);
}
void LiveHost::clear_alarm(AlarmId alarm) {
  alarms_.clear(alarm);
}
void LiveHost::destroy_alarm(AlarmId alarm) {
  alarms_.destroy(alarm);
}

void LiveHost::transmit(HostId to, Envelope&& envelope) {
  if (is_stopped_) {
    return;
  }
  if (to != id()) {
    transport_.transmit(to, envelope);
    return;
  }
  // Completion holds small handlers only; an envelope is not one.
  asio::post(executor(), [this, held = std::make_unique<Envelope>(std::move(envelope))] {
    messages().deliver(id(), std::move(*held));
  });
}

void LiveHost::abandon_connection(HostId peer) {
  transport_.abandon_connection(peer);
}

void LiveHost::post(Completion<void()> function) {
  if (is_stopped_) {
    return;  // Destroying the function destroys the coroutine that it would have resumed.
  }
  if (free_posted_.empty()) {
    free_posted_.push_back(&posted_.emplace_back());
  }
  Posted& posted = *free_posted_.back();
  free_posted_.pop_back();
  posted.waiter.wait(pending(), std::move(function));
  ready_.push_back(&posted);
  if (!std::exchange(run_scheduled_, true)) {
    asio::post(context_, lifetime_.guard([this] { run_posted(); }));
  }
}

void LiveHost::run_posted() {
  run_scheduled_ = false;
  // What these post runs in the next turn, so that sockets are served in between.
  for (std::size_t count = ready_.size(); count > 0; --count) {
    Posted& posted = *ready_.front();
    ready_.pop_front();
    auto function = posted.waiter.release();
    free_posted_.push_back(&posted);
    function();
  }
}

}  // namespace windtunnel::live
