// Where a rollout stands in the replicated store, and what a controller makes of what is there. It
// is no configuration document: proxies need not know why their split is what it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/rollout/rollout.hpp"
#include "runtime/bytes.hpp"

namespace windtunnel::rollout {

inline constexpr std::string_view kRolloutPrefix = "rollouts/";

/// "rollouts/checkout".
[[nodiscard]] std::string rollout_key_of(std::string_view service);
[[nodiscard]] SharedBytes rollout_content_of(const RolloutRecord& record);
/// Nothing where the bytes are no rollout that can be carried out.
[[nodiscard]] std::optional<RolloutRecord> rollout_of(const SharedBytes& content);

}  // namespace windtunnel::rollout
