#include "models/proxy/hedge.hpp"

#include <algorithm>

#include "models/retry/retry_budget.hpp"

namespace windtunnel::proxy {

namespace {

Probability probability_of(PartsPerBillion parts) {
  return Probability::of_ratio(ratio_of(parts));
}

}  // namespace

Hedge::Hedge(const HedgeSettings& settings) {
  options_.attempts_max = settings.attempts;
  options_.delay = settings.after.value_or(Duration::max());
  // Another copy may be served where one was turned away.
  options_.non_fatal = {retry::AttemptOutcome::refused, retry::AttemptOutcome::unavailable,
                        retry::AttemptOutcome::throttled, retry::AttemptOutcome::timed_out};
  if (!settings.after) {
    quantile_ = std::make_unique<retry::LatencyQuantile>(retry::LatencyQuantileOptions{
        .quantile = probability_of(settings.quantile), .before_that = Duration::max()});
  }
  if (settings.budget) {
    budget_ = std::make_unique<retry::RetryBudget>(retry::RetryBudgetOptions{
        .ratio = ratio_of(*settings.budget), .retries_per_second_min = 0});
  }
}

retry::HedgingOptions Hedge::options(Instant now, Duration attempt_timeout) {
  retry::HedgingOptions options = options_;
  options.delay = std::min(quantile_ ? quantile_->at(now) : options_.delay, attempt_timeout);
  return options;
}

void Hedge::observe_first(Instant now, Duration latency) {
  if (quantile_) {
    quantile_->observe(now, latency);
  }
}

}  // namespace windtunnel::proxy
