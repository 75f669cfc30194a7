#include "models/balance/prequal.hpp"

#include <algorithm>
#include <limits>

#include "models/balance/fresh_draw.hpp"

namespace windtunnel::balance {

Prequal::Prequal(PrequalSpec spec, const PolicyInput& input)
    : spec_(spec), candidates_(input.endpoints), random_(input.random) {
  check(spec.pool_size > 0 && spec.probes_per_query >= 0 && spec.removals_per_query >= 0,
        "Prequal needs a pool, and rates that are not negative");
  check(spec.hot_quantile >= 0 && spec.hot_quantile <= 1, "a quantile is in [0, 1]");
  pool_.reserve(spec.pool_size);
  targets_.reserve(static_cast<std::size_t>(spec.probes_per_query) + 1);
}

std::optional<EndpointId> Prequal::pick(Instant now, const PickRequest& request) {
  if (candidates_.empty()) {
    return std::nullopt;
  }
  forget_aged(now);
  const std::optional<std::size_t> index =
      pool_.size() < spec_.pool_size_min ? std::nullopt : best(request);
  const EndpointId picked = index ? pool_[*index].answer.endpoint : draw(request);
  if (index) {
    use(*index);
  }
  remove_some();
  return picked;
}

std::optional<std::size_t> Prequal::best(const PickRequest& request) const {
  std::optional<std::size_t> found;
  for (std::size_t index = 0; index < pool_.size(); ++index) {
    if (!was_tried(request, pool_[index].answer.endpoint) &&
        (!found || is_better(pool_[index], pool_[*found]))) {
      found = index;
    }
  }
  return found;
}

bool Prequal::is_better(const Pooled& left, const Pooled& right) const {
  if (is_hot(left) != is_hot(right)) {
    return is_hot(right);
  }
  return is_hot(left) ? left.answer.in_flight < right.answer.in_flight
                      : left.answer.latency < right.answer.latency;
}

// The request that goes there now is in flight too, which the answer could not know.
void Prequal::use(std::size_t index) {
  ++pool_[index].answer.in_flight;
  if (--pool_[index].uses_left == 0) {
    remove(index);
  }
}

void Prequal::forget_aged(Instant now) {
  std::erase_if(pool_,
                [&](const Pooled& pooled) { return now - pooled.received > spec_.probe_age_max; });
}

// The worst would never be picked and only age in the pool; the oldest misleads.
void Prequal::remove_some() {
  removals_owed_ += spec_.removals_per_query;
  for (; removals_owed_ >= 1; --removals_owed_) {
    if (pool_.empty()) {
      continue;
    }
    const auto worst = std::max_element(
        pool_.begin(), pool_.end(),
        [this](const Pooled& left, const Pooled& right) { return is_better(left, right); });
    remove(removes_oldest_next_ ? 0 : static_cast<std::size_t>(worst - pool_.begin()));
    removes_oldest_next_ = !removes_oldest_next_;
  }
}

void Prequal::remove(std::size_t index) {
  pool_.erase(pool_.begin() + static_cast<std::ptrdiff_t>(index));
}

std::span<const EndpointId> Prequal::draw_probe_targets() {
  probes_owed_ += spec_.probes_per_query;
  targets_.clear();
  for (; probes_owed_ >= 1; --probes_owed_) {
    PickRequest chosen;
    chosen.tried = targets_;
    const std::optional<Slot> slot = draw_fresh(candidates_, chosen, {}, [this] {
      return static_cast<Slot>(random_.below(candidates_.size()));
    });
    if (slot) {
      targets_.push_back(candidates_.id(*slot));
    }
  }
  return targets_;
}

void Prequal::learn(Instant now, const ProbeAnswer& answer) {
  if (!candidates_.slot_of(answer.endpoint)) {
    return;
  }
  note_in_flight(answer.in_flight);
  if (pool_.size() == spec_.pool_size) {
    remove(0);
  }
  pool_.push_back({answer, now, rounded_at_random(reuse_budget())});
}

double Prequal::reuse_budget() const {
  const double pool_share = static_cast<double>(spec_.pool_size) / candidates_.size();
  const double net = (1 - pool_share) * spec_.probes_per_query - spec_.removals_per_query;
  if (net <= 0) {
    return std::numeric_limits<double>::infinity();
  }
  return std::max(1.0, (1 + spec_.pool_growth) / net);
}

// A fraction is met on average.
std::uint64_t Prequal::rounded_at_random(double value) {
  constexpr double kWithoutBound = 1e15;
  if (value > kWithoutBound) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  const auto whole = static_cast<std::uint64_t>(value);
  return whole + (random_.unit() < value - static_cast<double>(whole) ? 1 : 0);
}

void Prequal::note_in_flight(std::uint32_t in_flight) {
  recent_[recent_count_++ % kRecentAnswers] = in_flight;
  const std::size_t count = std::min(recent_count_, kRecentAnswers);
  std::array<std::uint32_t, kRecentAnswers> sorted = recent_;
  const auto rank = std::min(
      count - 1, static_cast<std::size_t>(spec_.hot_quantile * static_cast<double>(count)));
  const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(sorted.begin(), place, sorted.begin() + static_cast<std::ptrdiff_t>(count));
  hot_above_ = *place;
}

EndpointId Prequal::draw(const PickRequest& request) {
  const auto anybody = [this] { return static_cast<Slot>(random_.below(candidates_.size())); };
  const std::optional<Slot> fresh = draw_fresh(candidates_, request, {}, anybody);
  return candidates_.id(fresh ? *fresh : anybody());
}

}  // namespace windtunnel::balance
