// The proxy beside every instance: routes each call through rate limit, choice of an endpoint,
// breaker, attempt and retry, as the policies of the control plane say, and by the last good ones
// when the control plane is gone.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/config_subscriber.hpp"
#include "models/identity/workload.hpp"
#include "models/proxy/endpoint_directory.hpp"
#include "models/proxy/hedged_call.hpp"
#include "models/proxy/route.hpp"
#include "models/proxy/route_attendant.hpp"
#include "models/proxy/version_chooser.hpp"
#include "models/proxy/version_meter.hpp"
#include "models/service/caller.hpp"
#include "runtime/host.hpp"

namespace windtunnel::proxy {

/// One instance of a service as the proxy finds it.
struct Instance {
  std::string address;  ///< What hash policies hash.
  std::string zone;
  std::uint32_t version = 0;  ///< 0: the service has no versions.
  std::vector<balance::Label> labels{};
};

struct KnownService {
  std::string name;
  std::vector<Instance> instances;
  std::vector<HostId>
      hosts;  ///< Of the instances: by themselves, since every attempt looks one up.
  /// Whether its instances share one address, so that requests can go to its holder only.
  bool has_virtual_address = false;

  void add(HostId host, Instance instance) {
    hosts.push_back(host);
    instances.push_back(std::move(instance));
  }
};

struct SidecarOptions {
  std::string service;  ///< Whose proxy it is; empty for a client that is no service.
  std::string zone;
  std::uint32_t number = 0;  ///< Among the proxies of that service, from zero; for subsets.
  std::vector<std::shared_ptr<const KnownService>> services;  ///< That can be called.
  /// Whether the instances of those services are learned from the control plane, which then is
  /// asked for what concerns them and nothing else. Until it has answered nobody can be reached.
  bool discovers = false;
  /// Until the control plane says otherwise. Null: none.
  std::shared_ptr<const std::vector<RoutePolicy>> bootstrap;
  std::vector<TrafficSplit> splits{};  ///< Likewise.
  std::vector<HostId> control_plane;   ///< Empty: there is none.
  /// What each document that a push brings or takes away costs until the push is in effect.
  /// Requests go on meanwhile.
  Duration document_cost{};
  /// Whose name the proxy proves on routes with mutual TLS; outlives it. Null: there are none.
  identity::Workload* workload = nullptr;
};

class Sidecar final : public service::Caller {
 public:
  Sidecar(Host& host, SidecarOptions options);
  ~Sidecar() override;

  void start(std::string_view service, service::CallRequest request, Done done) override;

  /// By the word of others, a host is gone, or back: its endpoints are left out of the choice like
  /// those that fail their checks.
  void note_host(HostId host, bool is_alive);

  /// Who holds the virtual address of a service from now on, as far as this host has heard.
  void note_holder(std::string_view service, HostId holder);

  /// Null where no call has gone there yet, or there is no such service.
  [[nodiscard]] const Route* find_route(std::string_view callee) const;
  /// Of the configuration in effect; 0 is the bootstrap.
  [[nodiscard]] std::uint64_t revision() const { return subscriber_ ? subscriber_->revision() : 0; }

 private:
  struct Call;
  struct Target {
    std::shared_ptr<const KnownService> service;
    std::unique_ptr<Route> route;  ///< Made at the first call: most proxies call few services.
    std::unique_ptr<EndpointDirectory> directory;  ///< Where instances are learned.
    std::optional<VersionChooser> versions{};      ///< Where the service has, or had, a split.
    std::unique_ptr<RouteAttendant> attendant{};
    std::optional<HostId> holder{};  ///< Of its virtual address.

    [[nodiscard]] std::vector<balance::Endpoint> endpoints() const;
    [[nodiscard]] HostId host_of(balance::EndpointId endpoint) const {
      return directory ? directory->host_of(endpoint) : service->hosts[endpoint.value()];
    }
  };

  /// Everything is read before anything changes: a version is taken whole or refused whole.
  [[nodiscard]] std::optional<std::string> check_update(const config::Update& update);
  asio::awaitable<void> prepare(const config::Update& step);
  void apply(const config::Update& step);
  /// A target that a step concerns.
  struct Touched {
    Target* target = nullptr;
    bool has_policy = false;  ///< Whether the policy of its route may be another.
  };
  using TouchedTargets = std::map<std::string_view, Touched>;  ///< By name.
  void apply_endpoints(const config::Update& step, TouchedTargets& touched);
  void touch_routes(const config::Update& step, TouchedTargets& touched);
  [[nodiscard]] std::vector<TrafficSplit> splits_in_effect() const;
  void apply_splits(std::vector<TrafficSplit> splits);
  [[nodiscard]] RoutePolicy policy_for(std::string_view callee) const;
  [[nodiscard]] const RoutePolicy* bootstrap_policy(std::string_view caller,
                                                    std::string_view callee) const;
  [[nodiscard]] config::Interest interest() const;
  [[nodiscard]] Target* find_target(std::string_view service);
  [[nodiscard]] Route& route_of(Target& target);
  /// Has the route's policy followed by what goes on beside it.
  void attend(Target& target);

  // A call's way, in this order.
  [[nodiscard]] Call& idle_call();
  asio::awaitable<void> wait_at_entrance(Call& call);
  void come_in(Call& call, std::optional<Refused> turned_away);
  asio::awaitable<void> send_hedged(Call& call, Hedge& hedge);
  void go_on(Call& call);
  /// False where it was refused: it has ended already.
  [[nodiscard]] bool begin_attempt(Call& call);
  asio::awaitable<void> connect_and_send(Call& call, Duration timeout);
  void send(Call& call, Duration timeout);
  void hear(Call& call, const error_code& error, const service::Response& response);
  [[nodiscard]] bool is_tried_again_now(Call& call);
  void finish(Call& call);

  /// Whether an attempt at this host has to begin with a handshake.
  [[nodiscard]] bool needs_handshake(const Target& target, HostId to) const;
  [[nodiscard]] asio::awaitable<bool> connect_for_hedge(const Target& target,
                                                        std::string_view service, HostId to,
                                                        Duration timeout);
  void note_broken(const Target& target, HostId to, service::CallOutcome outcome);
  [[nodiscard]] HedgedCallInput hedged_call_input(const Target& target, Hedge& hedge,
                                                  std::string_view service,
                                                  const service::CallRequest& request);
  void leave_out_the_gone(Target& target);
  /// For whoever compares versions.
  void count(std::string_view service, const Attempt& attempt, service::CallOutcome outcome);
  void count_outrun(std::string_view service, const Attempt& attempt);
  void state_facts(const Target& target);

  SidecarOptions options_;
  RandomStream retries_;
  std::map<std::string, Target, std::less<>> targets_;
  Target* last_found_ = nullptr;
  std::set<HostId> gone_;
  std::uint64_t next_id_;
  std::deque<Call> calls_;
  std::vector<Call*> idle_calls_;
  std::optional<VersionMeter> meter_;  ///< Since some service first had a split.
  std::optional<config::ConfigSubscriber> subscriber_;
};

}  // namespace windtunnel::proxy
