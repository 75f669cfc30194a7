#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

constexpr Limits<std::uint32_t> kTicks{1, 1000};
constexpr Limits<ByteCount> kAppendBytes{ByteCount{1}, ByteCount{1U << 30U}};
constexpr Limits<ByteCount> kValueBytes{ByteCount{0}, ByteCount{16U << 20U}};
constexpr std::array kPushModes{Choice<config::PushMode>{"snapshot", config::PushMode::snapshot},
                                Choice<config::PushMode>{"delta", config::PushMode::delta}};
constexpr std::array kArrivals{Choice<Arrivals>{"poisson", Arrivals::poisson},
                               Choice<Arrivals>{"constant", Arrivals::constant}};

void read_raft(const Node& node, RaftSettings& raft) {
  const Block block{node, keys::raft};
  block.optional("tick", raft.tick, kPositive);
  const std::size_t problems_before = node.reading().problems;
  block.optional("heartbeat_ticks", raft.heartbeat_ticks, kTicks);
  block.optional("election_ticks", raft.election_ticks, kTicks);
  const bool has_ticks = node.reading().problems == problems_before;
  block.optional("pre_vote", raft.pre_vote);
  block.optional("check_quorum", raft.check_quorum);
  block.optional("fsync", raft.fsync);
  block.optional("max_entries_per_append", raft.max_entries_per_append,
                 Limits<std::uint32_t>{1, 1'000'000});
  block.optional("max_bytes_per_append", raft.max_bytes_per_append, kAppendBytes);
  if (has_ticks && raft.election_ticks <= raft.heartbeat_ticks) {
    node.complain(fmt::format("{} election_ticks and {} heartbeat_ticks", raft.election_ticks,
                              raft.heartbeat_ticks),
                  "more election_ticks than heartbeat_ticks");
  }
}

void read_retry(const Node& node, RetrySettings& retry) {
  const Block block{node, keys::retry};
  block.optional("attempts", retry.attempts, Limits<std::uint32_t>{1, 1'000'000});
  if (block.has("backoff")) {
    read_backoff(block.at("backoff"), retry.backoff, retry.backoff_max);
  }
}

/// What a load may ask; empty, and a problem, where it asks none of these.
std::string read_destination(const Block& block, std::vector<std::string_view> words,
                             const std::vector<PlannedService>& services) {
  if (!block.require("to")) {
    return {};
  }
  for (const PlannedService& service : services) {
    words.push_back(service.name);
  }
  const Node node = block.at("to");
  if (words.empty()) {
    node.complain(node.found(), "a service, and there is none");
    return {};
  }
  const auto index = read_word(node, words);
  return index ? std::string{words[*index]} : std::string{};
}

void read_config(const Node& node, ConfigSettings& settings) {
  const Block block{node, keys::config};
  block.optional("push", settings.push, std::span<const Choice<config::PushMode>>{kPushModes});
  block.optional("debounce", settings.debounce, kAnyDuration);
  block.optional("concurrency", settings.concurrency, Limits<std::uint32_t>{1, 1'000'000});
  block.optional("document_cost", settings.document_cost,
                 Limits<Duration>{Duration{0}, std::chrono::seconds{1}});
}

void read_registry(const Node& node, RegistrySettings& settings) {
  const Block block{node, keys::registry};
  block.optional("heartbeat", settings.heartbeat,
                 Limits<Duration>{std::chrono::milliseconds{100}, std::chrono::minutes{1}});
  block.optional("expire_after", settings.expire_after, Limits<std::uint32_t>{2, 100});
  block.optional("self_preservation", settings.self_preservation);
}

/// What only operations on the store have; for a service the policy of the route says it.
constexpr std::array<std::string_view, 5> kStoreKeys{"reads", "value_size", "timeout", "deadline",
                                                     "retry"};

void refuse_store_settings(const Block& block) {
  for (const std::string_view key : kStoreKeys) {
    if (block.has(key)) {
      block.at(key).complain_about_key(fmt::format("\"{}\" in a load on a service", key),
                                       "nothing of the store's; the route's policy says the rest");
    }
  }
}

/// What only requests to a service have.
void refuse_request_settings(const Block& block) {
  for (const std::string_view key : {"users", "think", "keys", "priorities"}) {
    if (block.has(key)) {
      block.at(key).complain_about_key(fmt::format("\"{}\" in a load on the control plane", key),
                                       "nothing but what operations on the store have");
    }
  }
}

/// What a load on the store has.
void read_operations(const Block& block, Load& load) {
  block.required("rate", load.rate);
  block.optional("arrivals", load.arrivals, std::span<const Choice<Arrivals>>{kArrivals});
  block.optional("reads", load.reads);
  block.optional("value_size", load.value_size, kValueBytes);
  const std::size_t problems_before = block.node().reading().problems;
  block.optional("timeout", load.timeout, kPositive);
  block.optional("deadline", load.deadline, kPositive);
  const bool has_times = block.node().reading().problems == problems_before;
  if (block.has("retry")) {
    read_retry(block.at("retry"), load.retry);
  }
  if (has_times && load.deadline < load.timeout) {
    block.node().complain(fmt::format("a deadline of {} and a timeout of {}",
                                      quantity_text(load.deadline), quantity_text(load.timeout)),
                          "a deadline (per operation) of at least the timeout (per attempt)");
  }
}

Load read_load_on(const std::vector<std::string_view>& others, const Block& block,
                  const HostDirectory& hosts, const std::vector<PlannedService>& services) {
  Load load;
  load.to = read_destination(block, others, services);
  load.from = read_hosts(block, "from", hosts);
  if (load.to == kControlPlane) {
    refuse_request_settings(block);
    read_operations(block, load);
  } else if (!load.to.empty()) {
    refuse_store_settings(block);
    read_traffic(block, load);
  } else if (std::any_of(kStoreKeys.begin(), kStoreKeys.end(),
                         [&](std::string_view key) { return block.has(key); })) {
    // Where it is not known what a load asks, its settings tell, and none is out of place.
    read_operations(block, load);
  } else {
    read_traffic(block, load);
  }
  return load;
}

}  // namespace

std::vector<HostId> read_hosts(const Block& block, std::string_view key,
                               const HostDirectory& hosts) {
  std::optional<Target> target;
  block.required(key, target);
  if (!target) {
    return {};
  }
  const Node node = block.at(key);
  if (has_role(*target)) {
    node.complain(node.found() + ", with a role that moves during the run",
                  "hosts by name, zone or region");
    return {};
  }
  return check_names(node, *target, hosts) ? resolve(*target, TargetContext{hosts})
                                           : std::vector<HostId>{};
}

void read_backoff(const Node& node, Duration& first, Duration& last) {
  const std::string text = node.json().is_string() ? node.json().get<std::string>() : "";
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) {
    read_value(node, first);
    last = first;
    return;
  }
  const Parsed<Duration> low = parse_duration(text.substr(0, dots));
  const Parsed<Duration> high = parse_duration(text.substr(dots + 2));
  const Duration* const shortest = std::get_if<Duration>(&low);
  const Duration* const longest = std::get_if<Duration>(&high);
  if (shortest == nullptr || longest == nullptr || *shortest < Duration::zero() ||
      *longest < *shortest || *longest > kLongest) {
    node.complain("a first and a longest pause, as in \"10ms..200ms\"");
    return;
  }
  first = *shortest;
  last = *longest;
}

bool check_names(const Node& node, const Target& target, const HostDirectory& hosts) {
  // Without hosts or members there is an error already, and this one would only follow from it.
  if (hosts.size() == 0 || (has_role(target) && hosts.control_plane().empty())) {
    return false;
  }
  const std::vector<TargetProblem> problems = check_target(target, hosts);
  for (const TargetProblem& problem : problems) {
    node.complain(problem.found, problem.expected, problem.nearest);
  }
  return problems.empty();
}

ControlPlane read_control_plane(const Node& node, const HostDirectory& hosts) {
  ControlPlane control_plane;
  const Block block{node, keys::control_plane};
  control_plane.members = read_hosts(block, "on", hosts);
  if (block.has("raft")) {
    read_raft(block.at("raft"), control_plane.raft);
  }
  if (block.has("config")) {
    read_config(block.at("config"), control_plane.config);
  }
  if (block.has("registry")) {
    read_registry(block.at("registry"), control_plane.registry.emplace());
  }
  if (block.has("identity")) {
    control_plane.identity = read_identity(block.at("identity"));
  }
  if (block.has("gate")) {
    control_plane.gate = read_gate(block.at("gate"));
  }
  return control_plane;
}

Load read_load(const Node& node, const HostDirectory& hosts,
               const std::vector<PlannedService>& services) {
  return read_load_on({kControlPlane}, Block{node, keys::load}, hosts, services);
}

Load read_surge_load(const Node& node, const HostDirectory& hosts,
                     const std::vector<PlannedService>& services) {
  return read_load_on({}, Block{node, keys::load}, hosts, services);
}

}  // namespace windtunnel::chaos
