// What callers and service nodes say to each other.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/service/dagor_admission.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::service {

/// `failed`: it ran, or something that it needs did not. `overloaded`: it did not run, and another
/// try makes things worse. `expired`: its deadline passed before it ran. `wrong_service`: whoever
/// sent it has an old list of endpoints.
enum class Status : std::uint8_t { ok, failed, overloaded, expired, wrong_service };
BOOST_DESCRIBE_ENUM(Status, ok, failed, overloaded, expired, wrong_service)

struct Request {
  static constexpr std::string_view kWireName = "service.request";
  std::string service;
  std::string key;       ///< Hash policies place by it; may be empty.
  std::uint64_t id = 0;  ///< The caller's, for Cancel.
  /// Of the deadline, when it was sent: hosts share no clock. Duration::max() without one.
  Duration remaining = Duration::max();
  std::uint32_t attempt = 0;  ///< 0 for the first.
  DagorLevel priority;
};
BOOST_DESCRIBE_STRUCT(Request, (), (service, key, id, remaining, attempt, priority))

struct Response {
  static constexpr std::string_view kWireName = "service.response";
  Status status = Status::failed;
  std::uint32_t version = 0;  ///< Of the service that answered.
  /// What is admitted here at present: the caller may refuse the rest at its side.
  DagorLevel admitted{std::numeric_limits<std::uint8_t>::max(),
                      std::numeric_limits<std::uint8_t>::max()};
  /// How long to wait before another try (gRPC's pushback, proposal A6; HTTP's Retry-After).
  std::optional<Duration> pushback;
};
BOOST_DESCRIBE_STRUCT(Response, (), (status, version, admitted, pushback))

/// Nobody waits for the answer to this request any more. An event: it is not answered.
struct Cancel {
  static constexpr std::string_view kWireName = "service.cancel";
  std::uint64_t id = 0;
};
BOOST_DESCRIBE_STRUCT(Cancel, (), (id))

}  // namespace windtunnel::service
