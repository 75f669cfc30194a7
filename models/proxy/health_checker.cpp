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

HealthChecker::HealthChecker(Host& host, std::string service, Report report, ReportPass report_pass)
    : host_(host),
      service_(std::move(service)),
      report_(std::move(report)),
      report_pass_(std::move(report_pass)),
      random_(host.random("proxy.health_checks:" + service_)),
      timer_(host, [this] { run(); }) {}

void HealthChecker::start(const HealthCheckSettings& settings,
                          std::span<const CheckedEndpoint> endpoints) {
  stop();
  options_ = options_of(settings);
  for (const CheckedEndpoint& endpoint : endpoints) {
    add(endpoint);
  }
  run();
}

void HealthChecker::update(std::span<const CheckedEndpoint> endpoints) {
  std::map<balance::EndpointId, Endpoint> before = std::exchange(endpoints_, {});
  for (const CheckedEndpoint& endpoint : endpoints) {
    const auto known = before.find(endpoint.id);
    if (known != before.end() && known->second.host == endpoint.host) {
      endpoints_.insert(before.extract(known));
    } else {
      add(endpoint);
    }
  }
  run();
}

std::vector<balance::EndpointId> HealthChecker::unhealthy() const {
  std::vector<balance::EndpointId> found;
  for (const auto& [id, endpoint] : endpoints_) {
    if (!endpoint.is_healthy) {
      found.push_back(id);
    }
  }
  return found;
}

void HealthChecker::stop() {
  endpoints_.clear();
  due_ = {};
  timer_.cancel();
}

HealthChecker::Endpoint* HealthChecker::find(balance::EndpointId id, std::uint64_t life) {
  const auto found = endpoints_.find(id);
  const bool is_same = found != endpoints_.end() && found->second.life == life;
  return is_same ? &found->second : nullptr;
}

void HealthChecker::add(const CheckedEndpoint& endpoint) {
  Endpoint made{endpoint.host,
                {options_, host_.now(), RandomStream{random_.next(), "proxy.health_check"}},
                ++lives_,
                true};
  made.check.note_traffic();
  due_.push({made.check.next_deadline(), endpoint.id, made.life});
  endpoints_.emplace(endpoint.id, std::move(made));
}

void HealthChecker::run() {
  while (!due_.empty() && due_.top().at <= host_.now()) {
    const Due due = due_.top();
    due_.pop();
    if (Endpoint* const endpoint = find(due.id, due.life)) {
      if (const auto attempt = endpoint->check.on_deadline(host_.now())) {
        probe(due, attempt->number);
      }
    }
  }
  if (!due_.empty()) {
    timer_.expires_at(due_.top().at);
  }
}

void HealthChecker::probe(const Due& due, std::uint64_t attempt) {
  ++probes_;
  host_.messages().async_call<service::HealthAnswer>(
      find(due.id, due.life)->host, service::HealthProbe{service_}, options_.timeout,
      [this, due, attempt](error_code error, const service::HealthAnswer& answer) {
        hear(due, attempt, error, answer);
      });
}

void HealthChecker::hear(const Due& due, std::uint64_t attempt, const error_code& error,
                         const service::HealthAnswer& answer) {
  Endpoint* const endpoint = find(due.id, due.life);
  if (endpoint == nullptr) {
    return;
  }
  const Instant now = host_.now();
  const bool has_passed = !error && answer.serves;
  if (has_passed) {
    static_cast<void>(endpoint->check.succeed(now, attempt));
  } else {
    static_cast<void>(endpoint->check.fail(now, attempt, failure_of(error)));
  }
  due_.push({endpoint->check.next_deadline(), due.id, due.life});
  const bool is_healthy = endpoint->check.is_healthy();
  if (is_healthy != std::exchange(endpoint->is_healthy, is_healthy)) {
    report_({due.id, is_healthy, cause_of(error, answer.serves)});
  }
  if (has_passed && is_healthy) {
    report_pass_(due.id);
  }
  run();
}

}  // namespace windtunnel::proxy
