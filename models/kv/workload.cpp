#include "models/kv/workload.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/asio/deferred.hpp>

namespace windtunnel::kv {

std::string key_of(std::string_view host, std::uint32_t load, std::uint64_t number) {
  // Zero-padded, so that keys sort in the order written.
  constexpr std::size_t kDigits = 10;
  const std::string digits = std::to_string(number);
  const std::string of_load = std::to_string(load);
  std::string key;
  key.reserve(host.size() + of_load.size() + std::max(digits.size(), kDigits) + 2);
  key += host;
  key += '/';
  key += of_load;
  key += '/';
  key.append(digits.size() < kDigits ? kDigits - digits.size() : 0, '0');
  key += digits;
  return key;
}

Workload::Workload(Host& host, WorkloadOptions options)
    : host_(host),
      options_(std::move(options)),
      client_(host, options_.client),
      value_(std::string(options_.value_bytes, 'v')),
      arrivals_(host.random("kv.arrivals:" + std::to_string(options_.load))),
      choices_(host.random("kv.choices:" + std::to_string(options_.load))) {
  spawn(host, run());
}

Duration Workload::next_gap() {
  const double mean = 1e9 / options_.rate_per_second;
  const double gap = options_.arrivals == Arrivals::poisson ? mean * arrivals_.exponential() : mean;
  return Duration{std::llround(gap)};
}

asio::awaitable<void> Workload::run() {
  Timer timer{host_};
  const Instant begin = host_.now();
  Instant due = begin;
  for (std::uint64_t number = 0;; ++number) {
    due += next_gap();
    if (due - begin >= options_.lasts) {
      co_return;
    }
    timer.expires_at(due);
    co_await timer.async_wait(asio::deferred);
    const bool is_read = choices_.chance(options_.reads);
    start({number, is_read ? OperationKind::read : OperationKind::write});
  }
}

void Workload::start(Operation operation) {
  if (idle_.empty()) {
    spawn(host_, work(operation));
    return;
  }
  Worker& worker = *idle_.back();
  idle_.pop_back();
  worker.complete(operation);
}

template <typename Token>
auto Workload::async_next(Worker& worker, Token&& token) {
  return asio::async_initiate<Token, void(Operation)>(
      [this, &worker](auto handler) {
        idle_.push_back(&worker);
        worker.wait(host_.pending(),
                    completion_on<void(Operation)>(host_.executor(), std::move(handler)));
      },
      token);
}

asio::awaitable<void> Workload::work(Operation operation) {
  Worker worker;
  for (;;) {
    co_await operate(operation);
    operation = co_await async_next(worker, asio::deferred);
  }
}

asio::awaitable<void> Workload::operate(Operation operation) {
  const auto [number, kind] = operation;
  host_.journal().record(OperationInvoked{options_.load, number, kind});
  OperationEnded ended{options_.load, number, Outcome::failed, 0};
  if (kind == OperationKind::write) {
    const auto result = co_await client_.write(key_of(host_.name(), options_.load, number), value_);
    ended.outcome = result.outcome;
    ended.attempts = result.attempts;
  } else {
    const std::uint64_t wanted = number == 0 ? 0 : choices_.below(number);
    const auto result = co_await client_.read(key_of(host_.name(), options_.load, wanted));
    ended.outcome = result.outcome == Outcome::ok ? Outcome::ok : Outcome::failed;
    ended.attempts = result.attempts;
  }
  host_.journal().record(ended);
}

}  // namespace windtunnel::kv
