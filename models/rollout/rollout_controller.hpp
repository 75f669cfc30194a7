// Carries rollouts out: one controller beside every node of the replicated store, of which the one
// beside the leader acts. What it knows stands in the store; whoever leads next goes on from there.
//
// Two controllers may believe that they lead. Every write names the revision it replaces, and both
// revisions, of the rollout and of the split, come from one state of the store: a split decided
// under an older record of the rollout can no longer be written once a newer one's is there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/config/config_client.hpp"
#include "models/kv/client.hpp"
#include "models/kv/node.hpp"
#include "models/rollout/rollout.hpp"
#include "runtime/host.hpp"

namespace windtunnel::rollout {

struct RolloutControllerOptions {
  std::vector<HostId> nodes;
  Duration tick = std::chrono::milliseconds{100};
  /// How often it writes down what it has learned where nothing is to be decided: as much is
  /// forgotten with a lost leader.
  Duration save_every = std::chrono::seconds{2};
};

/// Part of a Program; the node must outlive it.
class RolloutController {
 public:
  RolloutController(Host& host, const kv::Node& node, RolloutControllerOptions options);
  RolloutController(const RolloutController&) = delete;
  RolloutController& operator=(const RolloutController&) = delete;

 private:
  struct Active {
    Rollout rollout;
    RolloutState saved;          ///< As it stands in the store ...
    std::uint64_t revision = 0;  ///< ... at this revision.
    Instant saved_at{};
    bool is_split_written = false;  ///< The split that `saved` asks for.
  };

  asio::awaitable<void> run();
  /// Takes over what is in the store and is not, or is older, in memory.
  void adopt();
  /// False where somebody else may have been here: what is in memory is to be forgotten.
  asio::awaitable<bool> drive(Active& active);
  asio::awaitable<bool> save(Active& active);
  asio::awaitable<bool> write_split(Active& active);
  void state_fact(const Active& active);

  Host& host_;
  const kv::Node& node_;
  RolloutControllerOptions options_;
  kv::Client client_;
  config::ConfigClient configuration_;
  std::map<std::string, Active, std::less<>> active_;  ///< By key; changed by run() alone.
  Subscription reports_;
};

}  // namespace windtunnel::rollout
