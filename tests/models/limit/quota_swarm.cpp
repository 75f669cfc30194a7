#include "tests/models/limit/quota_swarm.hpp"

#include <algorithm>
#include <optional>
#include <queue>
#include <variant>
#include <vector>

#include "models/limit/quota_client.hpp"
#include "models/limit/quota_server.hpp"
#include "runtime/random.hpp"
#include "tests/models/limit/skewed_clock.hpp"
#include "tests/models/limit/spending.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kBurst = milliseconds{100};

struct ServerGets {
  QuotaRequest request;
};
struct ClientGets {
  QuotaResponse response;
};
struct ClientWakes {
  std::size_t client;
  std::uint64_t plan;
};
struct ServerCrashes {};
struct ServerStarts {};
struct ClientCrashes {
  std::size_t client;
};
struct ClientStarts {
  std::size_t client;
};
struct DemandChanges {
  std::size_t client;
};
using What = std::variant<ServerGets, ClientGets, ClientWakes, ServerCrashes, ServerStarts,
                          ClientCrashes, ClientStarts, DemandChanges>;

struct Event {
  TrueInstant at;
  std::uint64_t order;
  What what;
  friend bool operator<(const Event& left, const Event& right) {
    return std::tie(right.at, right.order) < std::tie(left.at, left.order);
  }
};

struct Faults {
  Probability loss;
  Probability duplication;
  Duration delay_max;
  bool go_on = true;
};

struct ClientHost {
  SkewedClock clock;
  std::uint64_t incarnation = 0;
  std::uint64_t plan = 0;
  Quota wants = 0;
  std::optional<QuotaClient> core;
};

class Swarm {
 public:
  explicit Swarm(std::uint64_t seed);
  QuotaSwarmRun run();

 private:
  [[nodiscard]] SkewedClock draw_clock();
  void schedule(TrueInstant at, What what) { events_.push({at, order_++, std::move(what)}); }
  void send(What message);
  void poll(std::size_t client);
  void account(TrueInstant until);
  void check_capacity();
  void spend();
  void check_division();
  [[nodiscard]] std::vector<Demand> demands() const;
  [[nodiscard]] Quota quota_of(const ClientHost& host) const {
    return host.core ? host.core->quota(host.clock.read(now_)) : 0;
  }

  void handle(const ServerGets& event);
  void handle(const ClientGets& event);
  void handle(const ClientWakes& event);
  void handle(const ServerCrashes&);
  void handle(const ServerStarts&);
  void handle(const ClientCrashes& event);
  void handle(const ClientStarts& event);
  void handle(const DemandChanges& event);

  RandomStream random_;
  QuotaSwarmRun result_;
  std::priority_queue<Event> events_;
  std::uint64_t order_ = 0;
  TrueInstant now_{};
  Faults faults_;
  QuotaServerOptions options_;
  bool had_server_ = false;
  SkewedClock server_clock_;
  std::optional<QuotaServer> server_;
  std::vector<ClientHost> clients_;
  std::optional<Spending> spending_;
};

Swarm::Swarm(std::uint64_t seed) : random_(seed, "quota swarm") {
  constexpr std::uint32_t drifts[] = {0, 1'000, 50'000, 250'000};
  options_.drift_parts_per_million = drifts[random_.below(4)];
  options_.lease_length = random_.uniform(seconds{2}, seconds{8});
  options_.refresh_interval = options_.lease_length / 5;
  options_.predecessor_lease_length = options_.lease_length;
  options_.capacity = 1'000 + random_.below(100'000);
  options_.algorithm =
      random_.below(3) == 0 ? QuotaAlgorithm::proportional_share : QuotaAlgorithm::fair_share;
  const std::size_t count = 2 + random_.below(4);
  options_.clients_max = static_cast<std::uint32_t>(count);
  options_.safe_capacity = random_.below(2) == 0 ? 0 : random_.below(options_.capacity / count);
  faults_.loss = Probability::of_ratio(random_.unit() * 0.4);
  faults_.duplication = Probability::of_ratio(random_.unit() * 0.3);
  faults_.delay_max =
      random_.below(2) == 0 ? Duration{milliseconds{20}} : options_.lease_length * 3 / 2;
  for (std::size_t client = 0; client < count; ++client) {
    clients_.emplace_back().clock = draw_clock();
    schedule(now_, ClientStarts{client});
    schedule(now_, DemandChanges{client});
    if (random_.below(2) == 0) {
      schedule(now_ + random_.uniform(Duration::zero(), seconds{20}), ClientCrashes{client});
    }
  }
  // A client's seconds may be short, and each may have saved a burst or at least a request.
  const double requests = static_cast<double>(options_.capacity) / 1e3;
  spending_.emplace(requests * (1 + 1e-6 * options_.drift_parts_per_million),
                    requests * 0.1 + static_cast<double>(count));
  schedule(now_, ServerStarts{});
  if (random_.below(4) != 0) {
    schedule(now_ + random_.uniform(Duration::zero(), seconds{20}), ServerCrashes{});
  }
}

SkewedClock Swarm::draw_clock() {
  constexpr std::int64_t kMillion = SkewedClock::kMillion;
  const std::int64_t drift = options_.drift_parts_per_million;
  // The extremes most of all: that is where the bound is reached.
  const std::int64_t rates[] = {
      kMillion - drift, kMillion + drift,
      kMillion - drift +
          static_cast<std::int64_t>(random_.below(2 * options_.drift_parts_per_million + 1))};
  return {.offset = nanoseconds_of(Instant{random_.uniform(Duration::zero(), seconds{1'000})}),
          .rate = rates[random_.below(3)]};
}

void Swarm::send(What message) {
  const int copies = random_.chance(faults_.duplication) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    // Now and then much later than usual, so that messages overtake each other.
    const Duration most = random_.below(4) == 0 ? faults_.delay_max : Duration{milliseconds{5}};
    const Duration delay = random_.uniform(Duration{1}, std::min(most, faults_.delay_max));
    if (!random_.chance(faults_.loss)) {
      schedule(now_ + delay, message);
    }
  }
}

void Swarm::poll(std::size_t client) {
  ClientHost& host = clients_[client];
  while (const std::optional<QuotaRequest> request = host.core->poll(host.clock.read(now_))) {
    ++result_.requests;
    send(ServerGets{*request});
  }
  const TrueInstant next = host.clock.when(host.core->next_deadline());
  schedule(std::max(next, now_) + Duration{1}, ClientWakes{client, ++host.plan});
}

void Swarm::handle(const ServerGets& event) {
  if (!server_) {
    return;
  }
  const Instant local = server_clock_.read(now_);
  if (const auto response = server_->step(local, event.request)) {
    const bool renews = server_->is_learning(local) && response->lease > 0 && response->quota > 0;
    result_.renewed_while_learning += renews ? 1U : 0U;
    send(ClientGets{*response});
  }
  if (server_->lent(local) > server_->lendable()) {
    result_.breach = "quota.server_lends_at_most_its_capacity";
  }
}

void Swarm::handle(const ClientGets& event) {
  const std::size_t client = event.response.client.value();
  ClientHost& host = clients_[client];
  if (!host.core) {
    return;
  }
  const Quota before = quota_of(host);
  host.core->step(host.clock.read(now_), event.response);
  result_.adopted += quota_of(host) != before ? 1U : 0U;
  poll(client);
}

void Swarm::handle(const ClientWakes& event) {
  if (clients_[event.client].core && clients_[event.client].plan == event.plan) {
    poll(event.client);
  }
}

void Swarm::handle(const ServerCrashes&) {
  if (!faults_.go_on) {
    return;
  }
  ++result_.server_crashes;
  server_.reset();
  const Duration down = random_.below(2) == 0 ? Duration{milliseconds{10}} : options_.lease_length;
  schedule(now_ + random_.uniform(Duration::zero(), down), ServerStarts{});
  schedule(now_ + random_.uniform(milliseconds{20}, seconds{20}), ServerCrashes{});
}

/// Another host leads now, with another clock; it knows nothing but its epoch.
void Swarm::handle(const ServerStarts&) {
  if (server_) {
    return;
  }
  server_clock_ = draw_clock();
  QuotaServerOptions options = options_;
  options.predecessor_lease_length = had_server_ ? options_.lease_length : Duration::zero();
  server_.emplace(options, server_clock_.read(now_));
  ++options_.epoch;
  had_server_ = true;
}

void Swarm::handle(const ClientCrashes& event) {
  if (!faults_.go_on) {
    return;
  }
  ++result_.client_crashes;
  clients_[event.client].core.reset();
  schedule(now_ + random_.uniform(Duration{1}, seconds{4}), ClientStarts{event.client});
  schedule(now_ + random_.uniform(seconds{5}, seconds{20}), ClientCrashes{event.client});
}

void Swarm::handle(const ClientStarts& event) {
  ClientHost& host = clients_[event.client];
  if (host.core) {
    return;
  }
  ++host.incarnation;
  host.core.emplace(
      QuotaClientOptions{.id = QuotaClientId{static_cast<std::uint32_t>(event.client)},
                         .incarnation = host.incarnation,
                         .safe_capacity = options_.safe_capacity,
                         .burst = kBurst,
                         .retry_interval = options_.refresh_interval / 2},
      host.clock.read(now_));
  host.core->set_wants(host.wants);
  poll(event.client);
}

void Swarm::handle(const DemandChanges& event) {
  if (!faults_.go_on) {
    return;
  }
  ClientHost& host = clients_[event.client];
  host.wants = random_.below(random_.below(4) == 0 ? options_.capacity / 10 : options_.capacity);
  if (host.core) {
    host.core->set_wants(host.wants);
  }
  schedule(now_ + random_.uniform(seconds{1}, seconds{15}), DemandChanges{event.client});
}

void Swarm::check_capacity() {
  Quota sum = 0;
  for (const ClientHost& host : clients_) {
    sum += quota_of(host);
  }
  result_.full += sum >= options_.capacity / 100 * 99 ? 1U : 0U;
  if (sum > options_.capacity && result_.breach.empty()) {
    result_.breach = "quota.never_exceeds_capacity";
  }
}

/// Every client admits whatever it may, so that nothing it could overspend stays unspent.
void Swarm::spend() {
  std::uint64_t admitted = 0;
  for (ClientHost& host : clients_) {
    while (host.core && host.core->admit(host.clock.read(now_)).admitted) {
      ++admitted;
    }
  }
  if (!spending_->add(now_, admitted) && result_.breach.empty()) {
    result_.breach = "quota.spends_at_most_its_capacity_and_bursts";
  }
}

std::vector<Demand> Swarm::demands() const {
  std::vector<Demand> demands;
  for (const ClientHost& host : clients_) {
    const bool wants_more = host.core && host.wants > options_.safe_capacity;
    demands.push_back({.wants = wants_more ? host.wants - options_.safe_capacity : 0});
  }
  return demands;
}

/// Until `until` nothing changes but leases that end.
void Swarm::account(TrueInstant until) {
  const auto span = static_cast<double>((until - now_).count()) * 1e-9;
  const Quota lendable = options_.capacity - options_.safe_capacity * clients_.size();
  const std::vector<Demand> wanted = demands();
  Quota all = 0;
  for (std::size_t client = 0; client < clients_.size(); ++client) {
    const ClientHost& host = clients_[client];
    const Quota leased = host.core ? host.core->leased(host.clock.read(now_)) : 0;
    result_.held += span * static_cast<double>(std::min(leased, wanted[client].wants));
    all += wanted[client].wants;
  }
  result_.wanted += span * static_cast<double>(std::min(all, lendable));
}

void Swarm::check_division() {
  const Quota lendable = options_.capacity - options_.safe_capacity * clients_.size();
  const std::vector<Demand> wanted = demands();
  for (std::size_t client = 0; client < clients_.size(); ++client) {
    const Quota expected = entitlement({options_.algorithm, lendable, 0}, wanted, client);
    const ClientHost& host = clients_[client];
    if (host.core->leased(host.clock.read(now_)) != expected && result_.breach.empty()) {
      result_.breach = "quota.divides_as_entitled_once_healed";
    }
  }
}

QuotaSwarmRun Swarm::run() {
  const TrueInstant heals = now_ + seconds{60};
  // A lease that was lent just before, the learning of a new server, and two rounds of refreshes.
  const TrueInstant ends = heals + seconds{1} + options_.lease_length * 6;
  while (now_ < ends && !events_.empty() && result_.breach.empty()) {
    const Event event = events_.top();
    events_.pop();
    if (event.at >= heals && faults_.go_on) {
      faults_ = {.loss = {}, .duplication = {}, .delay_max = milliseconds{5}, .go_on = false};
    }
    account(event.at);
    now_ = event.at;
    std::visit([this](const auto& what) { handle(what); }, event.what);
    check_capacity();
    spend();
  }
  result_.spent = spending_->total();
  if (result_.breach.empty()) {
    check_division();
  }
  return result_;
}

}  // namespace

QuotaSwarmRun run_quota_swarm(std::uint64_t seed) {
  return Swarm{seed}.run();
}

}  // namespace windtunnel::limit
