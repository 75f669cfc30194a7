#include "chaos/scenario/policy_hierarchy.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "chaos/scenario/policy_values.hpp"

namespace windtunnel::chaos {

namespace {

using proxy::HierarchicalLimitSettings;
using proxy::LimitBy;
using proxy::LimitLevel;

LimitLevel read_level(const Node& node) {
  LimitLevel level;
  const Block block{node, keys::limit_level};
  block.require("by");
  read_choice(block, "by", level.by);
  if (level.by != LimitBy::key && block.has("buckets")) {
    block.at("buckets").complain_about_key(
        fmt::format("\"buckets\" of a level by {}", enumerator_name(level.by)), "a level by key");
  }
  Rate rate{level.events, level.per};
  block.required("rate", rate);
  level.events = rate.events;
  level.per = rate.per;
  block.optional("burst", level.burst, kCount);
  block.optional("buckets", level.buckets, Limits<std::uint32_t>{1, 1'000'000});
  return level;
}

}  // namespace

void read_hierarchical_limit(const Node& node, HierarchicalLimitSettings& limit) {
  const Block block{node, keys::hierarchical_limit};
  if (!block.require("levels")) {
    return;
  }
  const Node levels = block.at("levels");
  const std::size_t problems_before = node.reading().problems;
  HierarchicalLimitSettings read;
  for (const Node& level : levels.elements("an array of levels, from the top down")) {
    read.levels.push_back(read_level(level));
  }
  if (node.reading().problems != problems_before) {
    return;
  }
  if (const std::string_view flaw = flaw_of(read); !flaw.empty()) {
    levels.complain(fmt::format("levels that cannot be: {}", flaw), "levels that go together");
    return;
  }
  limit = std::move(read);
}

Json hierarchical_limit_json(const HierarchicalLimitSettings& limit) {
  Json levels = Json::array();
  for (const LimitLevel& level : limit.levels) {
    Json json = {{"by", enumerator_name(level.by)},
                 {"rate", quantity_text(Rate{level.events, level.per})},
                 {"burst", level.burst}};
    if (level.by == LimitBy::key) {
      json["buckets"] = level.buckets;
    }
    levels.push_back(std::move(json));
  }
  return {{"levels", std::move(levels)}};
}

std::string hierarchical_limit_text(const HierarchicalLimitSettings& limit) {
  std::string text;
  for (const LimitLevel& level : limit.levels) {
    text += fmt::format("{} {} by {}", text.empty() ? ", at most" : " and",
                        quantity_text(Rate{level.events, level.per}), enumerator_name(level.by));
  }
  return text;
}

}  // namespace windtunnel::chaos
