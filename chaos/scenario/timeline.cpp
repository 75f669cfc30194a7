#include "chaos/scenario/timeline.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "chaos/scenario/quantity.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::array<std::string_view, std::variant_size_v<Fault>> kKinds{
    "crash",  "host_loss", "pause", "partition", "delay",       "loss",
    "policy", "canary",    "load",  "split",     "rotate_root", "bundle"};

std::string restart_text(const std::optional<Duration>& restart_after) {
  return restart_after ? fmt::format(", restart after {}", quantity_text(*restart_after))
                       : std::string{", no restart"};
}

std::string links_text(const LinkSet& links) {
  const bool one_way = links.direction == Direction::one_way;
  if (!links.to) {
    return fmt::format("{} links of {}", one_way ? "outgoing" : "all", target_text(links.from));
  }
  return fmt::format("{} {} {}", target_text(links.from), one_way ? "→" : "↔",
                     target_text(*links.to));
}

std::string groups_text(const Partition& partition) {
  std::string text;
  for (const Target& group : partition.groups) {
    text += (text.empty() ? "" : " | ") + fmt::format("[{}]", target_text(group));
  }
  return partition.groups.size() == 1 ? text + " | [all others]" : text;
}

struct FaultPrinter {
  std::string operator()(const Crash& f) const {
    return "crash " + target_text(f.on) + restart_text(f.restart_after);
  }
  std::string operator()(const HostLoss& f) const {
    return "power loss of " + target_text(f.on) + restart_text(f.restart_after);
  }
  std::string operator()(const Pause& f) const { return "pause " + target_text(f.on); }
  std::string operator()(const Partition& f) const {
    return fmt::format("partition {} by {}{}", groups_text(f),
                       f.mode == CutMode::drop ? "drop" : "reject",
                       f.direction == Direction::one_way ? ", one way" : "");
  }
  std::string operator()(const Delay& f) const {
    return fmt::format("delay {} by {} on average", links_text(f.links),
                       quantity_text(mean_of(f.extra)));
  }
  std::string operator()(const PolicyChange& change) const {
    constexpr std::size_t kRoutesShown = 4;
    const std::size_t routes = change.policies.size();
    std::string text;
    for (std::size_t i = 0; i < std::min(routes, kRoutesShown); ++i) {
      const proxy::RoutePolicy& policy = change.policies[i];
      text += (text.empty() ? "" : ", ") + policy.caller + "→" + policy.callee;
    }
    return "new policy for " + text +
           (routes > kRoutesShown ? fmt::format(" and {} more", routes - kRoutesShown) : "");
  }
  std::string operator()(const Canary& canary) const {
    std::string steps;
    for (const rollout::Step& step : canary.spec.steps) {
      steps += (steps.empty() ? "" : ", ") + (step.kind == rollout::StepKind::pause
                                                  ? "wait " + quantity_text(step.pause)
                                                  : quantity_text(Share{step.weight}));
    }
    return fmt::format("roll out version {} of {}: {}", canary.spec.version, canary.spec.service,
                       steps);
  }
  std::string operator()(const SplitChange& change) const {
    std::string text;
    for (const proxy::TrafficSplit& split : change.splits) {
      text += fmt::format("{}{} to", text.empty() ? "" : "; ", split.service);
      for (const proxy::VersionShare& share : split.shares) {
        text +=
            fmt::format("{} {} of version {}", share.version == split.shares[0].version ? "" : ",",
                        quantity_text(Share{share.share}), share.version);
      }
    }
    return "split " + text;
  }
  std::string operator()(const RotateRoot& rotation) const {
    std::string steps;
    for (const identity::RotationStep step : rotation.spec.steps) {
      steps += (steps.empty() ? "" : ", ") + std::string{identity::name_of(step)};
    }
    return fmt::format("rotate the root: {}{}", steps,
                       rotation.spec.wait == identity::RotationWait::for_all
                           ? ""
                           : ", without waiting for anybody");
  }
  std::string operator()(const BundleChange& change) const {
    return change.bundle
               ? fmt::format("a bundle of {} rules for the gate", change.bundle->rules.size())
               : std::string{"a garbled bundle for the gate"};
  }
  std::string operator()(const Surge& surge) const {
    return "load of " + traffic_text(surge.load) + " more on " + surge.load.to;
  }
  std::string operator()(const Loss& f) const {
    return fmt::format("lose {} of {}", quantity_text(share_of(f.probability)),
                       links_text(f.links));
  }
};

}  // namespace

std::string_view fault_kind(const Fault& fault) {
  return kKinds[fault.index()];
}

std::string fault_text(const Fault& fault) {
  return std::visit(FaultPrinter{}, fault);
}

std::vector<TrueInstant> strikes_of(const TimelineEntry& entry) {
  std::vector<TrueInstant> strikes;
  for (std::uint32_t i = 0; i < entry.times; ++i) {
    strikes.push_back(entry.at + entry.every * static_cast<std::int64_t>(i));
  }
  return strikes;
}

}  // namespace windtunnel::chaos
