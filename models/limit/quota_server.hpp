// The control plane's half of a global quota: it lends parts of one capacity to clients, by leases,
// such that what all clients may use never exceeds it, whatever the network, crashes and clocks do.
// The idea is Doorman's (github.com/youtube/doorman); the rules that keep the bound are stricter.
//
// - A lease counts in full until it has expired here, or until its client says that it has adopted
// a
//   later one. Doorman counts the latest grant alone, and a lost response that lowers a lease then
//   lends the difference twice.
// - A client counts its lease from the sending of its request, for a length shortened by the
// clocks'
//   drift, so it stops before the server forgets.
// - Clocks may differ by any offset and drift within a bound, but must run on: one that stands
// still
//   while its host is suspended is outside the bound.
// - Nothing is durable. A server that follows another learns: until every lease of its predecessors
//   has expired it renews what clients hold and grants nothing else. It believes a report only if
//   the client has heard of this server, because an older report may speak of a lease that the
//   predecessor had lent anew before it fell.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "models/limit/quota_algorithm.hpp"
#include "models/limit/quota_messages.hpp"

namespace windtunnel::limit {

struct QuotaServerOptions {
  /// Greater than every predecessor's and at least 1: a Raft term serves. The one thing that must
  /// be durable somewhere.
  std::uint64_t epoch = 1;
  Quota capacity = 0;
  /// What each client uses when it has no lease, always counted: clients_max × safe_capacity is at
  /// most the capacity, and leases share out the rest.
  Quota safe_capacity = 0;
  std::uint32_t clients_max = 1'000;
  QuotaAlgorithm algorithm = QuotaAlgorithm::fair_share;
  Quota fixed_share = 0;  ///< For QuotaAlgorithm::fixed_share.
  Duration lease_length = std::chrono::seconds{10};
  Duration refresh_interval = std::chrono::seconds{3};
  /// The longest lease_length of any predecessor; zero where there never was one.
  Duration predecessor_lease_length = std::chrono::seconds{10};
  /// Every clock runs at a rate within 1 ± this of true time.
  std::uint32_t drift_parts_per_million = 1'000;
};

class QuotaServer {
 public:
  /// Precondition: every predecessor has stopped granting.
  QuotaServer(const QuotaServerOptions& options, Instant now);

  /// The response to one request, if it deserves one: not where the client has since restarted, or
  /// where there is no room for one more client. O(clients log clients).
  [[nodiscard]] std::optional<QuotaResponse> step(Instant now, const QuotaRequest& request);

  /// Leases lent before a decrease run out within their length: until then the sum is bounded by
  /// what the capacity was.
  void set_capacity(Quota capacity);

  [[nodiscard]] bool is_learning(Instant now) const { return now < learning_until_; }
  /// A client has heard of a newer server: this one answers nothing any more.
  [[nodiscard]] bool is_deposed() const { return is_deposed_; }
  /// The most that clients can hold by this server's leases.
  [[nodiscard]] Quota lent(Instant now) const;
  [[nodiscard]] Quota lendable() const { return lendable_; }
  [[nodiscard]] std::size_t clients() const { return clients_.size(); }

 private:
  struct Lease {
    std::uint64_t number = 0;
    Quota quota = 0;
    Instant expires_at{};
  };
  struct Client {
    std::uint64_t incarnation = 0;
    Demand demand{};
    Instant demanded_at = Instant::min();  ///< On the client's clock.
    Instant heard_at{};
    std::optional<Quota> learned;  ///< What it held by a predecessor's lease.
    std::vector<Lease> leases;     ///< Those it may hold or may yet adopt, oldest first.
  };

  [[nodiscard]] static Quota held(const Client& client, Instant now);
  [[nodiscard]] Duration usable_length() const;
  void expire(Instant now);
  /// Nothing for a request of the past, or for one client too many.
  [[nodiscard]] Client* find(const QuotaRequest& request);
  void update(Instant now, const QuotaRequest& request, Client& client) const;
  [[nodiscard]] Quota entitled(QuotaClientId id) const;
  [[nodiscard]] Quota available_to(const Client& client, Instant now) const;
  void lend(Instant now, Client& client, Quota quota);

  QuotaServerOptions options_;
  Quota lendable_;
  Instant learning_until_;
  bool is_deposed_ = false;
  /// Of all clients: the number of a client that was forgotten and is heard again must not restart,
  /// or it would take its new leases for old ones.
  std::uint64_t leases_granted_ = 0;
  std::map<QuotaClientId, Client> clients_;
};

}  // namespace windtunnel::limit
