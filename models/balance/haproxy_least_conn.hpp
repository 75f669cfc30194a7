// HAProxy 2.6's `balance leastconn` (src/lb_fwlc.c, fast weighted least connections). Left out:
// backup servers, maxconn and server queues.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/balance/candidates.hpp"
#include "models/balance/policy.hpp"
#include "models/balance/slot_queue.hpp"

namespace windtunnel::balance {

struct HaproxyLeastConnSpec {};

/// Servers stand in the order of (active + 1) / weight, idle ones before all others whatever their
/// weight; among equals the one that changed longest ago is first, which is a round robin. nginx's
/// least_conn differs in both.
///
/// A pick costs O(log n), for the policy is told of what changes: a picked endpoint is expected to
/// begin a request, and every attempt that ends must be reported to observe(), before or after
/// EndpointLoads::end. A load that somebody else takes off an endpoint is seen at the endpoint's
/// next change only.
class HaproxyLeastConn final : public Policy {
 public:
  HaproxyLeastConn(HaproxyLeastConnSpec spec, const PolicyInput& input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;
  void observe(Instant now, const AttemptResult& result) override;
  [[nodiscard]] bool learns() const override { return true; }

 private:
  using Queue = SlotQueue<std::uint64_t>;

  [[nodiscard]] std::uint64_t key(Slot slot, std::uint32_t active) const;
  void look_again();
  void move_behind_equals(Slot slot, std::uint32_t active);

  Candidates candidates_;
  const EndpointLoads& loads_;
  Queue queue_;
  std::vector<Slot> changed_;  ///< Their loads were foreseen, and are read at the next pick.
  std::vector<bool> is_changed_;
  std::vector<Queue::Entry> passed_by_;
};

}  // namespace windtunnel::balance
