// What the clients and the server of a global quota say to each other. Any of it may be lost, late,
// doubled or out of order.
#pragma once

#include <cstdint>
#include <string_view>

#include <boost/describe/class.hpp>

#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::limit {

/// One user of a global quota. Dense ids are not needed.
using QuotaClientId = Id<struct QuotaClientTag>;

/// Thousandths of a request a second.
using Quota = std::uint64_t;

struct QuotaRequest {
  static constexpr std::string_view kWireName = "limit.quota_request";
  QuotaClientId client{};
  std::uint64_t incarnation = 0;  ///< Greater after each restart of the client.
  std::uint64_t epoch = 0;        ///< Of the newest server that it has heard from; 0 is none.
  std::uint64_t adopted = 0;      ///< Its newest lease of that server, by number; 0 is none.
  Quota holds = 0;                ///< By lease, whoever granted it, as it sends this.
  Quota wants = 0;
  std::uint32_t weight = 1;  ///< For how many it asks.
  Instant sent_at{};         ///< On its own clock; comes back with the response.
};
BOOST_DESCRIBE_STRUCT(QuotaRequest, (),
                      (client, incarnation, epoch, adopted, holds, wants, weight, sent_at))

struct QuotaResponse {
  static constexpr std::string_view kWireName = "limit.quota_response";
  QuotaClientId client{};
  std::uint64_t incarnation = 0;
  std::uint64_t epoch = 0;
  std::uint64_t lease = 0;   ///< Numbered from 1 in each epoch; 0 grants nothing yet.
  Quota quota = 0;           ///< In the place of what it held, and may be less.
  Duration length{};         ///< From the request's sending, on the client's own clock.
  Duration refresh_after{};  ///< Likewise.
  Instant request_sent_at{};
};
BOOST_DESCRIBE_STRUCT(QuotaResponse, (),
                      (client, incarnation, epoch, lease, quota, length, refresh_after,
                       request_sent_at))

}  // namespace windtunnel::limit
