// Which requests a limiter may favour.
#pragma once

#include <cstdint>

namespace windtunnel::limit {

/// `critical` may take what is kept back from `ordinary`.
enum class Priority : std::uint8_t { ordinary, critical };

}  // namespace windtunnel::limit
