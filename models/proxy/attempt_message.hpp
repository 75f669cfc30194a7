// What is sent for one attempt at a request.
#pragma once

#include <cstdint>
#include <string_view>

#include "models/service/caller.hpp"
#include "models/service/messages.hpp"

namespace windtunnel::proxy {

/// The `number`th attempt, from 0, of a request that may yet take so long.
[[nodiscard]] inline service::Request attempt_message(std::string_view service,
                                                      const service::CallRequest& request,
                                                      std::uint64_t id, std::uint32_t number,
                                                      Duration remaining) {
  service::Request message;
  message.service = service;
  message.key = request.key;
  message.id = id;
  message.remaining = remaining;
  message.attempt = number;
  message.priority = request.priority;
  return message;
}

}  // namespace windtunnel::proxy
