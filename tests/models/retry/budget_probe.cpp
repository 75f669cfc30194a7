// Plays calls of a client and prints what was decided, for npm_budgets_test.py and
// grpc_js_calls_test.py. The first word chooses the game, the rest is read as its comment says.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "models/retry/aws_retry_quota.hpp"
#include "models/retry/grpc_retry_throttle.hpp"
#include "models/retry/hedging.hpp"
#include "models/retry/retry_policy.hpp"

namespace windtunnel::retry {
namespace {

/// "succeeded", "failed", "throttled" or "unavailable", the last perhaps with ":PUSHBACK_MS".
AttemptEnd attempt_end(const std::string& text) {
  AttemptEnd end;
  const std::size_t colon = text.find(':');
  const std::string what = text.substr(0, colon);
  end.outcome = what == "succeeded"     ? AttemptOutcome::succeeded
                : what == "unavailable" ? AttemptOutcome::unavailable
                : what == "throttled"   ? AttemptOutcome::throttled
                                        : AttemptOutcome::failed;
  if (colon != std::string::npos) {
    end.pushback = std::chrono::milliseconds{std::stoi(text.substr(colon + 1))};
  }
  return end;
}

/// "CALL succeeded|unavailable|throttled|failed" -> "retry|stop TOKENS".
void play_aws() {
  const RetryOptions options = RetryOptions::aws_2026();
  AwsRetryQuota quota{AwsRetryQuotaOptions::standard_2026()};
  RandomStream random{1, "budget_probe"};
  std::map<int, std::unique_ptr<RetryPolicy>> calls;
  int call = 0;
  std::string what;
  while (std::cin >> call >> what) {
    std::unique_ptr<RetryPolicy>& policy = calls[call];
    if (!policy) {
      policy = std::make_unique<RetryPolicy>(options, Deadline::never(), &quota);
    }
    static_cast<void>(policy->begin_attempt(Instant{}));
    const AttemptEnd end = attempt_end(what);
    const bool retries = std::holds_alternative<RetryAfter>(policy->settle(Instant{}, end, random));
    if (!retries) {
      policy.reset();
    }
    std::cout << (retries ? "retry " : "stop ") << quota.tokens() << '\n';
  }
}

/// "succeeded|failed" -> "yes|no MILLI_TOKENS".
void play_grpc() {
  GrpcRetryThrottleOptions options;
  std::cin >> options.milli_tokens_max >> options.milli_tokens_per_success;
  GrpcRetryThrottle throttle{options};
  std::string what;
  while (std::cin >> what) {
    const AttemptEnd end = attempt_end(what);
    throttle.attempt_ended(Instant{}, end, Retryable::yes, std::nullopt);
    const bool may_retry = throttle.try_withdraw(Instant{}, end.outcome).has_value();
    std::cout << (may_retry ? "yes " : "no ") << throttle.milli_tokens() << '\n';
  }
}

struct CallEnd {
  std::uint32_t attempts = 0;
  std::string outcome;
};

CallEnd retried_call(const RetryOptions& options, const std::vector<std::string>& script,
                     Budget& budget, RandomStream& random) {
  RetryPolicy policy{options, Deadline::never(), &budget};
  for (;;) {
    static_cast<void>(policy.begin_attempt(Instant{}));
    const std::string& outcome = script[policy.attempts() - 1];
    if (std::holds_alternative<Stop>(policy.settle(Instant{}, attempt_end(outcome), random))) {
      return {policy.attempts(), outcome};
    }
  }
}

/// Every copy is answered before the next could be due.
CallEnd hedged_call(const HedgingOptions& options, const std::vector<std::string>& script) {
  Hedging hedging{options, Deadline::never(), nullptr};
  Instant now{};
  std::uint32_t answered = 0;
  static_cast<void>(hedging.start(now));
  while (!hedging.is_finished()) {
    if (answered == hedging.attempts_sent()) {
      now = hedging.next_timer();
      static_cast<void>(hedging.on_timer(now));
      continue;
    }
    static_cast<void>(hedging.on_result(now, answered, attempt_end(script[answered])));
    ++answered;
  }
  return {hedging.attempts_sent(), script[answered - 1]};
}

/// "retry|hedge ATTEMPTS_MAX MAX_MILLI RATIO_MILLI", then a call a line: the outcomes of its
/// attempts. -> "ATTEMPTS OUTCOME".
void play_calls() {
  std::string kind;
  RetryOptions retry_options = RetryOptions::grpc();
  GrpcRetryThrottleOptions throttle_options;
  std::cin >> kind >> retry_options.attempts_max >> throttle_options.milli_tokens_max >>
      throttle_options.milli_tokens_per_success;
  const HedgingOptions hedging_options{.attempts_max = retry_options.attempts_max,
                                       .delay = std::chrono::seconds{30}};
  retry_options.attempts_max = std::min(retry_options.attempts_max, std::uint32_t{5});
  GrpcRetryThrottle throttle{throttle_options};
  RandomStream random{1, "budget_probe"};
  std::string line;
  std::getline(std::cin, line);
  while (std::getline(std::cin, line)) {
    std::istringstream words{line};
    std::vector<std::string> script;
    for (std::string word; words >> word;) {
      script.push_back(word);
    }
    const CallEnd end = kind == "retry" ? retried_call(retry_options, script, throttle, random)
                                        : hedged_call(hedging_options, script);
    std::cout << end.attempts << ' ' << end.outcome.substr(0, end.outcome.find(':')) << '\n';
  }
}

}  // namespace
}  // namespace windtunnel::retry

int main() {
  std::string which;
  std::cin >> which;
  if (which == "aws") {
    windtunnel::retry::play_aws();
  } else if (which == "calls") {
    windtunnel::retry::play_calls();
  } else {
    windtunnel::retry::play_grpc();
  }
}
