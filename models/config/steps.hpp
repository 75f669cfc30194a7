// Make before break: the order in which the documents of one update come into effect.
#pragma once

#include <vector>

#include "models/config/document.hpp"
#include "models/config/interest.hpp"

namespace windtunnel::config {

/// Divides an update into steps, each to come into effect whole, one after the other: what others
/// refer to is written, then the others change, then what nobody refers to any more is removed.
/// Where no document refers to one that does not exist before the update, and none does after it,
/// none does in between either: before the last step all that existed or will exist is there. It is
/// the order of xDS (clusters, endpoints, listeners, routes, removals) within a single update;
/// there every type has a stream of its own. Steps without documents are left out.
[[nodiscard]] std::vector<Update> steps_of(const Update& update, const Interest& referred_to);

}  // namespace windtunnel::config
