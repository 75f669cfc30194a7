#include "models/proxy/hedge.hpp"

#include <algorithm>

#include "models/retry/retry_budget.hpp"

namespace windtunnel::proxy {

namespace {

Probability probability_of(PartsPerBillion parts) {
  return Probability::of_ratio(ratio_of(parts));
}

}  // namespace

Hedge::Hedge(const HedgeSettings& settings, Duration attempt_timeout) {
  options_.attempts_max = settings.attempts;
  options_.delay = settings.after.value_or(attempt_timeout);
  // Another copy may be served where one was turned away.
  options_.non_fatal = {retry::AttemptOutcome::refused, retry::AttemptOutcome::unavailable,
                        retry::AttemptOutcome::throttled, retry::AttemptOutcome::timed_out};
  if (!settings.after) {
    quantile_ = std::make_unique<retry::LatencyQuantile>(retry::LatencyQuantileOptions{
        .quantile = probability_of(settings.quantile), .before_that = attempt_timeout});
  }
  if (settings.budget) {
    budget_ = std::make_unique<retry::RetryBudget>(retry::RetryBudgetOptions{
        .ratio = ratio_of(*settings.budget), .retries_per_second_min = 0});
  }
}

retry::HedgingOptions Hedge::options(Instant now) {
  if (quantile_) {
    options_.delay = quantile_->at(now);
  }
  return options_;
}

void Hedge::observe_first(Instant now, Duration latency) {
  if (quantile_) {
    quantile_->observe(now, latency);
  }
}

}  // namespace windtunnel::proxy
