// What a plan says of the requests to its services before one is made: how long clients are
// patient, which versions answer, and how many records of them there will be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "chaos/scenario/plan.hpp"

namespace windtunnel::chaos {

/// How long clients of a service wait at most: the longest deadline of any policy towards it, at
/// the start or by the timeline.
[[nodiscard]] Duration patience_with(const Plan& plan, const std::string& service);

/// What the instances of a service may call themselves, as ServiceRecord::versions lists them.
[[nodiscard]] std::vector<std::uint32_t> versions_of(const PlannedService& service);

/// As many records as room is reserved for, of all services together: some 2 GB.
inline constexpr std::size_t kRequestsReservedMax = std::size_t{1} << 26U;

/// By service, about as many as its open loads will make, or more where their rate changes, so that
/// a record of tens of millions need not move while it grows: room that is not used costs nothing.
/// Where that would be more than `kRequestsReservedMax`, the first services get what there is, and
/// the others grow as they come.
[[nodiscard]] std::vector<std::size_t> requests_to_reserve(const Plan& plan);

}  // namespace windtunnel::chaos
