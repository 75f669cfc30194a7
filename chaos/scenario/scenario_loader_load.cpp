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
constexpr std::array kArrivals{Choice<Arrivals>{"poisson", Arrivals::poisson},
                               Choice<Arrivals>{"constant", Arrivals::constant}};
constexpr std::array kServices{std::string_view{"control_plane"}};

/// Hosts that are the same during the whole run.
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

void read_raft(const Node& node, RaftSettings& raft) {
  const Block block{node, keys::raft};
  block.optional("tick", raft.tick, kPositive);
  block.optional("heartbeat_ticks", raft.heartbeat_ticks, kTicks);
  block.optional("election_ticks", raft.election_ticks, kTicks);
  block.optional("pre_vote", raft.pre_vote);
  block.optional("check_quorum", raft.check_quorum);
  block.optional("fsync", raft.fsync);
  block.optional("max_entries_per_append", raft.max_entries_per_append,
                 Limits<std::uint32_t>{1, 1'000'000});
  block.optional("max_bytes_per_append", raft.max_bytes_per_append, kAppendBytes);
  if (raft.election_ticks <= raft.heartbeat_ticks) {
    node.complain(fmt::format("{} election_ticks and {} heartbeat_ticks", raft.election_ticks,
                              raft.heartbeat_ticks),
                  "more election_ticks than heartbeat_ticks");
  }
}

/// "10ms..200ms", or one duration for a pause that does not grow.
void read_backoff(const Node& node, RetrySettings& retry) {
  const std::string text = node.json().is_string() ? node.json().get<std::string>() : "";
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) {
    read_value(node, retry.backoff);
    retry.backoff_max = retry.backoff;
    return;
  }
  const Parsed<Duration> low = parse_duration(text.substr(0, dots));
  const Parsed<Duration> high = parse_duration(text.substr(dots + 2));
  const Duration* const first = std::get_if<Duration>(&low);
  const Duration* const last = std::get_if<Duration>(&high);
  if (first == nullptr || last == nullptr || *first < Duration::zero() || *last < *first ||
      *last > kLongest) {
    node.complain("a first and a longest pause, as in \"10ms..200ms\"");
    return;
  }
  retry.backoff = *first;
  retry.backoff_max = *last;
}

void read_retry(const Node& node, RetrySettings& retry) {
  const Block block{node, keys::retry};
  block.optional("attempts", retry.attempts, Limits<std::uint32_t>{1, 1'000'000});
  if (block.has("backoff")) {
    read_backoff(block.at("backoff"), retry);
  }
}

}  // namespace

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
  return control_plane;
}

Load read_load(const Node& node, const HostDirectory& hosts) {
  Load load;
  const Block block{node, keys::load};
  if (block.require("to")) {
    static_cast<void>(read_word(block.at("to"), kServices));
  }
  load.from = read_hosts(block, "from", hosts);
  block.required("rate", load.rate);
  block.optional("arrivals", load.arrivals, std::span<const Choice<Arrivals>>{kArrivals});
  block.optional("reads", load.reads);
  block.optional("value_size", load.value_size, kValueBytes);
  block.optional("timeout", load.timeout, kPositive);
  block.optional("deadline", load.deadline, kPositive);
  if (block.has("retry")) {
    read_retry(block.at("retry"), load.retry);
  }
  if (load.deadline < load.timeout) {
    node.complain(fmt::format("a deadline of {} and a timeout of {}", quantity_text(load.deadline),
                              quantity_text(load.timeout)),
                  "a deadline (per operation) of at least the timeout (per attempt)");
  }
  return load;
}

}  // namespace windtunnel::chaos
