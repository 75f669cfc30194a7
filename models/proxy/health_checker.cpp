#include "models/proxy/health_checker.hpp"

#include <utility>

namespace windtunnel::proxy {

namespace {

health::EnvoyHealthCheckOptions options_of(const HealthCheckSettings& settings) {
  health::EnvoyHealthCheckOptions options;
  options.timeout = settings.timeout;
  options.interval = settings.interval;
  options.unhealthy_threshold = settings.unhealthy;
  options.healthy_threshold = settings.healthy;
  options.initial_jitter = settings.interval;
  options.interval_jitter_percent = settings.jitter / (kWholeInParts / 100);
  return options;
}

health::CheckFailure failure_of(const error_code& error) {
  if (!error) {
    return health::CheckFailure::active;
  }
  return error == asio::error::timed_out ? health::CheckFailure::network_timeout
                                         : health::CheckFailure::network;
}

std::string_view cause_of(const error_code& error, bool serves) {
  if (error) {
    return error == asio::error::timed_out ? "no answer" : "connection";
  }
  return serves ? "answers" : "another service";
}

}  // namespace

HealthChecker::HealthChecker(Host& host, std::string service, Report report)
    : host_(host),
      service_(std::move(service)),
      report_(std::move(report)),
      random_(host.random("proxy.health_checks:" + service_)),
      timer_(host, [this] { run(); }) {}

void HealthChecker::start(const HealthCheckSettings& settings,
                          const std::vector<HostId>& endpoints) {
  stop();
  timeout_ = settings.timeout;
  const health::EnvoyHealthCheckOptions options = options_of(settings);
  endpoints_.reserve(endpoints.size());
  for (const HostId host : endpoints) {
    Endpoint& endpoint = endpoints_.emplace_back(Endpoint{
        host, {options, host_.now(), RandomStream{random_.next(), "proxy.health_check"}}, true});
    endpoint.check.note_traffic();
    due_.emplace(endpoint.check.next_deadline(), static_cast<std::uint32_t>(endpoints_.size() - 1));
  }
  run();
}

void HealthChecker::stop() {
  ++generation_;
  endpoints_.clear();
  due_ = {};
  timer_.cancel();
}

void HealthChecker::run() {
  while (!due_.empty() && due_.top().first <= host_.now()) {
    const std::uint32_t index = due_.top().second;
    due_.pop();
    if (const auto attempt = endpoints_[index].check.on_deadline(host_.now())) {
      probe(index, attempt->number);
    }
  }
  if (!due_.empty()) {
    timer_.expires_at(due_.top().first);
  }
}

void HealthChecker::probe(std::uint32_t index, std::uint64_t attempt) {
  ++probes_;
  host_.messages().async_call<service::HealthAnswer>(
      endpoints_[index].host, service::HealthProbe{service_}, timeout_,
      [this, index, attempt, generation = generation_](error_code error,
                                                       service::HealthAnswer answer) {
        if (generation == generation_) {
          hear(index, attempt, error, answer);
        }
      });
}

void HealthChecker::hear(std::uint32_t index, std::uint64_t attempt, const error_code& error,
                         const service::HealthAnswer& answer) {
  Endpoint& endpoint = endpoints_[index];
  const Instant now = host_.now();
  if (!error && answer.serves) {
    static_cast<void>(endpoint.check.succeed(now, attempt));
  } else {
    static_cast<void>(endpoint.check.fail(now, attempt, failure_of(error)));
  }
  due_.emplace(endpoint.check.next_deadline(), index);
  const bool is_healthy = endpoint.check.is_healthy();
  if (is_healthy != std::exchange(endpoint.is_healthy, is_healthy)) {
    report_({balance::EndpointId{index}, is_healthy, cause_of(error, answer.serves)});
  }
  run();
}

}  // namespace windtunnel::proxy
