// Lends the global quotas of routes to proxies: stands beside a node of the replicated store, and
// answers while that node leads. The leases are limit::QuotaServer's, one for each policy with a
// quota.
//
// QuotaServer asks for two things, and Raft gives both. Its epoch is the term. And no predecessor
// may grant once it has begun: before an ask is answered the node proves, by a linearizable read
// begun after the ask arrived, that it led still. Whatever leader follows was elected later than
// that, so later than the ask was sent, and a lease counts from the sending; by the time that the
// successor has learned for the length of a lease, it is over. No clock is compared, and a leader
// that was paused or cut off and does not know yet that it was deposed grants nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/kv/node.hpp"
#include "models/limit/quota_server.hpp"
#include "models/proxy/quota_messages.hpp"
#include "models/proxy/route_policy.hpp"
#include "runtime/host.hpp"

namespace windtunnel::proxy {

class QuotaDesk {
 public:
  /// The node outlives it. `bootstrap` is what counts for a route until the store says otherwise.
  QuotaDesk(Host& host, const kv::Node& node, std::vector<RoutePolicy> bootstrap);
  QuotaDesk(const QuotaDesk&) = delete;
  QuotaDesk& operator=(const QuotaDesk&) = delete;

 private:
  struct Waiting {
    QuotaAsk ask;
    ReplyTo reply;
  };

  void receive(QuotaAsk& ask, const ReplyTo& reply);
  /// Asks that come while one proof is under way wait for the next.
  asio::awaitable<void> prove_and_answer();
  [[nodiscard]] asio::awaitable<bool> proves_leadership();
  /// Whether a linearizable read of the store through this node succeeds.
  [[nodiscard]] asio::awaitable<bool> reads();
  void answer(const Waiting& waiting);
  void refuse(const Waiting& waiting);
  /// Null where no policy of that name has a quota.
  [[nodiscard]] limit::QuotaServer* server_of(const std::string& quota);
  [[nodiscard]] std::optional<QuotaSettings> settings_of(const std::string& quota) const;

  Host& host_;
  const kv::Node& node_;
  std::vector<RoutePolicy> bootstrap_;
  raft::Term term_{};  ///< Of the servers.
  std::map<std::string, limit::QuotaServer> servers_;
  std::vector<Waiting> waiting_;
  bool is_proving_ = false;
  Subscription subscription_;
};

}  // namespace windtunnel::proxy
