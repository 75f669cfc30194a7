// Prequal, the balancer that probes (B. Wydrowski, R. Kleinberg, S. Rumble, A. Archer, "Load is not
// what you should balance: Introducing Prequal", NSDI 2024, §4): it sends small questions to random
// servers ahead of need and picks by what the latest answers say about requests in flight and
// latency. This is the client; what a server answers is PrequalServer's business.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/balance/candidates.hpp"
#include "models/balance/policy.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

/// Defaults and the reuse budget as open re-implementations of the paper give them.
struct PrequalSpec {
  double probes_per_query = 3;
  std::uint32_t pool_size = 16;
  Duration probe_age_max = std::chrono::seconds{1};
  /// A server is hot if it has more requests in flight than this share of recent answers.
  double hot_quantile = 0.84;
  double removals_per_query = 1;  ///< Of the oldest and the worst answer, in turns.
  double pool_growth = 1;         ///< The paper's δ: net answers gained a query, for reuse.
  /// With fewer answers than this the pick is at random.
  std::uint32_t pool_size_min = 2;
};

struct ProbeAnswer {
  EndpointId endpoint{};
  std::uint32_t in_flight = 0;
  Duration latency{};
};

/// The weights of the control plane only decide who takes nothing (weight 0). A pick costs
/// O(pool_size), whatever the number of endpoints.
class Prequal final : public Policy {
 public:
  Prequal(PrequalSpec spec, const PolicyInput& input);

  /// Hot and cold, lexicographically: of the cold the lowest latency, else the fewest in flight.
  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

  /// Whom to probe now: called once a query, by whoever sends it. Different endpoints, valid until
  /// the next call.
  [[nodiscard]] std::span<const EndpointId> draw_probe_targets();

  /// A probe was answered.
  void learn(Instant now, const ProbeAnswer& answer);

  /// How often one answer may be used, before rounding: (1 + δ) / ((1 − m/n) r_probe − r_remove),
  /// at least 1; without bound where probes do not outweigh removals.
  [[nodiscard]] double reuse_budget() const;

  [[nodiscard]] std::size_t pool_size() const { return pool_.size(); }

 private:
  struct Pooled {
    ProbeAnswer answer;
    Instant received;
    std::uint64_t uses_left = 0;
  };

  [[nodiscard]] std::optional<std::size_t> best(const PickRequest& request) const;
  [[nodiscard]] bool is_hot(const Pooled& pooled) const {
    return pooled.answer.in_flight > hot_above_;
  }
  [[nodiscard]] bool is_better(const Pooled& left, const Pooled& right) const;
  void forget_aged(Instant now);
  void remove_some();
  void use(std::size_t index);
  void remove(std::size_t index);
  void note_in_flight(std::uint32_t in_flight);
  [[nodiscard]] std::uint64_t rounded_at_random(double value);
  [[nodiscard]] EndpointId draw(const PickRequest& request);

  static constexpr std::size_t kRecentAnswers = 64;

  PrequalSpec spec_;
  Candidates candidates_;
  RandomStream random_;
  std::vector<Pooled> pool_;  ///< The oldest first.
  std::array<std::uint32_t, kRecentAnswers> recent_{};
  std::size_t recent_count_ = 0;
  std::uint32_t hot_above_ = 0;
  double probes_owed_ = 0;
  double removals_owed_ = 0;
  bool removes_oldest_next_ = true;
  std::vector<EndpointId> targets_;
};

}  // namespace windtunnel::balance
