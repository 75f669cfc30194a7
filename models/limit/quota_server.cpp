#include "models/limit/quota_server.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::limit {

namespace {

__extension__ using Wide = unsigned __int128;

/// Of one client. Two that are merged count as the larger and the longer, so fewer would be safe.
constexpr std::size_t kLeasesKept = 4;

Quota lendable_of(const QuotaServerOptions& options) {
  const Wide reserved = Wide{options.safe_capacity} * options.clients_max;
  check(reserved <= options.capacity, "what clients use without a lease is part of the capacity");
  return options.capacity - static_cast<Quota>(reserved);
}

}  // namespace

QuotaServer::QuotaServer(const QuotaServerOptions& options, Instant now)
    : options_(options),
      lendable_(lendable_of(options)),
      learning_until_(now + options.predecessor_lease_length) {
  check(options.epoch > 0 && options.clients_max > 0, "a server has an epoch and clients");
  check(options.drift_parts_per_million < 1'000'000, "a clock does not stand still");
  check(options.refresh_interval < usable_length(), "a lease outlasts its refresh");
}

void QuotaServer::set_capacity(Quota capacity) {
  options_.capacity = capacity;
  lendable_ = lendable_of(options_);
}

/// A clock that runs fast sees a lease's length in less true time than one that runs slow: between
/// the fastest server and the slowest client the ratio is (1 − drift) / (1 + drift). Both read
/// whole nanoseconds, which costs each up to one.
Duration QuotaServer::usable_length() const {
  const std::int64_t drift = options_.drift_parts_per_million;
  const Wide length = static_cast<Wide>(options_.lease_length.count());
  const Wide usable =
      length * static_cast<Wide>(1'000'000 - drift) / static_cast<Wide>(1'000'000 + drift);
  return Duration{static_cast<std::int64_t>(usable) - 2};
}

Quota QuotaServer::held(const Client& client, Instant now) {
  Quota most = 0;
  for (const Lease& lease : client.leases) {
    most = lease.expires_at > now ? std::max(most, lease.quota) : most;
  }
  return most;
}

Quota QuotaServer::lent(Instant now) const {
  Quota sum = 0;
  for (const auto& [id, client] : clients_) {
    sum += held(client, now);
  }
  return sum;
}

/// Forgets leases that have expired, and clients that have none and are not heard of any more.
void QuotaServer::expire(Instant now) {
  for (auto& [id, client] : clients_) {
    std::erase_if(client.leases, [&](const Lease& lease) { return lease.expires_at <= now; });
  }
  std::erase_if(clients_, [&](const auto& entry) {
    const Client& client = entry.second;
    return client.leases.empty() && client.heard_at + options_.lease_length <= now;
  });
}

QuotaServer::Client* QuotaServer::find(const QuotaRequest& request) {
  const auto known = clients_.find(request.client);
  if (known == clients_.end()) {
    if (clients_.size() == options_.clients_max) {
      return nullptr;
    }
    Client& client = clients_[request.client];
    client.incarnation = request.incarnation;
    return &client;
  }
  Client& client = known->second;
  if (request.incarnation < client.incarnation) {
    return nullptr;
  }
  if (request.incarnation > client.incarnation) {
    // The process that held its leases is gone, and no other will adopt them.
    client = Client{};
    client.incarnation = request.incarnation;
  }
  return &client;
}

/// Takes in what the request says, which may be older than what is known already.
void QuotaServer::update(Instant now, const QuotaRequest& request, Client& client) const {
  client.heard_at = now;
  if (request.sent_at >= client.demanded_at) {
    client.demanded_at = request.sent_at;
    const Quota safe = options_.safe_capacity;
    client.demand = {request.wants > safe ? request.wants - safe : 0,
                     std::max(request.weight, std::uint32_t{1})};
  }
  if (request.epoch != options_.epoch) {
    return;
  }
  if (is_learning(now) && !client.learned) {
    client.learned = request.holds;
  }
  // A client never goes back to an earlier lease.
  std::erase_if(client.leases, [&](const Lease& lease) { return lease.number < request.adopted; });
}

Quota QuotaServer::entitled(QuotaClientId id) const {
  std::vector<Demand> demands;
  demands.reserve(clients_.size());
  std::size_t place = 0;
  for (const auto& [other, client] : clients_) {
    place = other == id ? demands.size() : place;
    demands.push_back(client.demand);
  }
  const Quota fixed = options_.fixed_share - std::min(options_.fixed_share, options_.safe_capacity);
  return entitlement({options_.algorithm, lendable_, fixed}, demands, place);
}

Quota QuotaServer::available_to(const Client& client, Instant now) const {
  const Quota others = lent(now) - held(client, now);
  return lendable_ - std::min(lendable_, others);
}

void QuotaServer::lend(Instant now, Client& client, Quota quota) {
  if (client.leases.size() == kLeasesKept) {
    // The client may hold either of the two oldest: both count, as one.
    Lease& second = client.leases[1];
    second.quota = std::max(second.quota, client.leases[0].quota);
    second.expires_at = std::max(second.expires_at, client.leases[0].expires_at);
    client.leases.erase(client.leases.begin());
  }
  ++leases_granted_;
  client.leases.push_back({leases_granted_, quota, now + options_.lease_length});
}

std::optional<QuotaResponse> QuotaServer::step(Instant now, const QuotaRequest& request) {
  is_deposed_ = is_deposed_ || request.epoch > options_.epoch;
  if (is_deposed_) {
    return std::nullopt;
  }
  expire(now);
  Client* const client = find(request);
  if (client == nullptr) {
    return std::nullopt;
  }
  update(now, request, *client);
  QuotaResponse response{.client = request.client,
                         .incarnation = request.incarnation,
                         .epoch = options_.epoch,
                         .length = usable_length(),
                         .refresh_after = options_.refresh_interval,
                         .request_sent_at = request.sent_at};
  if (is_learning(now) && !client->learned) {
    return response;
  }
  const Quota due = is_learning(now) ? std::min(*client->learned, client->demand.wants)
                                     : entitled(request.client);
  response.quota = std::min(due, available_to(*client, now));
  lend(now, *client, response.quota);
  response.lease = leases_granted_;
  return response;
}

}  // namespace windtunnel::limit
