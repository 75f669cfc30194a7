// How a request comes onto a route where it may have to wait for that; the others ask
// Route::admit() and are through.
#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>

#include "models/proxy/refused.hpp"
#include "models/proxy/route.hpp"
#include "runtime/host.hpp"

namespace windtunnel::proxy {

/// Waits for as long as the request's rate limit and bulkhead say, but not for longer than
/// `patience`. As with Route::admit(), what was admitted is to be ended.
[[nodiscard]] asio::awaitable<std::optional<Refused>> enter(Host& host, Route& route,
                                                            Duration patience);

}  // namespace windtunnel::proxy
