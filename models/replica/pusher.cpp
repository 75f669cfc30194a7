#include "models/replica/pusher.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

namespace windtunnel::replica {

namespace {

constexpr std::size_t kOperationsPerPush = 256;

std::vector<Dot> dots_of(const Push& push) {
  std::vector<Dot> dots;
  for (const Operation& operation : push.operations) {
    dots.push_back(operation.dot);
  }
  return dots;
}

}  // namespace

void Pusher::start() {
  spawn(host_, run());
}

bool Pusher::has_unseen() const {
  return !store_.outbox().unseen(store_.seen_by(options_.peer), 1).empty();
}

asio::awaitable<void> Pusher::run() {
  for (;;) {
    const bool has_progress = co_await push();
    if (!has_progress) {
      co_await sleep_for(host_, options_.retry);
      continue;
    }
    if (!has_unseen()) {
      co_await idle();
    }
  }
}

asio::awaitable<void> Pusher::idle() {
  idle_.expires_after(options_.report_every);
  // Ended early where there is something new.
  const auto [error] = co_await idle_.async_wait(asio::as_tuple(asio::deferred));
  static_cast<void>(error);
}

Push Pusher::next_push() {
  return {store_.standing(),
          store_.outbox().unseen(store_.seen_by(options_.peer), kOperationsPerPush)};
}

asio::awaitable<bool> Pusher::push() {
  Push push = next_push();
  const std::vector<Dot> dots = dots_of(push);
  co_await store_.async_durable(asio::deferred);
  const auto [error, answer] = co_await host_.messages().async_call<PushAnswer>(
      options_.host, std::move(push), options_.timeout, asio::as_tuple(asio::deferred));
  if (error == asio::error::timed_out) {
    // The kernel would wait ever longer before it tried again.
    host_.abandon_connection(options_.host);
  }
  if (error) {
    co_return false;
  }
  const CausalContext& seen = answer.standing.seen;
  store_.report(options_.peer, answer.standing);
  co_return dots.empty() ||
      std::ranges::any_of(dots, [&](const Dot& dot) { return seen.contains(dot); });
}

}  // namespace windtunnel::replica
