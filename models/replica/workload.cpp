#include "models/replica/workload.hpp"

#include <cmath>
#include <numeric>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include "runtime/check.hpp"

namespace windtunnel::replica {

Workload::Workload(Host& host, const WorkloadOptions& options)
    : host_(host),
      options_(options),
      weights_(std::accumulate(options.mix.begin(), options.mix.end(), std::uint64_t{0})),
      keys_(options.keys, options.skew),
      arrivals_(host.random("replica.arrivals:" + std::to_string(options.load))),
      choices_(host.random("replica.choices:" + std::to_string(options.load))) {
  check(weights_ > 0, "a load on replicas has calls of some kind");
  spawn(host, run());
}

CallKind Workload::draw_kind() {
  std::uint64_t drawn = choices_.below(weights_);
  std::size_t kind = 0;
  while (drawn >= options_.mix[kind]) {
    drawn -= options_.mix[kind];
    ++kind;
  }
  return static_cast<CallKind>(kind);
}

asio::awaitable<void> Workload::run() {
  Timer timer{host_};
  const Instant begin = host_.now();
  Instant due = begin;
  for (std::uint64_t number = 0;; ++number) {
    due += Duration{std::llround(1e9 / options_.rate_per_second * arrivals_.exponential())};
    if (due - begin >= options_.lasts) {
      co_return;
    }
    timer.expires_at(due);
    co_await timer.async_wait(asio::deferred);
    start(number);
  }
}

void Workload::start(std::uint64_t number) {
  const CallKind kind = draw_kind();
  spawn(host_, call({options_.load, number, kind, "key-" + std::to_string(keys_(choices_))}));
}

asio::awaitable<void> Workload::call(CallInvoked invoked) {
  host_.journal().record(invoked);
  CallEnded ended;
  ended.load = invoked.load;
  ended.number = invoked.number;
  if (invoked.kind == CallKind::read) {
    co_await read(invoked, ended);
  } else {
    co_await write(invoked, ended);
  }
  host_.journal().record(ended);
}

asio::awaitable<void> Workload::write(const CallInvoked& invoked, CallEnded& ended) {
  WriteRequest request;
  request.kind = static_cast<OperationKind>(invoked.kind);
  request.key = invoked.key;
  if (invoked.kind == CallKind::put) {
    request.value = std::string{host_.name()} + "/" + std::to_string(invoked.number);
  }
  const auto [error, response] = co_await host_.messages().async_call<WriteResponse>(
      options_.replica, std::move(request), options_.timeout, asio::as_tuple(asio::deferred));
  ended.is_answered = !error;
  if (!error) {
    ended.dot = response.dot;
  }
}

asio::awaitable<void> Workload::read(const CallInvoked& invoked, CallEnded& ended) {
  ReadRequest request;
  request.key = invoked.key;
  const auto [error, response] = co_await host_.messages().async_call<ReadResponse>(
      options_.replica, std::move(request), options_.timeout, asio::as_tuple(asio::deferred));
  ended.is_answered = !error;
  if (!error && response.found) {
    ended.dot = response.found->dot;
  }
}

}  // namespace windtunnel::replica
