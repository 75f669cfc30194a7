#include "models/client/arrival_process.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel::client {

namespace {

constexpr double kNanosecondsPerSecond = 1e9;

double seconds_of(Duration span) {
  return static_cast<double>(span.count()) / kNanosecondsPerSecond;
}

}  // namespace

ArrivalProcess::ArrivalProcess(Arrivals arrivals, RandomStream random)
    : arrivals_(std::move(arrivals)), random_(std::move(random)) {
  if (const auto* bursty = std::get_if<BurstyArrivals>(&arrivals_)) {
    start_bursts(*bursty);
  } else if (const auto* replayed = std::get_if<ReplayedArrivals>(&arrivals_)) {
    check(std::is_sorted(replayed->offsets.begin(), replayed->offsets.end()),
          "a trace's offsets do not descend");
  }
}

void ArrivalProcess::start_bursts(const BurstyArrivals& bursty) {
  const double on = seconds_of(bursty.mean_on);
  const double off = seconds_of(bursty.mean_off);
  check(on > 0 && off > 0, "bursts and the calm between them last some time");
  is_on_ = random_.chance(Probability::of_ratio(on / (on + off)));
  stay_until_ = random_.exponential() * (is_on_ ? on : off);
}

std::optional<Duration> ArrivalProcess::next() {
  const auto due =
      std::visit([this](const auto& arrivals) { return next_of(arrivals); }, arrivals_);
  ++count_;
  return due;
}

std::optional<Duration> ArrivalProcess::next_of(const PoissonArrivals& arrivals) {
  level_ += random_.exponential();
  return cursor_.when(arrivals.rate, level_);
}

std::optional<Duration> ArrivalProcess::next_of(const ConstantArrivals& arrivals) {
  return cursor_.when(arrivals.rate, static_cast<double>(count_ + 1));
}

std::optional<Duration> ArrivalProcess::next_of(const BurstyArrivals& arrivals) {
  if (arrivals.on_per_second <= 0 && arrivals.off_per_second <= 0) {
    return std::nullopt;
  }
  double left = random_.exponential();
  for (;;) {
    const double rate = is_on_ ? arrivals.on_per_second : arrivals.off_per_second;
    const double room = rate * (stay_until_ - now_seconds_);
    if (left < room) {
      now_seconds_ += left / rate;
      return Duration{rounded(now_seconds_ * kNanosecondsPerSecond)};
    }
    left -= room;
    now_seconds_ = stay_until_;
    is_on_ = !is_on_;
    stay_until_ +=
        random_.exponential() * seconds_of(is_on_ ? arrivals.mean_on : arrivals.mean_off);
  }
}

std::optional<Duration> ArrivalProcess::next_of(const ReplayedArrivals& arrivals) {
  return count_ < arrivals.offsets.size() ? std::optional{arrivals.offsets[count_]} : std::nullopt;
}

}  // namespace windtunnel::client
