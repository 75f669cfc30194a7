#include "models/breaker/presets.hpp"

namespace windtunnel::breaker {

namespace {

using std::chrono::seconds;

constexpr Threshold kAnyError{Share::percent(0), Reach::above};

TrialOptions one_probe() {
  TrialOptions trial;
  trial.permits = 1;
  trial.errors = kAnyError;
  trial.fail = FailTrial::when_certain;
  return trial;
}

OpenIntervalOptions always(Duration interval) {
  OpenIntervalOptions open;
  open.first = interval;
  open.longest = interval;
  return open;
}

BreakerOptions sentinel_1_8(Duration open) {
  BreakerOptions options;
  options.window = TimeWindowOptions{.bucket_length = seconds{1}, .bucket_count = 1};
  options.open = always(open);
  options.trial = one_probe();
  return options;
}

constexpr std::uint64_t kSentinelMinimum = 5;

}  // namespace

BreakerOptions resilience4j_2() {
  constexpr Threshold half{Share::percent(50), Reach::at_least};
  constexpr Threshold all{Share::percent(100), Reach::at_least};
  BreakerOptions options;
  options.window = CountWindowOptions{.size = 100};
  options.triggers.error_ratio = RatioTrigger{half, 100};
  options.triggers.slow_ratio = RatioTrigger{all, 100};
  options.slow_call = seconds{60};
  options.open = always(seconds{60});
  options.trial.permits = 10;
  options.trial.errors = half;
  options.trial.slow = all;
  return options;
}

BreakerOptions hystrix_1_5() {
  BreakerOptions options;
  options.window = TimeWindowOptions{.bucket_length = seconds{1}, .bucket_count = 10};
  options.triggers.error_ratio = RatioTrigger{{Share::percent(50), Reach::at_least}, 20};
  options.open = always(seconds{5});
  options.trial = one_probe();
  return options;
}

BreakerOptions sentinel_1_8_slow_ratio(Duration slow_call, Share share, Duration open) {
  const Reach reach = share.parts == share.whole ? Reach::at_least : Reach::above;
  BreakerOptions options = sentinel_1_8(open);
  options.triggers.slow_ratio = RatioTrigger{{share, reach}, kSentinelMinimum};
  options.slow_call = slow_call;
  // Its probe is judged by its time alone.
  options.trial.errors = {Share::percent(100), Reach::above};
  options.trial.slow = kAnyError;
  return options;
}

BreakerOptions sentinel_1_8_error_ratio(Share share, Duration open) {
  BreakerOptions options = sentinel_1_8(open);
  options.triggers.error_ratio = RatioTrigger{{share, Reach::above}, kSentinelMinimum};
  return options;
}

BreakerOptions sentinel_1_8_error_count(std::uint64_t count, Duration open) {
  BreakerOptions options = sentinel_1_8(open);
  options.triggers.error_count = CountTrigger{count + 1, kSentinelMinimum};
  return options;
}

BreakerOptions gobreaker_2() {
  BreakerOptions options;
  options.window = CountWindowOptions{.size = 1};
  options.triggers.consecutive_errors = CountTrigger{.count = 6};
  options.triggers.judge = Judge::bad_calls_only;
  options.open = always(seconds{60});
  options.trial = one_probe();
  return options;
}

}  // namespace windtunnel::breaker
