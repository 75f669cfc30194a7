// HAProxy 2.6's `balance roundrobin` (src/lb_fwrr.c, fast weighted round robin): servers queue at
// the positions at which they are due, a period being the sum of weights. Left out: backup servers,
// maxconn, and weight changes at run time (a new set makes a new policy).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "models/balance/candidates.hpp"
#include "models/balance/policy.hpp"
#include "models/balance/slot_queue.hpp"

namespace windtunnel::balance {

struct HaproxyRoundRobinSpec {};

/// Unlike nginx's smooth order, 5, 1, 1 begins with the heavy server and then with the light ones
/// in the order of the configuration. A pick costs O(log n) for each endpoint that it has to pass
/// by (it passes by tried ones only), and O(n) once in a period, which is 16 picks an endpoint at
/// least. What was tried is picked again where nothing else is left.
class HaproxyRoundRobin final : public Policy {
 public:
  HaproxyRoundRobin(HaproxyRoundRobinSpec spec, const PolicyInput& input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

 private:
  enum class Tree : std::uint8_t { none, start, current, next };

  struct Server {
    std::int64_t weight = 0;
    std::int64_t position = 0;  ///< Where it is due next; 0 before its first turn in a period.
    std::int64_t remainder = 0;
    Tree tree = Tree::none;
  };

  [[nodiscard]] std::optional<Slot> find(const PickRequest& request);
  [[nodiscard]] std::optional<Slot> first_due();
  void start_period();
  void take(Slot slot);
  void advance(Server& server);
  void queue(Slot slot);
  void queue_by_weight(Tree tree, Slot slot);
  void queue_passed_by(std::optional<Slot> chosen);

  Candidates candidates_;
  std::vector<Server> servers_;
  std::int64_t weight_ = 0;         ///< Of all servers: the length of a period.
  std::int64_t position_ = 0;       ///< Of the next pick.
  SlotQueue<std::uint32_t> start_;  ///< Not yet picked in this period, the heaviest first.
  SlotQueue<std::uint32_t> current_;
  SlotQueue<std::uint32_t> next_;  ///< Done for this period.
  std::vector<Slot> passed_by_;
  bool has_switched_ = false;  ///< In this pick.
};

}  // namespace windtunnel::balance
