// What one push of configuration brings.
#pragma once

#include <cstdint>

#include <boost/describe/enum.hpp>

namespace windtunnel::config {

/// `snapshot`: every push brings everything, as xDS's state of the world does. `delta`: what the
/// subscriber lacks, where that is still known.
enum class PushMode : std::uint8_t { snapshot, delta };
BOOST_DESCRIBE_ENUM(PushMode, snapshot, delta)

}  // namespace windtunnel::config
