// Random histories on a station, compared with a station so simple that it can be read off the
// definition: time moves in ticks, and every rule is a search through a list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace windtunnel::service {

/// Runs the history of `seed` on both; absent where they agree in every job's outcome and times,
/// otherwise where they first differ.
[[nodiscard]] std::optional<std::string> difference_for(std::uint64_t seed);

}  // namespace windtunnel::service
