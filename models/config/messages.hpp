// What a control-plane node and the hosts that it configures say to each other: a subscription that
// is renewed, pushes, and their acknowledgement or refusal (the ACK and NACK of Envoy's xDS).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "runtime/bytes.hpp"

namespace windtunnel::config {

enum class SubscribeStatus : std::uint8_t {
  ok,
  no_leader,  ///< The node is cut off: what it knows may be old.
};
BOOST_DESCRIBE_ENUM(SubscribeStatus, ok, no_leader)

/// Asks for a subscription, or says that it is still wanted.
struct SubscribeRequest {
  static constexpr std::string_view kWireName = "config.subscribe_request";
  std::uint64_t process = 0;  ///< Drawn at each start: a restarted subscriber holds nothing.
  std::uint64_t held = 0;     ///< The revision applied; 0 for none.
};
BOOST_DESCRIBE_STRUCT(SubscribeRequest, (), (process, held))

/// The same, to certain documents only: see Interest. One that wants something else than before
/// subscribes anew, as another process.
struct SubscribeToRequest {
  static constexpr std::string_view kWireName = "config.subscribe_to_request";
  std::uint64_t process = 0;
  std::uint64_t held = 0;
  std::vector<std::string> wanted;
};
BOOST_DESCRIBE_STRUCT(SubscribeToRequest, (), (process, held, wanted))

struct SubscribeResponse {
  static constexpr std::string_view kWireName = "config.subscribe_response";
  SubscribeStatus status = SubscribeStatus::ok;
  std::uint64_t revision = 0;  ///< That the node pushes at present.
};
BOOST_DESCRIBE_STRUCT(SubscribeResponse, (), (status, revision))

struct Unsubscribe {
  static constexpr std::string_view kWireName = "config.unsubscribe";
  std::uint64_t process = 0;
};
BOOST_DESCRIBE_STRUCT(Unsubscribe, (), (process))

struct PushMessage {
  static constexpr std::string_view kWireName = "config.push";
  std::uint64_t nonce = 0;
  std::uint64_t from = 0;  ///< As in the update; here so that it need not be decoded to be refused.
  std::uint64_t to = 0;
  SharedBytes update;  ///< An encoded Update, shared by all subscribers that lack the same.
};
BOOST_DESCRIBE_STRUCT(PushMessage, (), (nonce, from, to, update))

/// The push has been applied, or `refusal` says why not.
struct PushAnswer {
  static constexpr std::string_view kWireName = "config.push_answer";
  std::uint64_t nonce = 0;
  std::optional<std::string> refusal;
};
BOOST_DESCRIBE_STRUCT(PushAnswer, (), (nonce, refusal))

}  // namespace windtunnel::config
