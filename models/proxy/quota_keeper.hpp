// Keeps a route's lease on its global quota fresh: asks the leader of the control plane when the
// QuotaShare says so, and looks for the leader where it is not known. One timer; nothing is asked
// for a route without a quota.
#pragma once

#include <string>
#include <vector>

#include "models/proxy/quota_messages.hpp"
#include "models/proxy/route.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::proxy {

class QuotaKeeper {
 public:
  /// The route outlives it, and it every answer: it lives as long as the process. `nodes` is not
  /// empty.
  QuotaKeeper(Host& host, Route& route, std::string callee, std::vector<HostId> nodes);
  QuotaKeeper(const QuotaKeeper&) = delete;
  QuotaKeeper& operator=(const QuotaKeeper&) = delete;

  /// Asks if it is time to; to be called when the route's policy may have changed.
  void run();

 private:
  /// Whether an answer that names another leader is followed at once: once for each request.
  enum class Hint : std::uint8_t { followed, ignored };

  void send(const QuotaAsk& ask, Hint hint);
  void hear(const QuotaAsk& ask, Hint hint, const error_code& error, const QuotaAnswer& answer);
  void state_facts(const QuotaShare& share);

  Host& host_;
  Route& route_;
  std::string callee_;
  std::vector<HostId> nodes_;
  std::size_t node_ = 0;  ///< Whom to ask next.
  bool has_lease_ = false;
  Timeout timer_;
};

}  // namespace windtunnel::proxy
