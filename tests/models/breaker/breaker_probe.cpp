// Runs scripts of calls against our breaker and prints a trace per script, in the form that
// npm_breakers.mjs describes, so that the two can be compared word by word.
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "models/breaker/breaker.hpp"

namespace windtunnel::breaker {

namespace {

using std::chrono::milliseconds;

using Settings = std::map<std::string, std::string>;

std::uint32_t number(const Settings& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found == settings.end() ? 0 : static_cast<std::uint32_t>(std::stoul(found->second));
}

BreakerOptions options_of(const Settings& settings) {
  const auto get = [&](const char* key) { return number(settings, key); };
  BreakerOptions options;
  options.triggers.judge = Judge::bad_calls_only;
  const RatioTrigger ratio{{Share::percent(get("percent")), Reach::above}, get("minimum")};
  const std::string window = settings.at("window");
  if (window == "consecutive") {
    options.triggers.consecutive_errors = CountTrigger{.count = get("errors")};
  } else {
    options.triggers.error_ratio = ratio;
  }
  if (window == "sampling") {
    options.window = TimeWindowOptions{milliseconds{get("bucket")}, get("buckets")};
  } else {
    options.window = CountWindowOptions{.size = window == "count" ? get("size") : 1};
  }
  options.open.first = milliseconds{get("open")};
  options.open.longest = milliseconds{get("longest")};
  options.open.growth = get("growth");
  options.trial.permits = get("permits");
  options.trial.errors = {Share::percent(get("trial")), Reach::above};
  options.trial.fail = FailTrial::when_certain;
  options.trial.leak_timeout = std::chrono::hours{1000};
  return options;
}

struct Call {
  Admission admission{Refusal{}};
  bool done = false;
};

class Probe {
 public:
  explicit Probe(const Settings& settings)
      : breaker_(options_of(settings), RandomStream{1, "probe"}),
        is_quiet_(number(settings, "quiet") != 0),
        is_fresh_(number(settings, "fresh") != 0) {}

  std::string apply(const std::string& input) {
    char became = '-';
    if (input == "a") {
      became = admit();
    } else if (input.front() == 'w') {
      now_ += milliseconds{std::stol(input.substr(1))};
    } else {
      became = settle(calls_[std::stoul(input.substr(1))],
                      input.front() == 's' ? Outcome::succeeded : Outcome::failed);
    }
    breaker_.advance(now_);
    return {became, letter()};
  }

 private:
  char admit() {
    calls_.emplace_back();
    breaker_.advance(now_);
    if (is_quiet_ && breaker_.state() == State::open) {
      return '-';
    }
    calls_.back().admission = breaker_.admit(now_);
    return std::holds_alternative<Permit>(calls_.back().admission) ? 'A' : 'R';
  }

  char settle(Call& call, Outcome outcome) {
    const auto* permit = std::get_if<Permit>(&call.admission);
    if (permit == nullptr || call.done) {
      return '-';
    }
    breaker_.advance(now_);
    const bool is_stale = permit->generation != breaker_.generation();
    if (is_stale && is_fresh_) {
      return '-';
    }
    call.done = true;
    const State before = breaker_.state();
    breaker_.settle(now_, *permit, outcome);
    if (before == State::half_open && breaker_.state() == State::closed) {
      begin_window_with_a_success();
    }
    return is_stale ? 'x' : '+';
  }

  /// Both products count the success that closed them in the window that begins then; ours begins
  /// empty. Given the same start, the windows must agree from there on.
  void begin_window_with_a_success() {
    breaker_.settle(now_, std::get<Permit>(breaker_.admit(now_)), Outcome::succeeded);
  }

  [[nodiscard]] char letter() const {
    const State state = breaker_.state();
    return state == State::closed ? 'c' : state == State::open ? 'o' : 'h';
  }

  Breaker breaker_;
  bool is_quiet_;
  bool is_fresh_;
  Instant now_{};
  std::vector<Call> calls_;
};

std::string trace(const std::string& line) {
  std::istringstream words{line};
  Settings settings;
  std::string word;
  while (words >> word && word != "|") {
    const auto equals = word.find('=');
    settings[word.substr(0, equals)] = word.substr(equals + 1);
  }
  Probe probe{settings};
  std::string text;
  while (words >> word) {
    text += (text.empty() ? "" : " ") + probe.apply(word);
  }
  return text;
}

}  // namespace

}  // namespace windtunnel::breaker

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::puts(windtunnel::breaker::trace(line).c_str());
  }
}
