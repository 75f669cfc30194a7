// Carries rotations of the root out: one controller beside every node of the replicated store, of
// which the one beside the leader acts. What is done stands in the store; what workloads hold they
// say themselves, again and again, so that a new leader knows after a moment.
//
// Two controllers may believe that they lead. Every write names the revision it replaces, taken
// from one state of the store together with the rotation's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/config/config_client.hpp"
#include "models/identity/issuing.hpp"
#include "models/identity/messages.hpp"
#include "models/kv/client.hpp"
#include "models/kv/node.hpp"
#include "runtime/host.hpp"

namespace windtunnel::identity {

struct RotationControllerOptions {
  std::vector<HostId> nodes;
  std::string trust_domain = "cluster.local";
  Duration tick = std::chrono::milliseconds{100};
};

/// Part of a Program; the node must outlive it.
class RotationController {
 public:
  RotationController(Host& host, const kv::Node& node, RotationControllerOptions options);
  RotationController(const RotationController&) = delete;
  RotationController& operator=(const RotationController&) = delete;

 private:
  asio::awaitable<void> run();
  /// One thing that is to be done, if there is one.
  asio::awaitable<void> advance();
  asio::awaitable<void> write_trust(const Trust& trust, std::uint64_t expected);
  asio::awaitable<void> finish_step(RotationRecord rotation, std::uint64_t expected);
  /// Whether all workloads whose certificates count still have followed the present step.
  [[nodiscard]] bool have_all_followed(const RotationRecord& rotation) const;
  void state_fact(const RotationRecord& rotation);

  Host& host_;
  const kv::Node& node_;
  RotationControllerOptions options_;
  kv::Client client_;
  config::ConfigClient configuration_;
  std::map<std::string, WorkloadState, std::less<>> workloads_;  ///< As each said last.
  std::optional<std::pair<KeyId, std::uint32_t>> stated_;  ///< Root and steps of the last fact.
  Subscription reports_;
};

}  // namespace windtunnel::identity
