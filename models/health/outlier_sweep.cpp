// The periodic half of OutlierDetector: returns, rates, and the easing of back-off.
#include <algorithm>
#include <cmath>

#include "models/health/outlier_detector.hpp"
#include "runtime/check.hpp"

namespace windtunnel::health {

SuccessRateThreshold success_rate_threshold(std::span<const double> rates, double factor) {
  check(!rates.empty(), "a mean needs a value");
  const auto count = static_cast<double>(rates.size());
  double sum = 0;
  for (const double rate : rates) {
    sum += rate;
  }
  const double mean = sum / count;
  double squares = 0;
  for (const double rate : rates) {
    squares += (rate - mean) * (rate - mean);
  }
  const double deviation = std::sqrt(squares / count);
  return {.mean = mean, .deviation = deviation, .threshold = mean - factor * deviation};
}

template <typename Visit>
void OutlierDetector::for_each_host(Visit visit) {
  for (std::size_t slot = 0; slot < hosts_.size(); ++slot) {
    if (hosts_[slot].present) {
      visit(balance::EndpointId{static_cast<std::uint32_t>(slot)}, hosts_[slot]);
    }
  }
}

void OutlierDetector::on_deadline(Instant now) {
  if (now < next_sweep_) {
    return;
  }
  if (options_.dialect == OutlierDialect::envoy) {
    sweep_as_envoy(now);
  } else {
    sweep_as_grpc(now);
  }
  next_sweep_ = now + options_.interval;
}

void OutlierDetector::sweep_as_envoy(Instant now) {
  for_each_host([&](balance::EndpointId endpoint, Host& host) {
    if (is_over(now, host)) {
      return_host(now, endpoint, host, OutlierAction::returned);
    }
    begin_interval(host);
  });
  judge(now, Origin::external);
  judge(now, Origin::local);
  judge_majority(now);
  for_each_host([&](balance::EndpointId, Host& host) { relax_backoff(now, host); });
}

void OutlierDetector::sweep_as_grpc(Instant now) {
  for_each_host([&](balance::EndpointId, Host& host) { begin_interval(host); });
  judge(now, Origin::external);
  judge_majority(now);
  for_each_host([&](balance::EndpointId endpoint, Host& host) {
    if (!host.ejected) {
      host.backoff -= host.backoff > 0 ? 1U : 0U;
    } else if (is_over(now, host)) {
      return_host(now, endpoint, host, OutlierAction::returned);
    }
  });
}

bool OutlierDetector::is_over(Instant now, const Host& host) const {
  const Duration elapsed = now - host.ejected_at;
  const bool has_served = options_.dialect == OutlierDialect::grpc_a50
                              ? elapsed > host.ejection_time
                              : elapsed >= host.ejection_time;
  return host.ejected && has_served;
}

void OutlierDetector::begin_interval(Host& host) {
  for (Tallies* tallies : {&host.external, &host.local}) {
    tallies->previous = tallies->current;
    tallies->current = {};
  }
}

void OutlierDetector::judge(Instant now, Origin origin) {
  // Both over the same hosts: who is ejected by the first still counts among those compared.
  collect(origin, options_.success_rate.request_volume, rate_candidates_);
  collect(origin, options_.failure_percentage.request_volume, percentage_candidates_);
  judge_success_rates(now, origin);
  judge_failure_percentages(now, origin);
}

void OutlierDetector::collect(Origin origin, std::uint64_t volume,
                              std::vector<Candidate>& candidates) {
  candidates.clear();
  for_each_host([&](balance::EndpointId endpoint, const Host& host) {
    const Tally& tally = origin == Origin::external ? host.external.previous : host.local.previous;
    if (!host.ejected && tally.requests > 0 && tally.requests >= volume) {
      const double percent =
          static_cast<double>(tally.successes) * 100.0 / static_cast<double>(tally.requests);
      candidates.push_back({.endpoint = endpoint, .success_percent = percent});
    }
  });
}

void OutlierDetector::judge_success_rates(Instant now, Origin origin) {
  const bool is_external = origin == Origin::external;
  const SuccessRateRule& rule = options_.success_rate;
  if (is_external) {
    last_success_rate_.reset();
  }
  if (rate_candidates_.empty() || rate_candidates_.size() < rule.minimum_hosts) {
    return;
  }
  rates_.clear();
  for (const Candidate& candidate : rate_candidates_) {
    rates_.push_back(candidate.success_percent);
  }
  const auto limit = success_rate_threshold(rates_, rule.stdev_factor_thousandths / 1000.0);
  if (is_external) {
    last_success_rate_ = limit;
  }
  for (const Candidate& candidate : rate_candidates_) {
    if (candidate.success_percent < limit.threshold) {
      decide(now, {.endpoint = candidate.endpoint,
                   .cause = is_external ? OutlierCause::success_rate
                                        : OutlierCause::success_rate_local_origin,
                   .value = candidate.success_percent,
                   .threshold = limit.threshold,
                   .enforcing_percent =
                       is_external ? rule.enforcing_percent : rule.enforcing_local_origin_percent});
    }
  }
}

void OutlierDetector::judge_failure_percentages(Instant now, Origin origin) {
  const bool is_external = origin == Origin::external;
  const FailurePercentageRule& rule = options_.failure_percentage;
  if (percentage_candidates_.size() < rule.minimum_hosts) {
    return;
  }
  for (const Candidate& candidate : percentage_candidates_) {
    const double failed = 100.0 - candidate.success_percent;
    const bool is_outlier =
        options_.dialect == OutlierDialect::grpc_a50
            ? failed > rule.threshold_percent
            : failed >= rule.threshold_percent && !is_ejected(candidate.endpoint);
    if (is_outlier) {
      decide(now, {.endpoint = candidate.endpoint,
                   .cause = is_external ? OutlierCause::failure_percentage
                                        : OutlierCause::failure_percentage_local_origin,
                   .value = failed,
                   .threshold = static_cast<double>(rule.threshold_percent),
                   .enforcing_percent =
                       is_external ? rule.enforcing_percent : rule.enforcing_local_origin_percent});
    }
  }
}

void OutlierDetector::judge_majority(Instant now) {
  if (!options_.majority_enabled) {
    return;
  }
  samples_.clear();
  for_each_host([&](balance::EndpointId endpoint, const Host& host) {
    const Tally& tally = host.external.previous;
    if (!host.ejected) {
      samples_.push_back({.endpoint = endpoint,
                          .requests = tally.requests,
                          .failures = tally.requests - tally.successes});
    }
  });
  for (const MajorityOutlier& outlier : majority_.find(samples_)) {
    decide(now, {.endpoint = outlier.endpoint,
                 .cause = OutlierCause::majority,
                 .value = static_cast<double>(outlier.better_hosts),
                 .threshold = static_cast<double>(outlier.needed)});
  }
}

void OutlierDetector::relax_backoff(Instant now, Host& host) {
  const bool has_behaved =
      !host.ejected && host.returned_at && now - *host.returned_at >= options_.interval;
  if (has_behaved && host.backoff > 0) {
    --host.backoff;
  }
}

}  // namespace windtunnel::health
