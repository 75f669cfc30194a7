#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/host_pattern.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::uint32_t kStrikesMax = 100'000;

/// Gives every entry its id, those of the file first, so that a made id never takes one away.
class Ids {
 public:
  void claim(const Block& block) {
    std::string id;
    block.optional("id", id);
    if (id.empty()) {
      return;
    }
    const Node node = block.at("id");
    if (!is_plain_name(id) || (id.front() >= '0' && id.front() <= '9')) {
      node.complain("letters, digits, '-', '_' and '.', beginning with none of the digits");
    } else if (!taken_.insert(id).second) {
      node.complain(fmt::format("the id \"{}\" a second time", id), "an id of its own");
    }
  }

  std::string id_of(const Block& block) {
    if (block.has("id") && block.at("id").json().is_string()) {
      return block.at("id").json().get<std::string>();
    }
    const std::string kind{fault_key(block)};
    std::string id = kind;
    while (!taken_.insert(id).second) {
      id = fmt::format("{}-{}", kind, ++made_[kind] + 1);
    }
    return id;
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, std::uint32_t> made_;
};

/// How often an entry strikes: as it says, or as often as the run has room for. A duration of zero
/// is one that could not be read, and was complained about.
void read_repetition(const Block& block, Duration duration, TimelineEntry& entry) {
  // Beside these both have been refused.
  if (!std::holds_alternative<Canary>(entry.fault) &&
      !std::holds_alternative<RotateRoot>(entry.fault) &&
      !std::holds_alternative<BundleChange>(entry.fault)) {
    block.optional("every", entry.every, kPositive);
    block.optional("times", entry.times, Limits<std::uint32_t>{1, kStrikesMax});
  }
  if (duration == Duration::zero()) {
    return;
  }
  const Duration room = duration - Duration{1} - entry.at.time_since_epoch();
  if (room < Duration::zero()) {
    if (block.has("at")) {
      block.at("at").complain(fmt::format("\"{}\"", quantity_text(entry.at.time_since_epoch())) +
                                  ", which is not before the run's end",
                              fmt::format("a time before \"{}\"", quantity_text(duration)));
    }
    return;
  }
  if (entry.every == Duration::zero()) {
    if (entry.times > 1) {
      block.at("times").complain_about_key("\"times\" without \"every\"",
                                           "\"every\", the time between two strikes");
    }
    return;
  }
  const std::int64_t most = room / entry.every + 1;
  if (block.has("times") ? entry.times > most : most > kStrikesMax) {
    block.node().complain(
        fmt::format("{} strikes, {} apart", block.has("times") ? std::int64_t{entry.times} : most,
                    quantity_text(entry.every)),
        fmt::format("at most {} of them in \"{}\"", std::min(most, std::int64_t{kStrikesMax}),
                    quantity_text(duration)));
    return;
  }
  entry.times = block.has("times") ? entry.times : static_cast<std::uint32_t>(most);
}

/// What a controller moves nobody else does: each would undo what the other has just written.
void check_split(const Block& block, const std::vector<TimelineEntry>& timeline) {
  const auto moves = [](const Fault& fault, const std::string& service) {
    const SplitChange* const change = std::get_if<SplitChange>(&fault);
    return change != nullptr &&
           std::any_of(change->splits.begin(), change->splits.end(),
                       [&](const proxy::TrafficSplit& split) { return split.service == service; });
  };
  for (const TimelineEntry& other : timeline) {
    for (const auto& [one, two] :
         {std::pair{&other, &timeline.back()}, std::pair{&timeline.back(), &other}}) {
      const Canary* const canary = std::get_if<Canary>(&one->fault);
      if (canary != nullptr && moves(two->fault, canary->spec.service)) {
        block.node().complain(
            fmt::format("a rollout of {} and a split of it in one run", canary->spec.service),
            "one of the two");
        return;
      }
    }
  }
}

TimelineEntry read_entry(Block& block, TimelineContext& context, Duration duration, Ids& ids) {
  TimelineEntry entry;
  entry.id = ids.id_of(block);
  block.name_stream(entry.id);
  if (std::optional<Fault> fault = read_fault(block, context)) {
    entry.fault = std::move(*fault);
  }
  if (block.has("review")) {
    entry.review = read_gate_document(block.at("review"));
    if (!context.control_plane.gate) {
      block.at("review").complain_about_key("\"review\" where nobody reviews changes",
                                            "a \"gate\" in the control plane");
    }
  }
  block.required("at", entry.at);
  block.optional("for", entry.lasts, kPositive);
  read_repetition(block, duration, entry);
  return entry;
}

}  // namespace

std::vector<TimelineEntry> read_timeline(const Node& node, const Plan& plan,
                                         const HostDirectory& hosts) {
  TimelineContext context{hosts, plan.services, plan.policies, plan.control_plane};
  Ids ids;
  std::vector<Block> blocks;
  for (const Node& entry : node.elements("an array of faults")) {
    ids.claim(blocks.emplace_back(entry, keys::fault));
  }
  std::vector<TimelineEntry> timeline;
  for (Block& block : blocks) {
    if (block.node().json().is_object()) {
      timeline.push_back(read_entry(block, context, plan.duration, ids));
      check_split(block, timeline);
    }
  }
  return timeline;
}

}  // namespace windtunnel::chaos
