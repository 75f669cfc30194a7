#include "models/client/load_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>
#include <utility>

#include <boost/asio/deferred.hpp>

#include "runtime/check.hpp"

namespace windtunnel::client {

namespace {

std::string purpose_of(std::string_view what, std::uint32_t load) {
  return std::string{what} + ":" + std::to_string(load);
}

std::string name_of_user(std::uint64_t user) {
  std::array<char, 1 + std::numeric_limits<std::uint64_t>::digits10 + 1> text{'u'};
  const auto written = std::to_chars(text.data() + 1, text.data() + text.size(), user);
  return {text.data(), written.ptr};
}

CallRecord record_of(std::uint64_t number, const service::CallResult& result, Instant due,
                     Instant ended, std::uint8_t business) {
  CallRecord record;
  record.number = number;
  record.due = due;
  record.ended = ended;
  record.outcome = result.outcome;
  record.attempts = result.attempts;
  record.version = result.version;
  record.policy = result.policy;
  record.picked = result.picked;
  record.business = business;
  return record;
}

}  // namespace

RequestSource::RequestSource(Host& host, RequestShape shape, std::string_view purpose)
    : host_(host),
      shape_(std::move(shape)),
      users_(shape_.users, shape_.skew),
      weights_(std::accumulate(shape_.business_weights.begin(), shape_.business_weights.end(),
                               std::uint64_t{0})),
      random_(host.random(purpose)) {
  check(weights_ > 0 && shape_.business_weights.size() <= 256,
        "a load has 1 to 256 business priorities with some weight");
}

service::CallRequest RequestSource::next() {
  const std::uint64_t user = users_(random_);
  service::CallRequest request;
  request.key = name_of_user(user);
  request.timeout = shape_.timeout;
  request.priority.business = draw_business();
  request.priority.user = service::dagor_user_level(user, host_.wall_now().time_since_epoch());
  return request;
}

std::uint8_t RequestSource::draw_business() {
  std::uint64_t left = random_.below(weights_);
  std::size_t level = 0;
  while (left >= shape_.business_weights[level]) {
    left -= shape_.business_weights[level++];
  }
  return static_cast<std::uint8_t>(level);
}

LoadClient::LoadClient(Host& host, OpenLoopOptions options, service::Caller& caller, CallSink& sink)
    : host_(host),
      options_(std::move(options)),
      caller_(caller),
      sink_(sink),
      source_(host, options_.requests, purpose_of("client.requests", options_.load)),
      arrivals_(options_.arrivals, host.random(purpose_of("client.arrivals", options_.load))),
      began_(host.now()),
      timer_(host, [this] {
        start(due_);
        go_on();
      }) {
  go_on();
}

void LoadClient::go_on() {
  while (const auto offset = arrivals_.next()) {
    if (*offset >= options_.lasts) {
      return;
    }
    due_ = began_ + *offset;
    if (due_ > host_.now()) {
      timer_.expires_at(due_);
      return;
    }
    // After a pause of the host several are due at once; each counts from its own due time.
    start(due_);
  }
}

void LoadClient::start(Instant due) {
  const std::uint64_t number = sink_.begin(due);
  ++in_flight_;
  service::CallRequest request = source_.next();
  const std::uint8_t business = request.priority.business;
  caller_.start(
      source_.service(), std::move(request),
      service::Caller::Done{[this, number, due, business](const service::CallResult& result) {
        --in_flight_;
        sink_.end(record_of(number, result, due, host_.now(), business));
      }});
}

ClosedLoopClient::ClosedLoopClient(Host& host, ClosedLoopOptions options, service::Caller& caller,
                                   CallSink& sink)
    : host_(host),
      options_(std::move(options)),
      caller_(caller),
      sink_(sink),
      source_(host, options_.requests, purpose_of("client.requests", options_.load)),
      think_(options_.think),
      thoughts_(host.random(purpose_of("client.think", options_.load))) {
  for (std::uint32_t user = 0; user < options_.concurrent; ++user) {
    spawn(host, be_user());
  }
}

asio::awaitable<void> ClosedLoopClient::be_user() {
  const Instant end = instant_after(host_.now(), options_.lasts);
  Timer timer{host_};
  for (;;) {
    // Also with no time to think: it lets others run where a call ends at once.
    timer.expires_after(think_(thoughts_));
    co_await timer.async_wait(asio::deferred);
    const Instant due = host_.now();
    if (due >= end) {
      co_return;
    }
    const std::uint64_t number = sink_.begin(due);
    service::CallRequest request = source_.next();
    const std::uint8_t business = request.priority.business;
    const service::CallResult result = co_await caller_.call(source_.service(), std::move(request));
    sink_.end(record_of(number, result, due, host_.now(), business));
  }
}

}  // namespace windtunnel::client
