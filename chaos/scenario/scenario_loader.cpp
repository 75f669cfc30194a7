#include "chaos/scenario/scenario_loader.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "chaos/scenario/scenario.hpp"
#include "chaos/scenario/scenario_values.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

void read_system(const Block& block, Plan& plan) {
  if (block.require("topology")) {
    read_topology(block.at("topology"), plan);
  }
  const HostDirectory hosts = directory_of(plan);
  if (block.require("control_plane")) {
    plan.control_plane = read_control_plane(block.at("control_plane"), hosts);
  }
  if (block.has("gossip")) {
    plan.gossip = read_gossip(block.at("gossip"));
  }
  if (block.has("services")) {
    plan.services = read_services(block.at("services"), hosts);
  }
  if (block.has("policies")) {
    static_cast<void>(read_policies(block.at("policies"), hosts, plan.services, plan.policies));
    check_mtls(block.at("policies"), plan.control_plane);
  }
  if (block.has("load")) {
    for (const Node& load : block.at("load").elements("an array of loads")) {
      plan.loads.push_back(read_load(load, hosts, plan.services));
    }
  }
  if (block.has("replication")) {
    plan.replication = read_replication(block.at("replication"), hosts);
  }
}

void read_experiment(const Block& block, Plan& plan) {
  const HostDirectory hosts = directory_of(plan);
  if (block.has("timeline")) {
    plan.timeline = read_timeline(block.at("timeline"), plan, hosts);
  }
  if (block.has("expect")) {
    for (const Node& entry : block.at("expect").elements("an array of expectations")) {
      plan.expectations.push_back(read_expectation(entry, plan.timeline, plan.services));
    }
  }
  if (block.has("recovery")) {
    plan.recovery = read_recovery(block.at("recovery"));
  }
}

/// Appends what `more` holds and `errors` does not.
void merge(std::vector<InputError>& errors, std::vector<InputError> more) {
  for (InputError& error : more) {
    if (std::find(errors.begin(), errors.end(), error) == errors.end()) {
      errors.push_back(std::move(error));
    }
  }
}

/// `window` and `sustain`, which has room for one.
void read_sustained(const Block& block, Duration& window, Duration& sustain) {
  const Node& node = block.node();
  const std::size_t problems_before = node.reading().problems;
  block.optional("window", window, kPositive);
  block.optional("sustain", sustain, kPositive);
  if (node.reading().problems == problems_before && sustain < window) {
    node.complain("a sustain shorter than the window", "a sustain of at least one window");
  }
}

BalanceOptions read_balance_recovery(const Node& node) {
  BalanceOptions balance;
  const Block block{node, keys::balance_recovery};
  block.optional("distance", balance.distance, kPositiveShare);
  read_sustained(block, balance.window, balance.sustain);
  return balance;
}

}  // namespace

RecoveryOptions read_recovery(const Node& node) {
  RecoveryOptions recovery;
  const Block block{node, keys::recovery};
  block.optional("success_ratio", recovery.success_ratio);
  block.optional("latency_factor", recovery.latency_factor, Limits<double>{1, 1000});
  read_sustained(block, recovery.window, recovery.sustain);
  block.optional("steady", recovery.steady, kPositive);
  if (block.has("balance")) {
    recovery.balance = read_balance_recovery(block.at("balance"));
  }
  return recovery;
}

Plan read_scenario(Reading& reading) {
  Plan plan;
  std::string schema;
  const Block block{Node{reading}, keys::scenario};
  block.optional("$schema", schema);
  block.required("name", plan.name);
  block.optional("about", plan.about);
  block.optional("seed", plan.seed);
  block.required("duration", plan.duration, kPositive);
  block.optional("encode_messages", plan.encode_messages);
  read_system(block, plan);
  read_experiment(block, plan);
  return plan;
}

HostDirectory directory_of(const Plan& plan) {
  HostDirectory directory;
  for (const PlannedHost& host : plan.hosts) {
    check(directory.add({host.name, host.zone, host.region}),
          "the hosts of a plan have names of their own");
  }
  directory.set_control_plane(plan.control_plane.members);
  for (const PlannedService& service : plan.services) {
    directory.add_service(service.name, service.on);
  }
  return directory;
}

LoadedScenario load_scenario(Source source) {
  LoadedScenario loaded;
  expand_names(source);
  loaded.errors = source.errors();
  Reading low{source, RangeChoice::low, 0, {}, false};
  Plan plan;
  if (source.is_readable()) {
    plan = read_scenario(low);
    merge(loaded.errors, std::move(low.errors));
  }
  if (low.has_ranges) {
    Reading high{source, RangeChoice::high, 0, {}, false};
    static_cast<void>(read_scenario(high));
    merge(loaded.errors, std::move(high.errors));
  }
  sort_by_place(loaded.errors);
  if (loaded.errors.empty()) {
    loaded.scenario = Scenario{std::move(source), plan};
  }
  return loaded;
}

Scenario load_scenario_file(const std::string& path, std::span<const std::string> overrides) {
  std::ifstream file{path, std::ios::binary};
  std::error_code unknown;
  if (!file || std::filesystem::is_directory(path, unknown)) {
    throw BadInput{{{{path, 0, 0}, "", "no file that can be read", "a scenario file", ""}}};
  }
  std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
  Source source = parse_source(std::move(text), path);
  for (const std::string& assignment : overrides) {
    apply_override(source, assignment);
  }
  LoadedScenario loaded = load_scenario(std::move(source));
  if (!loaded.scenario) {
    throw BadInput{std::move(loaded.errors)};
  }
  return std::move(*loaded.scenario);
}

Plan make_plan(const Scenario& scenario, std::uint64_t seed) {
  Reading reading{scenario.source(), RangeChoice::drawn, seed, {}, false};
  Plan plan = read_scenario(reading);
  plan.seed = seed;
  if (!reading.errors.empty()) {
    sort_by_place(reading.errors);
    throw BadInput{std::move(reading.errors)};
  }
  return plan;
}

}  // namespace windtunnel::chaos
