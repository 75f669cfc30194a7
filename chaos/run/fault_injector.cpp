#include "chaos/run/fault_injector.hpp"

#include <algorithm>
#include <utility>

#include "chaos/run/gate_review.hpp"
#include "chaos/run/host_program.hpp"
#include "chaos/run/policy_writer.hpp"
#include "chaos/run/rollout_writer.hpp"
#include "chaos/run/rotation_writer.hpp"
#include "chaos/scenario/gate_document.hpp"
#include "chaos/scenario/plan_json_blocks.hpp"
#include "models/kv/node.hpp"

namespace windtunnel::chaos {

namespace {

/// The hosts a fault is said to strike; for one between two sides, the first.
struct MainTarget {
  Target nobody{AnyOf{}};

  template <typename ProcessFault>
  const Target& operator()(const ProcessFault& fault) const {
    return fault.on;
  }
  const Target& operator()(const Partition& fault) const { return fault.groups.front(); }
  const Target& operator()(const PolicyChange&) const { return nobody; }
  const Target& operator()(const Canary&) const { return nobody; }
  const Target& operator()(const Surge&) const { return nobody; }
  const Target& operator()(const SplitChange&) const { return nobody; }
  const Target& operator()(const RotateRoot&) const { return nobody; }
  const Target& operator()(const BundleChange&) const { return nobody; }
  const Target& operator()(const Delay& fault) const { return fault.links.from; }
  const Target& operator()(const Loss& fault) const { return fault.links.from; }
};

/// How long after its strike a fault ends by itself.
struct EndsAfter {
  std::optional<Duration> lasts;

  template <typename LastingFault>
  std::optional<Duration> operator()(const LastingFault&) const {
    return lasts;
  }
  std::optional<Duration> operator()(const Crash& fault) const { return fault.restart_after; }
  std::optional<Duration> operator()(const HostLoss& fault) const { return fault.restart_after; }
};

}  // namespace

FaultInjector::FaultInjector(sim::World& world, const Plan& plan, RunRecord& record)
    : world_(world),
      plan_(plan),
      record_(record),
      directory_(directory_of(plan)),
      pauses_of_host_(plan.hosts.size(), 0),
      next_load_(static_cast<std::uint32_t>(plan.loads.size())) {}

std::optional<TrueInstant> FaultInjector::first_strike() const {
  std::optional<TrueInstant> first;
  for (const TimelineEntry& entry : plan_.timeline) {
    if (!first || entry.at < *first) {
      first = entry.at;
    }
  }
  return first;
}

void FaultInjector::arm() {
  const TrueInstant end = TrueInstant{plan_.duration};
  for (const TimelineEntry& entry : plan_.timeline) {
    std::uint32_t number = 0;
    for (const TrueInstant at : strikes_of(entry)) {
      if (at < end) {
        world_.scheduler().schedule(at,
                                    [this, &entry, number] { strike_if_decided(entry, number); });
      }
      ++number;
    }
  }
}

std::optional<HostId> FaultInjector::leader_now() const {
  std::optional<HostId> leader;
  raft::Term term;
  for (const HostId member : plan_.control_plane.members) {
    const kv::Node* const node = node_on(world_.host(member));
    // A paused or partitioned leader may not know yet that it was replaced: the highest term leads.
    if (node != nullptr && node->is_leader() && (!leader || node->term() > term)) {
      leader = member;
      term = node->term();
    }
  }
  return leader;
}

std::optional<HostId> FaultInjector::member_up() const {
  const auto& members = plan_.control_plane.members;
  const auto up = std::find_if(members.begin(), members.end(),
                               [&](HostId member) { return world_.host(member).is_running(); });
  return up == members.end() ? std::nullopt : std::optional{*up};
}

TargetContext FaultInjector::context_now(const TimelineEntry& entry, std::uint32_t number) const {
  std::vector<HostId> down;
  for (std::uint32_t i = 0; i < plan_.hosts.size(); ++i) {
    if (!world_.host(HostId{i}).is_running()) {
      down.push_back(HostId{i});
    }
  }
  RandomStream random = world_.random("fault:" + entry.id + "#" + std::to_string(number));
  return TargetContext{directory_, leader_now(), std::move(down),
                       [&random](std::uint64_t bound) { return random.below(bound); }};
}

std::string FaultInjector::detail_of(const TimelineEntry& entry,
                                     const std::vector<HostId>& targets) const {
  std::string detail{fault_kind(entry.fault)};
  if (!has_target(entry.fault)) {
    return fault_text(entry.fault);
  }
  if (targets.empty()) {
    return detail + " hit no host";
  }
  constexpr std::size_t kNamesShown = 12;
  const auto leader = leader_now();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (i == kNamesShown) {
      return detail + " and " + std::to_string(targets.size() - i) + " more";
    }
    detail += i == 0 ? " " : ", ";
    detail += plan_.hosts[targets[i].value()].name;
    if (targets[i] == leader) {
      const kv::Node* const node = node_on(world_.host(targets[i]));
      detail += " (leader, term " + std::to_string(node->term().value()) + ")";
    }
  }
  return detail;
}

std::vector<HostId> FaultInjector::targets_of(const TimelineEntry& entry,
                                              const TargetContext& context) const {
  const Surge* const surge = std::get_if<Surge>(&entry.fault);
  return surge != nullptr ? surge->load.from
                          : resolve(std::visit(MainTarget{}, entry.fault), context);
}

void FaultInjector::strike(const TimelineEntry& entry, std::uint32_t number) {
  const TargetContext context = context_now(entry, number);
  Strike& strike = strikes_.emplace_back();
  strike.record = record_.faults.size();
  purpose_ = entry.id + "#" + std::to_string(number);
  lasts_ = entry.lasts;
  review_ = entry.review;
  FaultRecord record;
  record.id = entry.id;
  record.kind = fault_kind(entry.fault);
  record.injected_at = world_.now();
  record.targets = targets_of(entry, context);
  record.detail = detail_of(entry, record.targets);
  record_.faults.push_back(std::move(record));
  std::visit([&](const auto& fault) { inject(strike, fault, context); }, entry.fault);
  end_later(strike, std::visit(EndsAfter{entry.lasts}, entry.fault));
}

StrikeMoment FaultInjector::moment_now() const {
  StrikeMoment moment;
  moment.at = world_.now();
  moment.leader = leader_now();
  if (moment.leader) {
    moment.term = node_on(world_.host(*moment.leader))->term().value();
  }
  for (std::uint32_t i = 0; i < plan_.hosts.size(); ++i) {
    if (world_.host(HostId{i}).is_running()) {
      moment.running.push_back(HostId{i});
    }
  }
  return moment;
}

void FaultInjector::strike_if_decided(const TimelineEntry& entry, std::uint32_t number) {
  if (decisions_ == nullptr || !decisions_->contains(entry.id)) {
    strike(entry, number);
    return;
  }
  const std::optional<std::vector<HostId>> hosts = decisions_->find(entry.id)->second(moment_now());
  if (!hosts) {
    return;
  }
  std::vector<std::string> names;
  for (const HostId host : *hosts) {
    names.push_back(plan_.hosts.at(host.value()).name);
  }
  TimelineEntry decided = entry;
  decided.fault = aimed_at(entry.fault, names);
  strike(decided, number);
}

void FaultInjector::touch(Strike& strike) {
  FaultRecord& record = record_of(strike);
  ++record.touched;
  if (!record.effective_at) {
    record.effective_at = world_.now();
  }
}

void FaultInjector::stop(Strike& strike, HostId host, void (sim::SimulatedHost::*how)()) {
  sim::SimulatedHost& target = world_.host(host);
  if (target.is_running() || (how == &sim::SimulatedHost::lose_power && target.has_power())) {
    (target.*how)();
    pauses_of_host_[host.value()] = 0;
    strike.stopped.push_back(host);
    touch(strike);
  }
}

void FaultInjector::inject(Strike& strike, const Crash&, const TargetContext&) {
  for (const HostId host : std::vector<HostId>{record_of(strike).targets}) {
    stop(strike, host, &sim::SimulatedHost::crash);
  }
}

void FaultInjector::inject(Strike& strike, const HostLoss&, const TargetContext&) {
  for (const HostId host : std::vector<HostId>{record_of(strike).targets}) {
    stop(strike, host, &sim::SimulatedHost::lose_power);
  }
}

void FaultInjector::inject(Strike& strike, const Pause&, const TargetContext&) {
  for (const HostId host : std::vector<HostId>{record_of(strike).targets}) {
    if (world_.host(host).is_running()) {
      world_.host(host).pause();
      ++pauses_of_host_[host.value()];
      strike.paused.push_back(host);
      touch(strike);
    }
  }
}

std::vector<HostId> FaultInjector::all_but(const std::vector<HostId>& hosts) const {
  std::vector<HostId> others;
  for (std::uint32_t i = 0; i < plan_.hosts.size(); ++i) {
    if (std::find(hosts.begin(), hosts.end(), HostId{i}) == hosts.end()) {
      others.push_back(HostId{i});
    }
  }
  return others;
}

void FaultInjector::impose(Strike& strike, const std::vector<HostId>& from,
                           const std::vector<HostId>& to, Direction direction, sim::Effect effect) {
  const std::size_t count = plan_.hosts.size();
  const std::string purpose = purpose_ + "/" + std::to_string(strike.conditions.size());
  const auto reach =
      direction == Direction::both_ways ? sim::Reach::both_ways : sim::Reach::one_way;
  strike.conditions.push_back(world_.network().impose(
      {purpose, sim::HostSet{count, from}, sim::HostSet{count, to}, reach, std::move(effect)}));
}

void FaultInjector::inject(Strike& strike, const Partition& fault, const TargetContext& context) {
  std::vector<std::vector<HostId>> groups;
  for (const Target& group : fault.groups) {
    groups.push_back(resolve(group, context));
  }
  if (groups.front().empty()) {
    return;
  }
  if (groups.size() == 1) {
    groups.push_back(all_but(groups.front()));
  }
  const sim::Block block{fault.mode == CutMode::reject ? sim::Block::Manner::reject
                                                       : sim::Block::Manner::drop};
  // One-way: only what the first group sends is cut.
  const std::size_t last_from = fault.direction == Direction::both_ways ? groups.size() : 1;
  for (std::size_t i = 0; i < last_from; ++i) {
    for (std::size_t j = i + 1; j < groups.size(); ++j) {
      impose(strike, groups[i], groups[j], fault.direction, block);
    }
  }
}

void FaultInjector::impose_on_links(Strike& strike, const LinkSet& links,
                                    const TargetContext& context, const sim::Effect& effect) {
  const std::vector<HostId> to = links.to ? resolve(*links.to, context) : all_but({});
  impose(strike, resolve(links.from, context), to, links.direction, effect);
}

void FaultInjector::inject(Strike& strike, const Delay& fault, const TargetContext& context) {
  impose_on_links(strike, fault.links, context, sim::AddedDelay{fault.extra});
}

void FaultInjector::inject(Strike& strike, const Loss& fault, const TargetContext& context) {
  impose_on_links(strike, fault.links, context, sim::AddedLoss{fault.probability});
}

/// Notes what is asked of the control plane, and returns the member to ask, if any is up.
std::optional<HostId> FaultInjector::ask_for(Strike& strike,
                                             const std::vector<proxy::RoutePolicy>& routes) {
  PolicyChangeRecord& asked = record_.policy_changes.emplace_back();
  asked.id = record_of(strike).id;
  asked.asked_at = world_.now();
  asked.proxies = proxies_concerned(plan_, routes);
  for (const proxy::RoutePolicy& route : routes) {
    asked.callees.push_back(route.callee);
  }
  const std::optional<HostId> up = member_up();
  if (up) {
    touch(strike);
  }
  return up;
}

void FaultInjector::inject(Strike& strike, const PolicyChange& change, const TargetContext&) {
  if (const std::optional<HostId> up = ask_for(strike, change.policies)) {
    make_if_allowed(
        strike, *up, {{"policies", policies_json(change.policies)}},
        [this, at = *up, policies = change.policies,
         note = note_committed(change.policies.size())] {
          write_policies(world_.host(at), plan_.control_plane.members, policies, note);
        },
        [this, i = record_.policy_changes.size() - 1](const std::string& why) {
          record_.policy_changes[i].denied = why;
        });
  }
}

std::function<void(std::uint64_t)> FaultInjector::note_committed(std::size_t documents) {
  return [this, index = record_.policy_changes.size() - 1,
          left = documents](std::uint64_t revision) mutable {
    PolicyChangeRecord& written = record_.policy_changes[index];
    written.revision = revision;
    if (--left == 0) {
      written.committed_at = world_.now();
    }
  };
}

/// Measured as a change of policy of every route to these services.
void FaultInjector::inject(Strike& strike, const SplitChange& change, const TargetContext&) {
  std::vector<proxy::RoutePolicy> routes;
  for (const proxy::TrafficSplit& split : change.splits) {
    proxy::RoutePolicy& route = routes.emplace_back();
    route.caller = "*";
    route.callee = split.service;
  }
  if (const std::optional<HostId> up = ask_for(strike, routes)) {
    make_if_allowed(
        strike, *up, {{"splits", splits_json(change.splits)}},
        [this, at = *up, splits = change.splits, note = note_committed(change.splits.size())] {
          write_splits(world_.host(at), plan_.control_plane.members, splits, note);
        },
        [this, i = record_.policy_changes.size() - 1](const std::string& why) {
          record_.policy_changes[i].denied = why;
        });
  }
}

void FaultInjector::inject(Strike& strike, const Canary& canary, const TargetContext&) {
  record_.rollouts.push_back(
      {record_of(strike).id, canary.spec.service, canary.spec.version, world_.now(), std::nullopt});
  if (const std::optional<HostId> up = member_up()) {
    touch(strike);
    const std::size_t index = record_.rollouts.size() - 1;
    make_if_allowed(
        strike, *up, {{"canary", canary_json(canary.spec)}},
        [this, at = *up, spec = canary.spec, index] {
          write_rollout(world_.host(at), plan_.control_plane.members, spec,
                        [this, index] { record_.rollouts[index].committed_at = world_.now(); });
        },
        [this, index](const std::string& why) { record_.rollouts[index].denied = why; });
  }
}

void FaultInjector::inject(Strike& strike, const RotateRoot& rotation, const TargetContext&) {
  RotationAskedRecord& asked = record_.rotations.emplace_back();
  asked.id = record_of(strike).id;
  asked.asked_at = world_.now();
  for (const identity::RotationStep step : rotation.spec.steps) {
    asked.steps.emplace_back(identity::name_of(step));
  }
  if (const std::optional<HostId> up = member_up()) {
    touch(strike);
    write_rotation(world_.host(*up), plan_.control_plane.members, rotation.spec,
                   issuing_options_of(*plan_.control_plane.identity),
                   [this, index = record_.rotations.size() - 1](identity::KeyId new_root) {
                     record_.rotations[index].new_root = new_root.value();
                   });
  }
}

void FaultInjector::inject(Strike& strike, const BundleChange& change, const TargetContext&) {
  if (const std::optional<HostId> up = member_up()) {
    touch(strike);
    write_bundle(world_.host(*up), plan_.control_plane.members, change.bundle);
  }
}

void FaultInjector::make_if_allowed(const Strike& strike, HostId at, Json change,
                                    std::function<void()> make,
                                    std::function<void(const std::string&)> note_denied) {
  if (!plan_.control_plane.gate) {
    make();
    return;
  }
  change["kind"] = record_of(strike).kind;
  gate::ReviewRequest request{record_of(strike).id, gate_document_of(change)};
  for (const gate::Leaf& leaf : review_) {
    request.input.push_back({"/review" + leaf.pointer, leaf.kind, leaf.text});
  }
  review_change(world_.host(at), std::move(request),
                [this, record = strike.record, make = std::move(make),
                 note_denied = std::move(note_denied)](const gate::Decision& decision) {
                  if (decision.is_allowed) {
                    make();
                    return;
                  }
                  note_denied(decision.reason);
                  record_.faults[record].detail += "; denied: " + decision.reason;
                });
}

void FaultInjector::inject(Strike& strike, const Surge& surge, const TargetContext&) {
  const Duration left = TrueInstant{plan_.duration} - world_.now();
  const Duration lasts = std::min(lasts_.value_or(left), left);
  const std::uint32_t number = next_load_++;
  for (std::size_t place = 0; place < surge.load.from.size(); ++place) {
    sim::SimulatedHost& host = world_.host(surge.load.from[place]);
    if (start_load_on(host, LoadOnHost{surge.load, number, place, lasts})) {
      touch(strike);
    }
  }
}

void FaultInjector::end_later(Strike& strike, std::optional<Duration> after) {
  if (after) {
    world_.scheduler().schedule(world_.now() + *after, [this, &strike] { end(strike); });
  }
}

void FaultInjector::end(Strike& strike) {
  if (std::exchange(strike.is_over, true)) {
    return;
  }
  record_of(strike).ended_at = world_.now();
  for (const sim::ConditionId condition : strike.conditions) {
    world_.network().lift(condition);
  }
  for (const HostId host : strike.paused) {
    // A pause that a crash ended has nothing left to resume; overlapping pauses end with the last.
    if (pauses_of_host_[host.value()] > 0 && --pauses_of_host_[host.value()] == 0) {
      world_.host(host).resume();
    }
  }
  for (const HostId host : strike.stopped) {
    const bool is_stopped_by_another =
        std::any_of(strikes_.begin(), strikes_.end(), [&](const Strike& other) {
          return !other.is_over &&
                 std::find(other.stopped.begin(), other.stopped.end(), host) != other.stopped.end();
        });
    if (!world_.host(host).is_running() && !is_stopped_by_another) {
      world_.host(host).start();
    }
  }
}

void FaultInjector::heal_everything() {
  for (Strike& strike : strikes_) {
    const bool lasted = !strike.is_over;
    end(strike);
    if (lasted) {
      record_of(strike).ended_at.reset();
    }
  }
}

void FaultInjector::settle() {
  for (const Strike& strike : strikes_) {
    FaultRecord& record = record_of(strike);
    for (const sim::ConditionId condition : strike.conditions) {
      const sim::ConditionImpact& impact = world_.network().impact(condition);
      record.touched += impact.touched;
      if (impact.first_touched_at &&
          (!record.effective_at || *impact.first_touched_at < *record.effective_at)) {
        record.effective_at = impact.first_touched_at;
      }
    }
  }
}

}  // namespace windtunnel::chaos
