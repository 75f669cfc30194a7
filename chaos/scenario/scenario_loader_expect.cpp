#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "chaos/measure/measures_catalogue.hpp"
#include "chaos/scenario/nearest_name.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::array<std::string_view, 4> kBounds{"at_most", "at_least", "equals", "within"};
constexpr std::array<std::string_view, 3> kWindows{"after", "during", "until"};
constexpr std::array kVerdicts{Choice<Verdict>{"pass", Verdict::pass},
                               Choice<Verdict>{"inconclusive", Verdict::inconclusive},
                               Choice<Verdict>{"fail", Verdict::fail}};
constexpr std::array kStatistics{Choice<SeedStatistic>{"min", SeedStatistic::min},
                                 Choice<SeedStatistic>{"mean", SeedStatistic::mean},
                                 Choice<SeedStatistic>{"p50", SeedStatistic::p50},
                                 Choice<SeedStatistic>{"p95", SeedStatistic::p95},
                                 Choice<SeedStatistic>{"p99", SeedStatistic::p99},
                                 Choice<SeedStatistic>{"max", SeedStatistic::max}};

template <typename Keys>
std::vector<std::string_view> keys_in(const Block& block, const Keys& keys) {
  std::vector<std::string_view> found;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(found),
               [&](std::string_view key) { return block.has(key); });
  return found;
}

bool is_invariant(std::string_view name) {
  const auto names = invariant_catalogue();
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Null where there is no such measure, or it is of a service that is not there.
const MeasureInfo* find_known_measure(const std::string& name,
                                      const std::vector<PlannedService>& services) {
  const auto of_service = find_service_measure(name);
  const bool is_known = !of_service || std::any_of(services.begin(), services.end(),
                                                   [&](const PlannedService& service) {
                                                     return service.name == of_service->service;
                                                   });
  return is_known ? find_measure(name) : nullptr;
}

void complain_about_measure(const Node& node, const std::string& name,
                            const std::vector<PlannedService>& services) {
  std::vector<std::string> known(invariant_catalogue().begin(), invariant_catalogue().end());
  for (const MeasureInfo& measure : measure_catalogue()) {
    if (measure.expectable) {
      known.emplace_back(measure.name);
    }
  }
  for (const PlannedService& service : services) {
    for (const MeasureInfo& measure : service_measure_catalogue()) {
      known.push_back(service.name + "." + std::string{measure.name});
    }
  }
  node.complain(fmt::format("the unknown measure {}", Json(name).dump()),
                "a measure or an invariant", nearest_name(name, known));
}

/// The fault that a window names; empty where there is none of that id.
std::string read_fault_id(const Node& node, const std::vector<TimelineEntry>& timeline) {
  std::string id;
  read_value(node, id);
  std::vector<std::string> known;
  known.reserve(timeline.size());
  for (const TimelineEntry& entry : timeline) {
    known.push_back(entry.id);
  }
  if (id.empty() || std::find(known.begin(), known.end(), id) != known.end()) {
    return id;
  }
  node.complain(fmt::format("the unknown fault {}", Json(id).dump()),
                known.empty() ? "the id of a fault in the timeline"
                              : fmt::format("one of {}", fmt::join(known, ", ")),
                nearest_name(id, known));
  return {};
}

Amount read_amount(const Node& node, const MeasureInfo& measure) {
  constexpr Limits<Share> kManyWholes{Share{0}, Share{1'000'000'000'000}};
  const auto read_as = [&](auto value, const auto&... limits) {
    read_value(node, value, limits...);
    return Amount{value};
  };
  switch (measure.unit) {
    case Unit::duration:
      return read_as(Duration{});
    case Unit::count:
      return read_as(Count{});
    case Unit::ratio:
      return read_as(Ratio{}, measure.beyond_whole ? kManyWholes : kWholeShare);
  }
  return {};
}

std::optional<Bound> read_within(const Node& node, const MeasureInfo& measure) {
  if (!node.json().is_array() || node.json().size() != 2) {
    node.complain("a lowest and a highest value, [low, high]");
    return std::nullopt;
  }
  const Within within{read_amount(node.element(0), measure), read_amount(node.element(1), measure)};
  if (within.high < within.low) {
    node.complain("a descending pair", "the lower value first");
  }
  return within;
}

std::optional<Bound> read_bound(const Block& block, const MeasureInfo& measure) {
  const std::vector<std::string_view> bounds = keys_in(block, kBounds);
  if (bounds.size() != 1) {
    block.node().complain(bounds.empty() ? "no bound" : fmt::format("{} bounds", bounds.size()),
                          fmt::format("exactly one of {}", fmt::join(kBounds, ", ")));
    return std::nullopt;
  }
  const Node node = block.at(bounds.front());
  if (bounds.front() == "within") {
    return read_within(node, measure);
  }
  const Amount amount = read_amount(node, measure);
  return bounds.front() == "at_most"    ? Bound{AtMost{amount}}
         : bounds.front() == "at_least" ? Bound{AtLeast{amount}}
                                        : Bound{Equals{amount}};
}

void read_until(const Node& node, const std::vector<TimelineEntry>& timeline,
                Expectation& expectation) {
  const std::string text = node.json().is_string() ? node.json().get<std::string>() : "0";
  // Ids do not begin with a digit, times do; a range is a time too.
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) {
    TrueInstant end;
    read_value(node, end);
    expectation.until = end;
  } else if (std::string id = read_fault_id(node, timeline); !id.empty()) {
    expectation.until = std::move(id);
  }
}

void read_window(const Block& block, const std::vector<TimelineEntry>& timeline,
                 Expectation& expectation) {
  if (block.has("after") && block.has("during")) {
    block.at("during").complain_about_key("\"during\" beside \"after\"", "one of them");
  } else if (block.has("after")) {
    expectation.window = WindowKind::after;
    expectation.fault = read_fault_id(block.at("after"), timeline);
  } else if (block.has("during")) {
    expectation.window = WindowKind::during;
    expectation.fault = read_fault_id(block.at("during"), timeline);
  }
  if (block.has("until")) {
    read_until(block.at("until"), timeline, expectation);
  }
}

/// Whether the measure can be asked for in the way the entry asks.
void check_use(const Block& block, const MeasureInfo& measure, const Expectation& expectation) {
  const auto refuse = [&](std::string_view key, std::string_view expected) {
    block.at(key).complain_about_key(fmt::format("\"{}\" for {}", key, measure.name),
                                     std::string{expected});
  };
  const bool of_fault = block.has("after") || block.has("during");
  if (expectation.kind == ExpectationKind::gate) {
    for (const std::string_view key : keys_in(block, kWindows)) {
      refuse(key, "no window beside \"gate\": a gate looks at the time before the first fault");
    }
    if (!measure.windowed || !measure.whole_run) {
      refuse("gate", "a gate on a measure of operations, such as control_plane.availability");
    }
  } else if (of_fault && !measure.per_fault) {
    refuse(block.has("after") ? "after" : "during", "no fault: the measure is of the whole run");
  } else if (block.has("during") && !measure.windowed) {
    refuse("during", "\"after\": the measure begins at the fault and has no end of its own");
  } else if (block.has("until") && !measure.windowed) {
    refuse("until", "no \"until\": the measure has no window");
  } else if (!of_fault && !measure.whole_run) {
    block.node().complain(fmt::format("no fault for {}", measure.name),
                          "\"after\" with the id of a fault");
  }
}

void check_invariant(const Block& block) {
  for (const std::string_view key : keys::expectation.keys) {
    if (key != "that" && block.has(key)) {
      block.at(key).complain_about_key(fmt::format("\"{}\" for an invariant", key),
                                       "nothing but \"that\": it holds at every event");
    }
  }
}

}  // namespace

Expectation read_expectation(const Node& node, const std::vector<TimelineEntry>& timeline,
                             const std::vector<PlannedService>& services) {
  Expectation expectation;
  const Block block{node, keys::expectation};
  block.required("that", expectation.that);
  if (is_invariant(expectation.that)) {
    expectation.kind = ExpectationKind::invariant;
    check_invariant(block);
    return expectation;
  }
  bool gate = false;
  block.optional("gate", gate);
  expectation.kind = gate ? ExpectationKind::gate : ExpectationKind::objective;
  read_window(block, timeline, expectation);
  block.optional("on_empty", expectation.on_empty, std::span<const Choice<Verdict>>{kVerdicts});
  block.optional("over_seeds", expectation.over_seeds,
                 std::span<const Choice<SeedStatistic>>{kStatistics});
  const MeasureInfo* const measure = find_known_measure(expectation.that, services);
  if (measure != nullptr && measure->expectable) {
    expectation.bound = read_bound(block, *measure);
    check_use(block, *measure, expectation);
  } else if (!expectation.that.empty()) {
    complain_about_measure(block.at("that"), expectation.that, services);
  }
  return expectation;
}

}  // namespace windtunnel::chaos
