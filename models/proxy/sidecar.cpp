#include "models/proxy/sidecar.hpp"

#include <algorithm>
#include <utility>

#include "models/proxy/endpoint_documents.hpp"
#include "models/proxy/facts.hpp"
#include "models/proxy/policy_documents.hpp"
#include "models/proxy/route_parts.hpp"
#include "models/proxy/sidecar_call.hpp"
#include "runtime/codec.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::proxy {

namespace {

constexpr std::string_view kAnyCaller = "*";

std::vector<balance::Endpoint> endpoints_of(const KnownService& service) {
  std::vector<balance::Endpoint> endpoints;
  for (std::uint32_t i = 0; i < service.instances.size(); ++i) {
    balance::Endpoint& endpoint = endpoints.emplace_back();
    endpoint.id = balance::EndpointId{i};
    endpoint.address = service.instances[i].address;
    endpoint.zone = service.instances[i].zone;
    endpoint.labels = service.instances[i].labels;
    if (service.instances[i].version != 0) {
      endpoint.labels.emplace_back(kVersionLabel, std::to_string(service.instances[i].version));
    }
    std::sort(endpoint.labels.begin(), endpoint.labels.end());
  }
  return endpoints;
}

template <typename Visit>
void for_each_name_in(const config::Update& step, Visit visit) {
  for (const std::string& gone : step.removed) {
    visit(gone);
  }
  for (const config::Document& document : step.written) {
    visit(document.name);
  }
}

std::size_t documents_in(const config::Update& update) {
  return update.written.size() + update.removed.size();
}

}  // namespace

std::vector<balance::Endpoint> Sidecar::Target::endpoints() const {
  std::vector<balance::Endpoint> all = directory ? directory->endpoints() : endpoints_of(*service);
  if (service->has_virtual_address) {
    std::erase_if(all, [this](const balance::Endpoint& one) { return host_of(one.id) != holder; });
  }
  return all;
}

Sidecar::Sidecar(Host& host, SidecarOptions options)
    : Caller(host),
      options_(std::move(options)),
      retries_(host.random("proxy.retries")),
      next_id_(host.random("proxy.request_ids").next()) {
  for (const std::shared_ptr<const KnownService>& service : options_.services) {
    targets_.emplace(service->name,
                     Target{service,
                            nullptr,
                            options_.discovers ? std::make_unique<EndpointDirectory>() : nullptr,
                            {},
                            nullptr});
  }
  apply_splits(options_.splits);
  if (!options_.control_plane.empty()) {
    config::ConfigSubscriberOptions subscription;
    subscription.nodes = options_.control_plane;
    subscription.interest = interest();
    subscription.referred_to = config::Interest::in({std::string{kEndpointFeed.document_prefix}});
    config::ConfigSubscriber::Hooks hooks;
    hooks.check = [this](const config::Update& update) { return check_update(update); };
    hooks.prepare = [this](const config::Update& step) { return prepare(step); };
    hooks.apply = [this](const config::Update& step) { apply(step); };
    subscriber_.emplace(host_, std::move(subscription), std::move(hooks));
  }
}

Sidecar::~Sidecar() = default;

std::optional<std::string> Sidecar::check_update(const config::Update& update) {
  if (options_.document_cost > Duration::zero()) {
    host_.journal().record(config::ConfigReceived{update.to, documents_in(update)});
  }
  for (const auto flaw_in : {&flaw_of, &endpoint_flaw_of, &split_flaw_of}) {
    if (std::optional<std::string> flaw = flaw_in(update)) {
      return flaw;
    }
  }
  return options_.workload != nullptr ? identity::trust_flaw_of(update) : std::nullopt;
}

asio::awaitable<void> Sidecar::prepare(const config::Update& step) {
  if (options_.document_cost > Duration::zero()) {
    co_await sleep_for(host_,
                       options_.document_cost * static_cast<std::int64_t>(documents_in(step)));
  }
}

/// What a step does not name is as it was, and costs nothing: few of many documents change at once.
void Sidecar::apply(const config::Update& step) {
  TouchedTargets touched;
  if (options_.workload != nullptr) {
    options_.workload->apply(step);
  }
  if (options_.discovers) {
    apply_endpoints(step, touched);
  }
  bool has_split = false;
  for_each_name_in(step, [&](std::string_view name) { has_split |= is_split_name(name); });
  if (has_split) {
    apply_splits(splits_in_effect());
  }
  touch_routes(step, touched);
  for (auto& [name, change] : touched) {
    Target& target = *change.target;
    if (!target.route) {
      continue;
    }
    if (change.has_policy) {
      target.route->apply(host_.now(), policy_for(name));
    }
    attend(target);
    state_facts(target);
  }
}

void Sidecar::touch_routes(const config::Update& step, TouchedTargets& touched) {
  for_each_name_in(step, [&](std::string_view document) {
    const std::optional<RouteName> route = route_name_of(document);
    const bool is_own = route && (route->caller == options_.service || route->caller == kAnyCaller);
    Target* const target = is_own ? find_target(route->callee) : nullptr;
    // One without a route will look its policy up when it makes one.
    if (target != nullptr && target->route) {
      touched[target->service->name] = {target, true};
    }
  });
}

/// The policies of its own routes, and the endpoints behind them.
config::Interest Sidecar::interest() const {
  if (!options_.discovers) {
    return {};
  }
  std::vector<std::string> names;
  for (const auto& [callee, target] : targets_) {
    names.push_back(document_name_of(options_.service, callee));
    names.push_back(document_name_of(kAnyCaller, callee));
    names.push_back(split_document_name(callee));
    names.push_back(endpoint_prefix_of(callee));
  }
  if (options_.workload != nullptr) {
    names.emplace_back(identity::kTrustDocument);
  }
  return config::Interest::in(std::move(names));
}

void Sidecar::apply_endpoints(const config::Update& step, TouchedTargets& touched) {
  const auto touch = [&](std::optional<EndpointName> name) -> EndpointDirectory* {
    Target* const target = name ? find_target(name->service) : nullptr;
    if (target != nullptr) {
      touched.emplace(target->service->name, Touched{target, false});
    }
    return target == nullptr ? nullptr : target->directory.get();
  };
  for (const std::string& gone : step.removed) {
    const std::optional<EndpointName> name = endpoint_name_of(gone);
    if (EndpointDirectory* const directory = touch(name)) {
      directory->remove(name->instance);
    }
  }
  for (const config::Document& document : step.written) {
    if (EndpointDirectory* const directory = touch(endpoint_name_of(document.name))) {
      directory->put(*decoded<registry::Instance>(document.content.view()));
    }
  }
  for (const auto& [name, change] : touched) {
    Target* const target = change.target;
    target->directory->settle();
    if (target->directory->is_holding_on()) {
      host_.journal().record(
          EndpointsKept{target->service->name, target->directory->endpoints().size()});
    }
    if (target->route) {
      target->route->update(host_.now(), target->endpoints());
    }
  }
}

const RoutePolicy* Sidecar::bootstrap_policy(std::string_view caller,
                                             std::string_view callee) const {
  if (!options_.bootstrap) {
    return nullptr;
  }
  const auto found = std::find_if(options_.bootstrap->begin(), options_.bootstrap->end(),
                                  [&](const RoutePolicy& policy) {
                                    return policy.caller == caller && policy.callee == callee;
                                  });
  return found == options_.bootstrap->end() ? nullptr : &*found;
}

std::vector<TrafficSplit> Sidecar::splits_in_effect() const {
  std::vector<TrafficSplit> splits = options_.splits;
  for (const auto& [name, target] : targets_) {
    std::optional<TrafficSplit> pushed = split_in(subscriber_->documents(), name);
    if (pushed) {
      std::erase_if(splits, [&](const TrafficSplit& split) { return split.service == name; });
      splits.push_back(std::move(*pushed));
    }
  }
  return splits;
}

void Sidecar::apply_splits(std::vector<TrafficSplit> splits) {
  for (auto& [name, target] : targets_) {
    const auto split = std::find_if(splits.begin(), splits.end(),
                                    [&](const TrafficSplit& s) { return s.service == name; });
    if (split == splits.end()) {
      if (target.versions) {
        target.versions->suspend();
      }
    } else if (target.versions) {
      target.versions->apply(std::move(*split));
    } else {
      target.versions.emplace(std::move(*split), host_.random("proxy.split:" + name));
    }
  }
  if (!splits.empty() && !meter_ && !options_.control_plane.empty()) {
    meter_.emplace(host_, VersionMeterOptions{.control_plane = options_.control_plane});
  }
}

RoutePolicy Sidecar::policy_for(std::string_view callee) const {
  for (const std::string_view caller : {std::string_view{options_.service}, kAnyCaller}) {
    if (subscriber_) {
      if (std::optional<RoutePolicy> pushed = policy_in(subscriber_->documents(), caller, callee)) {
        return *std::move(pushed);
      }
    }
    if (const RoutePolicy* const first = bootstrap_policy(caller, callee)) {
      return *first;
    }
  }
  RoutePolicy defaults;
  defaults.caller = options_.service;
  defaults.callee = callee;
  return defaults;
}

Sidecar::Target* Sidecar::find_target(std::string_view service) {
  // Most proxies call one service.
  if (last_found_ == nullptr || last_found_->service->name != service) {
    const auto found = targets_.find(service);
    if (found == targets_.end()) {
      return nullptr;
    }
    last_found_ = &found->second;
  }
  return last_found_;
}

Route& Sidecar::route_of(Target& target) {
  if (!target.route) {
    target.route =
        std::make_unique<Route>(RouteInput{options_.zone, options_.number,
                                           host_.random("proxy.route:" + target.service->name),
                                           limit::QuotaClientId{host_.id().value()}},
                                policy_for(target.service->name), target.endpoints(), host_.now());
    attend(target);
  }
  return *target.route;
}

void Sidecar::note_host(HostId host, bool is_alive) {
  if (is_alive) {
    gone_.erase(host);
  } else {
    gone_.insert(host);
  }
  for (auto& [name, target] : targets_) {
    if (target.route) {
      leave_out_the_gone(target);
    }
  }
}

void Sidecar::note_holder(std::string_view service, HostId holder) {
  Target* const target = find_target(service);
  if (target == nullptr) {
    return;
  }
  target->holder = holder;
  if (target->route) {
    target->route->update(host_.now(), target->endpoints());
    attend(*target);
    state_facts(*target);
  }
}

void Sidecar::leave_out_the_gone(Target& target) {
  std::vector<balance::EndpointId> gone;
  for (const balance::Endpoint& endpoint : target.route->endpoints()) {
    if (gone_.contains(target.host_of(target.route->instance_of(endpoint.id)))) {
      gone.push_back(endpoint.id);
    }
  }
  target.route->set_gone(std::move(gone));
}

void Sidecar::attend(Target& target) {
  if (!gone_.empty() || target.route->has_gone()) {
    leave_out_the_gone(target);
  }
  if (!target.attendant && RouteAttendant::is_needed(target.route->policy())) {
    target.attendant = std::make_unique<RouteAttendant>(
        host_, *target.route,
        RouteAttendantOptions{target.service->name, {}, options_.control_plane});
  }
  if (!target.attendant) {
    return;
  }
  std::vector<CheckedEndpoint> endpoints;
  for (const balance::Endpoint& endpoint : target.route->endpoints()) {
    const balance::EndpointId instance = target.route->instance_of(endpoint.id);
    endpoints.push_back({endpoint.id, target.host_of(instance)});
  }
  target.attendant->update(std::move(endpoints));
  target.attendant->follow();
}

const Route* Sidecar::find_route(std::string_view callee) const {
  const auto found = targets_.find(callee);
  return found == targets_.end() ? nullptr : found->second.route.get();
}

bool Sidecar::needs_handshake(const Target& target, HostId to) const {
  const std::optional<MtlsSettings>& mtls = target.route->policy().mtls;
  return mtls && options_.workload != nullptr &&
         !options_.workload->is_connected(to, mtls->connection_age);
}

void Sidecar::note_broken(const Target& target, HostId to, service::CallOutcome outcome) {
  if (outcome == service::CallOutcome::unreachable && target.route->policy().mtls &&
      options_.workload != nullptr) {
    options_.workload->disconnect(to);
  }
}

void Sidecar::count(std::string_view service, const Attempt& attempt,
                    service::CallOutcome outcome) {
  if (attempt.version != 0 && meter_) {
    meter_->count(service, attempt.version, outcome, host_.now() - attempt.began);
  }
}

asio::awaitable<bool> Sidecar::connect_for_hedge(const Target& target, std::string_view service,
                                                 HostId to, Duration timeout) {
  co_return !needs_handshake(target, to) ||
      co_await options_.workload->connect(to, service, timeout) == identity::Secured::yes;
}

void Sidecar::count_outrun(std::string_view service, const Attempt& attempt) {
  if (attempt.version != 0 && meter_) {
    meter_->count_outrun(service, attempt.version, host_.now() - attempt.began);
  }
}

HedgedCallInput Sidecar::hedged_call_input(const Target& target, Hedge& hedge,
                                           std::string_view service,
                                           const service::CallRequest& request) {
  std::function<asio::awaitable<bool>(HostId, Duration)> connect;
  if (target.route->policy().mtls && options_.workload != nullptr) {
    connect = [this, &target, service](HostId to, Duration timeout) {
      return connect_for_hedge(target, service, to, timeout);
    };
  }
  return {.host = host_,
          .route = *target.route,
          .hedge = hedge,
          .service = service,
          .request = request,
          .host_of =
              [&target](balance::EndpointId endpoint) {
                return target.host_of(target.route->instance_of(endpoint));
              },
          .next_id = [this] { return next_id_++; },
          .on_answer =
              [this, &target, service](const Attempt& attempt, service::CallOutcome outcome) {
                note_broken(target, target.host_of(target.route->instance_of(attempt.endpoint)),
                            outcome);
                count(service, attempt, outcome);
              },
          .on_outrun = [this, service](const Attempt& attempt) { count_outrun(service, attempt); },
          .on_attempt_ended = [this, &target] { state_facts(target); },
          .connect = std::move(connect)};
}

void Sidecar::state_facts(const Target& target) {
  Route& route = *target.route;
  while (const std::optional<breaker::Transition> change = route.take_transition()) {
    BreakerChanged fact;
    fact.callee = target.service->name;
    fact.from = name_of(change->from);
    fact.to = name_of(change->to);
    fact.cause = name_of(change->cause);
    host_.journal().record(fact);
  }
  for (const health::OutlierEvent& event : route.take_outlier_events()) {
    const HostId host = target.host_of(event.endpoint);
    const std::string cause = enumerator_name(event.cause);
    if (event.action == health::OutlierAction::ejected) {
      host_.journal().record(
          EndpointEjected{target.service->name, host, cause, event.value, event.threshold});
    } else if (event.action == health::OutlierAction::returned ||
               event.action == health::OutlierAction::returned_by_check ||
               event.action == health::OutlierAction::forgotten) {
      host_.journal().record(EndpointReturned{target.service->name, host});
    } else {
      host_.journal().record(
          EjectionPrevented{target.service->name, host, cause, event.ejected_hosts, event.hosts});
    }
  }
}

}  // namespace windtunnel::proxy
