#include "chaos/measure/pick_target.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

bool stops_its_hosts(const FaultRecord& strike) {
  return strike.kind == "crash" || strike.kind == "host_loss" || strike.kind == "pause";
}

/// An instance stops or starts again: `place` in the order, and one strike more or less on it.
struct Turn {
  TrueInstant at;
  std::size_t place = 0;
  int strikes = 0;
};

std::vector<Turn> turns_of(const std::vector<HostId>& instances,
                           const std::vector<FaultRecord>& faults) {
  std::vector<Turn> turns;
  for (const FaultRecord& strike : faults) {
    if (!stops_its_hosts(strike)) {
      continue;
    }
    for (std::size_t place = 0; place < instances.size(); ++place) {
      if (std::ranges::count(strike.targets, instances[place]) > 0) {
        turns.push_back({strike.injected_at, place, 1});
        if (strike.ended_at) {
          turns.push_back({*strike.ended_at, place, -1});
        }
      }
    }
  }
  std::ranges::stable_sort(turns, {}, &Turn::at);
  return turns;
}

std::vector<double> even_shares(const std::vector<int>& strikes) {
  const auto running = static_cast<double>(std::ranges::count(strikes, 0));
  std::vector<double> shares;
  std::ranges::transform(strikes, std::back_inserter(shares),
                         [&](int struck) { return struck == 0 ? 1 / running : 0.0; });
  return shares;
}

/// Not 0, which is the share of whoever cannot be picked.
bool has_one_share(const PickShares& shares) {
  return !shares.of_instance.empty() && shares.of_instance.front() > 0 &&
         std::ranges::count(shares.of_instance, shares.of_instance.front()) ==
             std::ssize(shares.of_instance);
}

}  // namespace

PickTarget::PickTarget(std::vector<HostId> instances, std::vector<PickShares> stretches)
    : instances_(std::move(instances)), stretches_(std::move(stretches)) {
  check(!stretches_.empty(), "a target says something");
  for (std::size_t place = 0; place < instances_.size(); ++place) {
    const std::size_t host = instances_[place].value();
    if (host >= places_.size()) {
      places_.resize(host + 1, static_cast<std::uint32_t>(instances_.size()));
    }
    places_[host] = static_cast<std::uint32_t>(place);
  }
  is_even_ = stretches_.size() == 1 && has_one_share(stretches_.front());
}

PickTarget even_target(const std::vector<HostId>& instances,
                       const std::vector<FaultRecord>& faults) {
  std::vector<int> strikes(instances.size(), 0);
  std::vector<PickShares> stretches{{TrueInstant{}, even_shares(strikes)}};
  for (const Turn& turn : turns_of(instances, faults)) {
    strikes[turn.place] += turn.strikes;
    if (stretches.back().since != turn.at) {
      stretches.push_back({turn.at, {}});
    }
    stretches.back().of_instance = even_shares(strikes);
  }
  return PickTarget{instances, std::move(stretches)};
}

PickTarget fixed_target(const std::vector<HostId>& instances,
                        const std::vector<std::uint64_t>& counts) {
  const std::uint64_t all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  check(all > 0, "shares of nothing are no target");
  std::vector<double> shares;
  std::ranges::transform(counts, std::back_inserter(shares), [&](std::uint64_t count) {
    return static_cast<double>(count) / static_cast<double>(all);
  });
  return PickTarget{instances, {{TrueInstant{}, std::move(shares)}}};
}

}  // namespace windtunnel::chaos
