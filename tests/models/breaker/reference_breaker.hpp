// A second breaker, made to be obviously right: it keeps every call and every permit it ever saw
// and recounts them for each question. The real one must not differ from it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/breaker/breaker.hpp"

namespace windtunnel::breaker {

class ReferenceBreaker {
 public:
  explicit ReferenceBreaker(const BreakerOptions& options) : options_(options) {}

  /// The index of the permit, or nothing.
  std::optional<std::size_t> admit(Instant now) {
    advance(now);
    const bool full = state_ == State::half_open && out() + ended().calls >= options_.trial.permits;
    if (state_ == State::open || state_ == State::forced_open || full) {
      return std::nullopt;
    }
    calls_.push_back({generation_, now, {}, {}, Fate::out});
    return calls_.size() - 1;
  }

  bool settle(Instant now, std::size_t index, Outcome outcome) {
    advance(now);
    Call& call = calls_[index];
    if (call.generation != generation_ || (state_ == State::half_open && call.fate != Fate::out)) {
      return false;
    }
    call.fate = outcome == Outcome::ignored ? Fate::returned : Fate::ended;
    call.ended = now;
    call.sample = {outcome == Outcome::failed, now - call.admitted > options_.slow_call};
    if (call.fate == Fate::ended && state_ != State::forced_closed) {
      order_.push_back(index);
      judge(now, call.sample);
    }
    return true;
  }

  void advance(Instant now) {
    if (state_ == State::open && now - since_ >= open_for()) {
      enter(now, State::half_open);
    }
    for (Call& call : calls_) {
      if (state_ == State::half_open && call.generation == generation_ && call.fate == Fate::out &&
          now - call.admitted >= options_.trial.leak_timeout) {
        call.fate = Fate::returned;
      }
    }
  }

  void force(Instant now, State target) {
    advance(now);
    if (state_ != target) {
      trips_ = target == State::closed ? 0 : trips_;
      enter(now, target);
    }
  }

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] std::uint32_t trips() const { return trips_; }
  [[nodiscard]] Instant since() const { return since_; }

  /// What the window holds; of a trial, what has ended.
  [[nodiscard]] CallCounts counts(Instant now) const {
    CallCounts counts;
    for (const CallSample sample : window(now)) {
      counts += counts_of(sample);
    }
    return counts;
  }
  [[nodiscard]] std::vector<CallSample> window(Instant now) const {
    std::vector<CallSample> samples;
    for (const std::size_t index : order_) {
      if (calls_[index].generation == generation_ && is_in_window(now, calls_[index])) {
        samples.push_back(calls_[index].sample);
      }
    }
    const auto* count = std::get_if<CountWindowOptions>(&options_.window);
    if (state_ != State::half_open && count != nullptr && samples.size() > count->size) {
      samples.erase(samples.begin(), samples.end() - count->size);
    }
    return samples;
  }
  [[nodiscard]] CallCounts ended() const { return counts(since_); }
  [[nodiscard]] std::uint32_t out() const {
    return static_cast<std::uint32_t>(
        std::count_if(calls_.begin(), calls_.end(), [this](const Call& call) {
          return call.generation == generation_ && call.fate == Fate::out;
        }));
  }
  [[nodiscard]] bool is_current(std::size_t index) const {
    return calls_[index].generation == generation_;
  }
  [[nodiscard]] bool is_out(std::size_t index) const { return calls_[index].fate == Fate::out; }
  [[nodiscard]] Instant admitted(std::size_t index) const { return calls_[index].admitted; }
  [[nodiscard]] std::uint64_t errors_in_row() const {
    std::uint64_t errors = 0;
    for (const std::size_t index : order_) {
      if (calls_[index].generation == generation_) {
        errors = calls_[index].sample.failed ? errors + 1 : 0;
      }
    }
    return errors;
  }

 private:
  enum class Fate : std::uint8_t { out, returned, ended };
  struct Call {
    std::uint64_t generation;
    Instant admitted;
    Instant ended;
    CallSample sample;
    Fate fate;
  };

  [[nodiscard]] bool is_in_window(Instant now, const Call& call) const {
    const auto* time = std::get_if<TimeWindowOptions>(&options_.window);
    if (state_ == State::half_open || time == nullptr) {
      return true;
    }
    const auto bucket = [&](Instant instant) {
      return nanoseconds_of(instant) / time->bucket_length.count();
    };
    return bucket(now) - bucket(call.ended) < time->bucket_count;
  }

  [[nodiscard]] Duration open_for() const {
    Duration interval = options_.open.first;
    for (std::uint32_t trip = 1; trip < trips_; ++trip) {
      interval = std::min(options_.open.longest,
                          Duration{static_cast<std::int64_t>(static_cast<double>(interval.count()) *
                                                             options_.open.growth)});
    }
    return interval;
  }

  void judge(Instant now, CallSample sample) {
    const CallCounts window = counts(now);
    const TrialOptions& trial = options_.trial;
    if (state_ == State::half_open) {
      const std::uint64_t needed = trial.decide_after == 0 ? trial.permits : trial.decide_after;
      const bool early = trial.fail == FailTrial::when_certain;
      const std::uint64_t total = std::max(needed, window.calls);
      const bool fails =
          (window.errors > 0 && trial.errors.is_reached(window.errors, total)) ||
          (trial.slow && window.slow > 0 && trial.slow->is_reached(window.slow, total));
      if (fails && (early || window.calls >= needed)) {
        trip(now);
      } else if (window.calls >= needed) {
        trips_ = 0;
        enter(now, State::closed);
      }
      return;
    }
    const bool judged =
        options_.triggers.judge == Judge::every_call || sample.failed || sample.slow;
    if (state_ == State::closed && judged && options_.triggers.met(window, errors_in_row())) {
      trip(now);
    }
  }

  void trip(Instant now) {
    ++trips_;
    enter(now, State::open);
  }

  void enter(Instant now, State target) {
    state_ = target;
    since_ = now;
    ++generation_;
  }

  BreakerOptions options_;
  State state_ = State::closed;
  Instant since_{};
  std::uint64_t generation_ = 0;
  std::uint32_t trips_ = 0;
  std::vector<Call> calls_;
  std::vector<std::size_t> order_;  ///< Of the ends.
};

}  // namespace windtunnel::breaker
