#include "chaos/scenario/policy_limits.hpp"

#include <fmt/format.h>

#include "chaos/scenario/policy_values.hpp"
#include "models/retry/previous_hosts.hpp"

namespace windtunnel::chaos {

namespace {

using proxy::RateLimitKind;
using proxy::RateLimitSettings;

void refuse_keys_of_others(const Block& block, RateLimitKind kind) {
  const std::string_view name = enumerator_name(kind);
  if (kind != RateLimitKind::token_bucket && kind != RateLimitKind::gcra) {
    refuse_keys(block, name, {"burst"});
  }
  if (kind != RateLimitKind::pacing) {
    refuse_keys(block, name, {"max_wait"});
  }
  if (kind != RateLimitKind::warm_up) {
    refuse_keys(block, name, {"warm_up", "cold_factor"});
  }
}

}  // namespace

void read_rate_limit(const Node& node, RateLimitSettings& limit) {
  const std::size_t problems_before = node.reading().problems;
  const Block block{node, keys::rate_limit};
  RateLimitKind kind = limit.form.kind;
  read_choice(block, "kind", kind);
  if (kind != limit.form.kind) {
    limit.form = {.kind = kind};
    limit.burst = RateLimitSettings{}.burst;
  }
  refuse_keys_of_others(block, kind);
  Rate rate{limit.events, limit.per};
  if (limit.events == 0) {
    block.require("rate");
  }
  block.optional("rate", rate);
  limit.events = rate.events;
  limit.per = rate.per;
  block.optional("burst", limit.burst, kCount);
  block.optional("max_wait", limit.form.max_wait, kAnyDuration);
  block.optional("warm_up", limit.form.warm_up, kPositive);
  block.optional("cold_factor", limit.form.cold_factor, Limits<std::uint32_t>{2, 1000});
  const std::string_view flaw =
      node.reading().problems == problems_before ? flaw_of(limit) : std::string_view{};
  if (!flaw.empty()) {
    node.complain(
        fmt::format("a limit of the kind \"{}\" that cannot be: {}", enumerator_name(kind), flaw),
        "settings that go together");
  }
}

void read_bulkhead(const Node& node, proxy::BulkheadSettings& bulkhead) {
  const Block block{node, keys::bulkhead};
  if (bulkhead.concurrency == 0) {
    block.require("concurrency");
  }
  block.optional("concurrency", bulkhead.concurrency, kCount);
  block.optional("queue", bulkhead.queue, Limits<std::uint32_t>{0, 1'000'000});
  block.optional("max_wait", bulkhead.max_wait, kAnyDuration);
}

void read_route_admission(const Node& node, proxy::RouteAdmissionSettings& admission) {
  const Block block{node, keys::route_admission};
  block.optional("keep", admission.keep, kPositive);
  block.optional("others", admission.others, Limits<std::uint32_t>{0, retry::PreviousHosts::kRoom});
}

}  // namespace windtunnel::chaos
