#include "tests/models/balance_hash/bounded_load_swarm.hpp"

#include <algorithm>
#include <vector>

#include "models/balance/bounded_load.hpp"
#include "runtime/check.hpp"
#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {

namespace {

/// One run: hosts, a bound and a number of hot keys, all drawn from the seed.
class Run {
 public:
  explicit Run(std::uint64_t seed)
      : rng_(seed, "bounded load"), hosts_(hosts_in(0, 1 + below(12))), ends_(rng_.below(2) == 0) {
    spec_.load_percent_max = 101 + below(150);
    spec_.places_per_weight = 1 + below(100);
    for (Endpoint& endpoint : hosts_.endpoints()) {
      endpoint.weight = 1 + below(rng_.below(2) == 0 ? 1 : 9);
      total_weight_ += endpoint.weight;
    }
    keys_ = 1 + below(50);
  }

  std::optional<std::string> breach() {
    BoundedLoad policy{spec_, hosts_.input()};
    for (int step = 0; step < 400; ++step) {
      if (ends_ && !under_way_.empty() && rng_.below(5) < 2) {
        end_one();
        continue;
      }
      const std::string key = std::to_string(below(keys_));
      const EndpointId taken{picked(policy, with_key(key))};
      hosts_.loads().begin(taken);
      under_way_.push_back(taken);
      if (const auto broken = breach_after(taken)) {
        return broken;
      }
    }
    return std::nullopt;
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(rng_.below(bound)); }

  void end_one() {
    std::swap(under_way_[rng_.below(under_way_.size())], under_way_.back());
    hosts_.loads().end(under_way_.back());
    under_way_.pop_back();
  }

  /// active <= ceil(c·m·w/W) without rounding: active - 1 < c·m·w/W. Of all hosts while requests
  /// only arrive, of the one just chosen where they end too.
  [[nodiscard]] std::optional<std::string> breach_after(EndpointId taken) {
    for (const Endpoint& endpoint : hosts_.endpoints()) {
      if (ends_ && endpoint.id != taken) {
        continue;
      }
      const std::uint64_t active = hosts_.loads().active(endpoint.id);
      const std::uint64_t fair = spec_.load_percent_max * under_way_.size() * endpoint.weight;
      if (active > 0 && (active - 1) * 100 * total_weight_ >= fair) {
        return endpoint.address + " has " + std::to_string(active) + " of " +
               std::to_string(under_way_.size());
      }
    }
    return std::nullopt;
  }

  RandomStream rng_;
  HostSet hosts_;
  BoundedLoadSpec spec_;
  bool ends_;
  std::uint32_t keys_ = 1;
  std::uint64_t total_weight_ = 0;
  std::vector<EndpointId> under_way_;
};

}  // namespace

std::optional<std::string> breach_of_bounded_load(std::uint64_t seed) {
  try {
    return Run{seed}.breach();
  } catch (const ProgrammingError& error) {
    return error.what();
  }
}

}  // namespace windtunnel::balance
