// What clients and nodes of the replicated store say to each other about leases.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/kv/messages.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::kv {

struct LeaseGrantRequest {
  static constexpr std::string_view kWireName = "kv.lease_grant_request";
  Duration ttl{};
};
BOOST_DESCRIBE_STRUCT(LeaseGrantRequest, (), (ttl))

struct LeaseRevokeRequest {
  static constexpr std::string_view kWireName = "kv.lease_revoke_request";
  LeaseId id{};
};
BOOST_DESCRIBE_STRUCT(LeaseRevokeRequest, (), (id))

/// Answers both.
struct LeaseResponse {
  static constexpr std::string_view kWireName = "kv.lease_response";
  Status status = Status::not_leader;
  std::optional<HostId> leader;
  ChangeOutcome outcome = ChangeOutcome::done;  ///< `conflict`: no such lease can be granted.
  std::uint64_t revision = 0;                   ///< Of the command. A grant's names the lease.
};
BOOST_DESCRIBE_STRUCT(LeaseResponse, (), (status, leader, outcome, revision))

/// Renews leases in the leader's memory: no write, but proof that it leads.
struct KeepAliveRequest {
  static constexpr std::string_view kWireName = "kv.keep_alive_request";
  std::vector<LeaseId> leases;
};
BOOST_DESCRIBE_STRUCT(KeepAliveRequest, (), (leases))

struct KeepAliveResponse {
  static constexpr std::string_view kWireName = "kv.keep_alive_response";
  Status status = Status::not_leader;
  std::optional<HostId> leader;
  std::vector<Duration> ttls;  ///< For each lease asked about; zero where it is lost.
};
BOOST_DESCRIBE_STRUCT(KeepAliveResponse, (), (status, leader, ttls))

/// A lease ran out, or was given back, and its keys are gone.
struct LeaseRevoked {
  static constexpr std::string_view kWireName = "kv.lease_revoked";
  LeaseId id{};
  bool has_expired = false;
};
BOOST_DESCRIBE_STRUCT(LeaseRevoked, (), (id, has_expired))

}  // namespace windtunnel::kv
