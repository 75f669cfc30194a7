#include "chaos/run/host_program.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "chaos/run/replication_of_plan.hpp"
#include "chaos/run/traffic_recorder.hpp"
#include "models/client/load_client.hpp"
#include "models/config/config_publisher.hpp"
#include "models/gate/gatekeeper.hpp"
#include "models/health/swim_member.hpp"
#include "models/health/virtual_addresses.hpp"
#include "models/identity/authority.hpp"
#include "models/identity/rotation_controller.hpp"
#include "models/identity/workload.hpp"
#include "models/kv/node.hpp"
#include "models/kv/workload.hpp"
#include "models/proxy/endpoint_documents.hpp"
#include "models/proxy/quota_desk.hpp"
#include "models/registry/registry_client.hpp"
#include "models/rollout/rollout_controller.hpp"
#include "models/service/health_responder.hpp"
#include "models/service/node.hpp"

namespace windtunnel::chaos {

namespace {

bool contains(const std::vector<HostId>& hosts, HostId host) {
  return std::binary_search(hosts.begin(), hosts.end(), host);
}

const PlannedService* service_on(const Plan& plan, HostId host) {
  const auto found =
      std::find_if(plan.services.begin(), plan.services.end(),
                   [&](const PlannedService& service) { return contains(service.on, host); });
  return found == plan.services.end() ? nullptr : &*found;
}

/// Surges included.
std::vector<const Load*> loads_on_services(const Plan& plan) {
  std::vector<const Load*> loads;
  for (const Load& load : plan.loads) {
    if (load.to != kControlPlane) {
      loads.push_back(&load);
    }
  }
  for (const TimelineEntry& entry : plan.timeline) {
    if (const Surge* const surge = std::get_if<Surge>(&entry.fault)) {
      loads.push_back(&surge->load);
    }
  }
  return loads;
}

bool calls_services(const Plan& plan, HostId host) {
  const std::vector<const Load*> loads = loads_on_services(plan);
  return service_on(plan, host) != nullptr ||
         std::any_of(loads.begin(), loads.end(),
                     [&](const Load* load) { return contains(load->from, host); });
}

bool has_rollouts(const Plan& plan) {
  return std::any_of(plan.timeline.begin(), plan.timeline.end(), [](const TimelineEntry& entry) {
    return std::holds_alternative<Canary>(entry.fault);
  });
}

kv::NodeOptions node_options_of(const Plan& plan) {
  const ControlPlane& control_plane = plan.control_plane;
  kv::NodeOptions options;
  if (plan.services.empty()) {
    // Nobody watches.
    constexpr std::size_t kFewEvents = 64;
    options.store.history_events_max = kFewEvents;
  }
  if (const auto& registry = control_plane.registry; registry && registry->self_preservation) {
    kv::SelfPreservationOptions preservation;
    preservation.renewal_interval = registry->heartbeat;
    preservation.window = std::max(preservation.window, registry->heartbeat);
    options.leases.preservation = preservation;
  }
  const RaftSettings& raft = control_plane.raft;
  options.raft.voters = control_plane.members;
  options.raft.tick = raft.tick;
  options.raft.heartbeat_ticks = raft.heartbeat_ticks;
  options.raft.election_ticks = raft.election_ticks;
  options.raft.pre_vote = raft.pre_vote;
  options.raft.check_quorum = raft.check_quorum;
  options.raft.max_entries_per_append = raft.max_entries_per_append;
  options.raft.max_bytes_per_append = raft.max_bytes_per_append.bytes;
  return options;
}

kv::WorkloadOptions workload_options_of(const Plan& plan, std::uint32_t number) {
  const Load& load = plan.loads[number];
  kv::WorkloadOptions options;
  options.load = number;
  options.rate_per_second = rate_per_host(load.rate, load);
  options.arrivals =
      load.arrivals == Arrivals::poisson ? kv::Arrivals::poisson : kv::Arrivals::constant;
  options.reads = load.reads;
  options.value_bytes = static_cast<std::size_t>(load.value_size.bytes);
  options.lasts = plan.duration;
  options.client.nodes = plan.control_plane.members;
  options.client.timeout = load.timeout;
  options.client.deadline = load.deadline;
  options.client.attempts_max = load.retry.attempts;
  options.client.backoff = load.retry.backoff;
  options.client.backoff_max = load.retry.backoff_max;
  return options;
}

config::ConfigPublisherOptions publisher_options_of(const ControlPlane& control_plane) {
  const ConfigSettings& settings = control_plane.config;
  config::ConfigPublisherOptions options;
  if (control_plane.registry) {
    options.feeds.push_back(proxy::kEndpointFeed);
  }
  options.mode = settings.push;
  options.push.debounce_quiet = settings.debounce;
  options.push.debounce_max = std::max(options.push.debounce_max, settings.debounce);
  options.push.concurrency_max = settings.concurrency;
  return options;
}

bool has_virtual_address(const Plan& plan, std::string_view name) {
  return std::any_of(plan.services.begin(), plan.services.end(), [&](const PlannedService& one) {
    return one.name == name && one.virtual_address;
  });
}

/// What the host calls, by name only: its proxy learns the rest.
std::vector<std::shared_ptr<const proxy::KnownService>> services_without_instances(const Plan& plan,
                                                                                   HostId host) {
  std::set<std::string> names;
  if (const PlannedService* const own = service_on(plan, host)) {
    for (const PlannedCall& call : own->calls) {
      names.insert(call.to);
    }
  }
  for (const Load* const load : loads_on_services(plan)) {
    if (contains(load->from, host)) {
      names.insert(load->to);
    }
  }
  std::vector<std::shared_ptr<const proxy::KnownService>> services;
  for (const std::string& name : names) {
    services.push_back(std::make_shared<const proxy::KnownService>(
        proxy::KnownService{name, {}, {}, has_virtual_address(plan, name)}));
  }
  return services;
}

kv::ClientOptions registry_client_options_of(const Plan& plan) {
  kv::ClientOptions options;
  options.nodes = plan.control_plane.members;
  options.deadline = std::min(options.deadline, plan.control_plane.registry->heartbeat);
  return options;
}

/// The version that runs on a host; null where the service has none.
const PlannedVersion* version_on(const PlannedService& planned, HostId host) {
  const auto found =
      std::find_if(planned.versions.begin(), planned.versions.end(),
                   [&](const PlannedVersion& version) { return contains(version.on, host); });
  return found == planned.versions.end() ? nullptr : &*found;
}

/// Those of the instance on a host.
std::vector<balance::Label> labels_on(const PlannedService& planned, HostId host) {
  std::vector<balance::Label> labels;
  for (const PlannedLabel& label : planned.labels) {
    if (contains(label.on, host)) {
      labels.emplace_back(label.name, label.value);
    }
  }
  return labels;
}

registry::Instance registry_entry_of(const Plan& plan, const PlannedService& service, HostId host) {
  registry::Instance instance;
  instance.service = service.name;
  instance.id = plan.hosts[host.value()].name;
  instance.host = host;
  instance.zone = plan.hosts[host.value()].zone;
  if (const PlannedVersion* const version = version_on(service, host)) {
    instance.version = std::to_string(version->version);
  }
  for (const auto& [name, value] : labels_on(service, host)) {
    instance.labels.push_back({name, value});
  }
  const RegistrySettings& settings = *plan.control_plane.registry;
  instance.ttl = settings.heartbeat * settings.expire_after;
  return instance;
}

proxy::SidecarOptions sidecar_options_of(const RunContext& context, HostId host) {
  const Plan& plan = context.plan;
  proxy::SidecarOptions options;
  if (const PlannedService* const own = service_on(plan, host)) {
    options.service = own->name;
  }
  options.zone = plan.hosts[host.value()].zone;
  options.number = context.proxy_numbers[host.value()];
  options.services = context.services;
  if (plan.control_plane.registry) {
    options.discovers = true;
    options.services = services_without_instances(plan, host);
  }
  options.bootstrap = {std::shared_ptr<void>{}, &plan.policies};  // The plan outlives the world.
  for (const PlannedService& service : plan.services) {
    if (service.split) {
      options.splits.push_back(*service.split);
    }
  }
  options.control_plane = plan.control_plane.members;
  options.document_cost = plan.control_plane.config.document_cost;
  return options;
}

identity::WorkloadOptions workload_options_of(const Plan& plan, HostId host) {
  identity::WorkloadOptions options;
  if (const PlannedService* const own = service_on(plan, host)) {
    options.service = own->name;
  }
  options.nodes = plan.control_plane.members;
  options.renewal = renewal_options_of(*plan.control_plane.identity);
  return options;
}

service::ServiceOptions service_options_of(const PlannedService& planned, HostId host) {
  service::ServiceOptions options;
  options.service = planned.name;
  describe_station(planned, options);
  if (const PlannedVersion* const version = version_on(planned, host)) {
    options.version = version->version;
    options.station.work = version->service_time;
    options.errors = version->errors;
  }
  return options;
}

/// Those of services that have an instance on the host, or that it calls.
std::vector<health::VirtualAddress> addresses_on(const Plan& plan, HostId host) {
  std::vector<health::VirtualAddress> addresses;
  std::uint8_t router = 0;
  for (const PlannedService& service : plan.services) {
    if (!service.virtual_address) {
      continue;
    }
    ++router;
    const std::vector<HostId> callers = callers_of(plan, service.name);
    const bool is_shared = contains(service.on, host);
    if (!is_shared && !contains(callers, host)) {
      continue;
    }
    health::VirtualAddress& address = addresses.emplace_back();
    address.name = service.name;
    address.options = vrrp_options_of(*service.virtual_address, host, router);
    address.is_shared = is_shared;
    if (is_shared) {
      std::set_union(service.on.begin(), service.on.end(), callers.begin(), callers.end(),
                     std::back_inserter(address.audience));
    }
  }
  return addresses;
}

class HostProgram final : public Program {
 public:
  HostProgram(const RunContext& context, Host& host) : context_(context), host_(host) {
    const Plan& plan = context.plan;
    if (contains(plan.control_plane.members, host.id())) {
      node_.emplace(host, node_options_of(plan));
      if (!plan.services.empty()) {
        publisher_.emplace(host, *node_, publisher_options_of(plan.control_plane));
        publisher_->observe_pushes([&context, node = host.id()](const config::SentPush& push) {
          context.record.pushes.push_back(
              {context.world->now(), node, push.to, push.revision, push.bytes});
        });
        quota_desk_.emplace(host, *node_, plan.policies);
      }
      if (has_rollouts(plan)) {
        rollouts_.emplace(host, *node_,
                          rollout::RolloutControllerOptions{.nodes = plan.control_plane.members});
      }
      if (const auto& gate = plan.control_plane.gate) {
        gate_.emplace(host, gate::GatekeeperOptions{.nodes = plan.control_plane.members,
                                                    .poll = gate->poll,
                                                    .without_bundle = gate->without_bundle,
                                                    .first = gate->bundle});
      }
      if (const auto& identity = plan.control_plane.identity) {
        authority_.emplace(host, *node_,
                           identity::AuthorityOptions{.nodes = plan.control_plane.members,
                                                      .issuing = issuing_options_of(*identity)});
        rotations_.emplace(
            host, *node_, identity::RotationControllerOptions{.nodes = plan.control_plane.members});
      }
    }
    if (calls_services(plan, host.id())) {
      proxy::SidecarOptions options = sidecar_options_of(context, host.id());
      if (plan.control_plane.identity) {
        options.workload = &workload_.emplace(host, workload_options_of(plan, host.id()));
      }
      sidecar_.emplace(host, std::move(options));
      if (std::vector<health::VirtualAddress> addresses = addresses_on(plan, host.id());
          !addresses.empty()) {
        addresses_.emplace(host, std::move(addresses),
                           [this](std::string_view address, HostId holder) {
                             sidecar_->note_holder(address, holder);
                           });
      }
      if (plan.gossip) {
        gossip_.emplace(
            host,
            health::SwimMemberOptions{.swim = swim_options_of(*plan.gossip),
                                      .group = context.record.gossip_members},
            [this](HostId member, bool is_alive) { sidecar_->note_host(member, is_alive); });
      }
    }
    if (const PlannedService* const service = service_on(plan, host.id())) {
      instance_ = std::make_unique<service::ServiceNode>(
          host, service_options_of(*service, host.id()), *sidecar_);
      health_responder_.emplace(host, service->name);
      if (service->speed != service::kFullSpeed) {
        instance_->set_speed(service->speed);
      }
      if (plan.control_plane.registry) {
        enroll(*service);
      }
    }
    for (std::uint32_t number = 0; number < plan.loads.size(); ++number) {
      const Load& load = plan.loads[number];
      const auto place = std::lower_bound(load.from.begin(), load.from.end(), host.id());
      if (place != load.from.end() && *place == host.id()) {
        start({load, number, static_cast<std::size_t>(place - load.from.begin()), plan.duration});
      }
    }
    if (plan.replication) {
      replication_.emplace(host, plan, *context.world);
    }
  }

  [[nodiscard]] const kv::Node* node() const { return node_ ? &*node_ : nullptr; }
  [[nodiscard]] const replica::Node* replica() const {
    return replication_ ? replication_->replica() : nullptr;
  }

  void start(const LoadOnHost& own) {
    if (own.load.to == kControlPlane) {
      workloads_.push_back(
          std::make_unique<kv::Workload>(host_, workload_options_of(context_.plan, own.number)));
      return;
    }
    const auto service =
        std::find_if(context_.record.services.begin(), context_.record.services.end(),
                     [&](const ServiceRecord& candidate) { return candidate.name == own.load.to; });
    client::CallSink& sink = *recorders_.emplace_back(
        std::make_unique<TrafficRecorder>(*context_.world, host_, *service));
    if (own.load.users) {
      users_.push_back(
          std::make_unique<client::ClosedLoopClient>(host_, closed_loop_of(own), *sidecar_, sink));
    } else {
      clients_.push_back(
          std::make_unique<client::LoadClient>(host_, open_loop_of(own), *sidecar_, sink));
    }
  }

 private:
  void enroll(const PlannedService& service) {
    const Plan& plan = context_.plan;
    registry::RegistryClientOptions options;
    options.heartbeats_per_ttl = plan.control_plane.registry->expire_after;
    store_.emplace(host_, registry_client_options_of(plan));
    registry_.emplace(host_, *store_, options);
    registry_->enroll(registry_entry_of(plan, service, host_.id()));
  }

  const RunContext& context_;
  Host& host_;
  // In the order of use: what comes later refers to what comes first.
  std::optional<kv::Node> node_;
  std::optional<config::ConfigPublisher> publisher_;
  std::optional<rollout::RolloutController> rollouts_;
  std::optional<proxy::QuotaDesk> quota_desk_;
  std::optional<gate::Gatekeeper> gate_;
  std::optional<identity::Authority> authority_;
  std::optional<identity::RotationController> rotations_;
  std::optional<identity::Workload> workload_;
  std::optional<proxy::Sidecar> sidecar_;
  std::optional<health::SwimMember> gossip_;
  std::optional<health::VirtualAddresses> addresses_;
  // By itself, and so close to those of other hosts: what every request touches.
  std::unique_ptr<service::ServiceNode> instance_;
  std::optional<service::HealthResponder> health_responder_;
  std::optional<kv::Client> store_;
  std::optional<registry::RegistryClient> registry_;
  std::vector<std::unique_ptr<kv::Workload>> workloads_;
  std::vector<std::unique_ptr<TrafficRecorder>> recorders_;
  std::vector<std::unique_ptr<client::LoadClient>> clients_;
  std::vector<std::unique_ptr<client::ClosedLoopClient>> users_;
  std::optional<ReplicationOfHost> replication_;
};

}  // namespace

std::vector<std::shared_ptr<const proxy::KnownService>> known_services_of(const Plan& plan) {
  std::vector<std::shared_ptr<const proxy::KnownService>> services;
  for (const PlannedService& planned : plan.services) {
    auto service = std::make_shared<proxy::KnownService>();
    service->name = planned.name;
    service->has_virtual_address = planned.virtual_address.has_value();
    for (const HostId host : planned.on) {
      const PlannedHost& where = plan.hosts[host.value()];
      const PlannedVersion* const version = version_on(planned, host);
      service->add(host, {where.name, where.zone, version == nullptr ? 0 : version->version,
                          labels_on(planned, host)});
    }
    services.push_back(std::move(service));
  }
  return services;
}

std::vector<std::uint32_t> proxy_numbers_of(const Plan& plan) {
  std::vector<std::uint32_t> numbers(plan.hosts.size());
  std::map<std::string_view, std::uint32_t> counts;
  for (std::uint32_t i = 0; i < plan.hosts.size(); ++i) {
    if (calls_services(plan, HostId{i})) {
      const PlannedService* const own = service_on(plan, HostId{i});
      numbers[i] = counts[own == nullptr ? std::string_view{} : own->name]++;
    }
  }
  return numbers;
}

Boot boot_of(const RunContext& context) {
  return [&context](Host& host) { return std::make_unique<HostProgram>(context, host); };
}

const kv::Node* node_on(sim::SimulatedHost& host) {
  const auto* const program = dynamic_cast<const HostProgram*>(host.program());
  return program == nullptr ? nullptr : program->node();
}

const replica::Node* replica_on(sim::SimulatedHost& host) {
  const auto* const program = dynamic_cast<const HostProgram*>(host.program());
  return program == nullptr ? nullptr : program->replica();
}

bool start_load_on(sim::SimulatedHost& host, const LoadOnHost& own) {
  auto* const program = dynamic_cast<HostProgram*>(host.program());
  if (program != nullptr) {
    program->start(own);
  }
  return program != nullptr;
}

std::vector<HostId> callers_of(const Plan& plan, std::string_view service) {
  std::vector<HostId> callers;
  for (const PlannedService& caller : plan.services) {
    if (std::any_of(caller.calls.begin(), caller.calls.end(),
                    [&](const PlannedCall& call) { return call.to == service; })) {
      callers.insert(callers.end(), caller.on.begin(), caller.on.end());
    }
  }
  for (const Load* const load : loads_on_services(plan)) {
    if (load->to == service) {
      callers.insert(callers.end(), load->from.begin(), load->from.end());
    }
  }
  std::sort(callers.begin(), callers.end());
  callers.erase(std::unique(callers.begin(), callers.end()), callers.end());
  return callers;
}

std::optional<std::vector<HostId>> proxies_concerned(
    const Plan& plan, const std::vector<proxy::RoutePolicy>& policies) {
  if (!plan.control_plane.registry) {
    return std::nullopt;
  }
  std::set<HostId> concerned;
  for (const proxy::RoutePolicy& policy : policies) {
    for (const HostId caller : callers_of(plan, policy.callee)) {
      const PlannedService* const own = service_on(plan, caller);
      if (policy.caller == "*" || (own != nullptr && own->name == policy.caller)) {
        concerned.insert(caller);
      }
    }
  }
  return std::vector<HostId>{concerned.begin(), concerned.end()};
}

std::vector<HostId> gossip_members_of(const Plan& plan) {
  std::vector<HostId> members;
  for (std::uint32_t i = 0; plan.gossip && i < plan.hosts.size(); ++i) {
    if (calls_services(plan, HostId{i})) {
      members.push_back(HostId{i});
    }
  }
  return members;
}

std::uint64_t proxy_count(const Plan& plan) {
  std::uint64_t count = 0;
  for (std::uint32_t i = 0; i < plan.hosts.size(); ++i) {
    count += calls_services(plan, HostId{i}) ? 1U : 0U;
  }
  return count;
}

}  // namespace windtunnel::chaos
