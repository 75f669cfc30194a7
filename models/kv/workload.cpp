#include "models/kv/workload.hpp"

#include <cmath>
#include <utility>

#include <boost/asio/deferred.hpp>

namespace windtunnel::kv {

std::string key_of(std::string_view host, std::uint32_t load, std::uint64_t number) {
  // Zero-padded, so that keys sort in the order written.
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 10 ? 10 - digits.size() : 0, '0');
  return std::string{host} + '/' + std::to_string(load) + '/' + digits;
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
    spawn(host_, operate(number, is_read ? OperationKind::read : OperationKind::write));
  }
}

asio::awaitable<void> Workload::operate(std::uint64_t number, OperationKind kind) {
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
