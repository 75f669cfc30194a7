#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "chaos/scenario/arrival_trace.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::array<std::string_view, 2> kWords{"poisson", "constant"};
constexpr std::array kChanges{Choice<client::RateChange>{"step", client::RateChange::step},
                              Choice<client::RateChange>{"ramp", client::RateChange::ramp}};
constexpr std::uint32_t kLevelsMax = 64;

/// False where the point's time could not be read, so that others cannot be before or behind it.
bool read_point(const Node& node, RateSetting& point) {
  const Block block{node, keys::rate_point};
  const std::size_t problems_before = node.reading().problems;
  block.required("at", point.at);
  const bool has_time = node.json().is_object() && node.reading().problems == problems_before;
  block.required("rate", point.rate, kAnyRate);
  block.optional("then", point.then, std::span<const Choice<client::RateChange>>{kChanges});
  return has_time;
}

std::vector<RateSetting> read_profile(const Node& node) {
  std::vector<RateSetting> profile;
  for (const Node& element : node.elements("an array of points")) {
    RateSetting point;
    if (!read_point(element, point)) {
      continue;
    }
    if (!profile.empty() && point.at <= profile.back().at) {
      element.complain(fmt::format("a point at {} behind one at {}", quantity_text(point.at),
                                   quantity_text(profile.back().at)),
                       "points in the order of their time");
    }
    profile.push_back(point);
  }
  if (node.json().empty()) {
    node.complain("no point", "at least one point");
  }
  return profile;
}

void read_rate(const Block& block, Load& load) {
  if (!block.require("rate")) {
    return;
  }
  if (const Node node = block.at("rate"); node.json().is_array()) {
    load.profile = read_profile(node);
  } else {
    read_value(node, load.rate);
  }
}

BurstSettings read_bursts(const Node& node) {
  BurstSettings bursts;
  const Block block{node, keys::bursty};
  block.required("on", bursts.on);
  block.optional("off", bursts.off, kAnyRate);
  block.required("mean_on", bursts.mean_on, kPositive);
  block.required("mean_off", bursts.mean_off, kPositive);
  return bursts;
}

/// Of an array; a file has its own reader.
std::vector<Duration> read_offset_list(const Node& node) {
  std::vector<Duration> offsets;
  for (const Node& element : node.elements("a file of offsets, or an array of them")) {
    Duration offset = offsets.empty() ? Duration::zero() : offsets.back();
    read_value(element, offset);
    if (!offsets.empty() && offset < offsets.back()) {
      element.complain(
          fmt::format("{} behind {}", quantity_text(offset), quantity_text(offsets.back())),
          "offsets that do not descend");
    }
    offsets.push_back(offset);
  }
  return offsets;
}

std::vector<Duration> read_offsets(const Node& node) {
  const std::size_t problems_before = node.reading().problems;
  std::vector<Duration> offsets =
      node.json().is_string() ? read_arrival_trace(node) : read_offset_list(node);
  if (offsets.empty() && node.reading().problems == problems_before) {
    node.complain(node.json().is_string() ? node.found() + ", which has no arrival" : "no arrival",
                  "at least one arrival");
  }
  return offsets;
}

/// An object form of `arrivals`, which says how many come, and so stands instead of a rate.
void read_arrivals_form(const Node& node, Load& load) {
  const Block block{node, keys::arrivals};
  if (block.has("bursty") == block.has("replay")) {
    node.complain(block.has("replay") ? "both \"bursty\" and \"replay\"" : "no arrivals",
                  "either \"bursty\" or \"replay\"");
  } else if (block.has("bursty")) {
    load.arrivals = Arrivals::bursty;
    load.bursts = read_bursts(block.at("bursty"));
  } else {
    load.arrivals = Arrivals::replay;
    load.trace = read_offsets(block.at("replay"));
  }
}

/// `with` says how many requests come, and `key` would say it again.
void refuse(const Block& block, std::string_view key, std::string_view with) {
  if (block.has(key)) {
    block.at(key).complain_about_key(fmt::format("\"{}\" beside {}", key, with), "one of them");
  }
}

void read_open_loop(const Block& block, Load& load) {
  refuse(block, "think", "a load without \"users\"");
  if (!block.has("arrivals")) {
    read_rate(block, load);
    return;
  }
  const Node arrivals = block.at("arrivals");
  if (arrivals.json().is_object()) {
    read_arrivals_form(arrivals, load);
    refuse(block, "rate", "arrivals that say how many come");
  } else {
    if (const auto word = read_word(arrivals, kWords)) {
      load.arrivals = *word == 0 ? Arrivals::poisson : Arrivals::constant;
    }
    read_rate(block, load);
  }
}

void read_users(const Block& block, Load& load) {
  UserSettings users;
  block.required("users", users.count, Limits<std::uint32_t>{1, 10'000'000});
  block.optional("think", users.think);
  load.users = std::move(users);
  refuse(block, "rate", "\"users\"");
  refuse(block, "arrivals", "\"users\"");
}

KeySettings read_keys(const Node& node) {
  KeySettings settings;
  const Block block{node, keys::request_keys};
  block.optional("users", settings.users, Limits<std::uint32_t>{1, 1'000'000'000});
  block.optional("skew", settings.skew, Limits<double>{0, 10});
  return settings;
}

std::vector<std::uint32_t> read_priorities(const Node& node) {
  std::vector<std::uint32_t> weights;
  std::uint64_t sum = 0;
  for (const Node& element : node.elements("an array: how often each priority comes")) {
    read_value(element, weights.emplace_back(), Limits<std::uint32_t>{0, 1'000'000});
    sum += weights.back();
  }
  if (sum == 0 || weights.size() > kLevelsMax) {
    node.complain(fmt::format("{} weights that add up to {}", weights.size(), sum),
                  fmt::format("1 to {} weights, not all 0", kLevelsMax));
  }
  return weights;
}

}  // namespace

void read_traffic(const Block& block, Load& load) {
  if (block.has("users")) {
    read_users(block, load);
  } else {
    read_open_loop(block, load);
  }
  if (block.has("keys")) {
    load.keys = read_keys(block.at("keys"));
  }
  if (block.has("priorities")) {
    load.priorities = read_priorities(block.at("priorities"));
  }
}

}  // namespace windtunnel::chaos
