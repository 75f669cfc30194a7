// A workload's side of identity: keeps its certificate fresh, holds whom to trust, and makes sure
// of peers before it speaks to them. One beside every proxy.
//
// A connection is as good as its handshake: it is kept when the certificates behind it run out, as
// in TLS, until it breaks or is older than its limit. Requests that find no connection to a host
// open one each. Before its first certificate a workload neither answers handshakes nor begins any:
// it is not there yet.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/document.hpp"
#include "models/identity/messages.hpp"
#include "models/identity/renewal.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::identity {

struct WorkloadOptions {
  std::string service;  ///< Empty: of a client that is none; it is named after its host then.
  std::string trust_domain = "cluster.local";
  std::vector<HostId> nodes;  ///< Of the control plane; not empty.
  RenewalOptions renewal;
  Duration patience = std::chrono::seconds{1};      ///< For a certificate that was asked for.
  Duration report_every = std::chrono::seconds{1};  ///< To the control plane; and at any change.
};

/// What became of an attempt to speak to somebody.
enum class Secured : std::uint8_t { yes, refused, unreachable };

/// Part of a Program; outlives every handshake.
class Workload {
 public:
  Workload(Host& host, WorkloadOptions options);
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  /// Takes whom to trust from a step of the configuration, where it is in there.
  void apply(const config::Update& step);

  /// Whether there is a connection to that host, not older than this.
  [[nodiscard]] bool is_connected(HostId to, Duration connection_age) const;
  /// Opens one to an instance of that service.
  [[nodiscard]] asio::awaitable<Secured> connect(HostId to, std::string_view service,
                                                 Duration timeout);
  /// The connection broke.
  void disconnect(HostId to) { connected_at_.erase(to); }

  /// Nothing where it never had one; it may have run out.
  [[nodiscard]] const std::optional<Certificate>& certificate() const { return certificate_; }
  [[nodiscard]] const Trust& trust() const { return trust_; }

 private:
  void renew();
  void hear(const error_code& error, SigningResponse& response);
  void install(Certificate certificate);
  void take(Trust trust, std::uint64_t revision);
  void answer(const HandshakeRequest& request, const ReplyTo& reply);
  void serve();
  asio::awaitable<void> report_again_and_again();
  void report();

  Host& host_;
  WorkloadOptions options_;
  std::string subject_;
  KeyId key_;
  std::size_t node_;  ///< Whom to ask next.
  Trust trust_;
  std::uint64_t trust_revision_ = 0;
  bool holds_trust_ = false;
  std::optional<Certificate> certificate_;
  std::map<HostId, Instant> connected_at_;
  Renewal renewal_;
  Timeout renewal_timer_;
  Timeout expiry_timer_;
  Subscription handshakes_;
};

}  // namespace windtunnel::identity
