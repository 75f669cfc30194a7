// Random requests that come and go under BoundedLoad, judged by the paper's bound, which is worked
// out here anew. The same seeds run on the real policy and on mutants of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace windtunnel::balance {

/// What was broken in the run of `seed`, if anything.
[[nodiscard]] std::optional<std::string> breach_of_bounded_load(std::uint64_t seed);

}  // namespace windtunnel::balance
