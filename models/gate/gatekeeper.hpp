// The gate before changes of configuration: polls the bundle from the replicated store, and answers
// whether a change may be made. Stands on every host of the control plane; it need not lead, and
// where it cannot reach the store it goes by what it had, and says how old that is.
#pragma once

#include <optional>
#include <vector>

#include "models/gate/bundle.hpp"
#include "models/gate/messages.hpp"
#include "models/kv/client.hpp"
#include "runtime/host.hpp"
#include "runtime/random.hpp"

namespace windtunnel::gate {

struct GatekeeperOptions {
  std::vector<HostId> nodes;
  /// Between two polls; up to a tenth more or less, so that gates do not poll together.
  Duration poll = std::chrono::seconds{5};
  WithoutBundle without_bundle = WithoutBundle::closed;
  /// Written into the store where nothing stands there yet.
  std::optional<Bundle> first;
};

/// Part of a Program.
class Gatekeeper {
 public:
  Gatekeeper(Host& host, GatekeeperOptions options);
  Gatekeeper(const Gatekeeper&) = delete;
  Gatekeeper& operator=(const Gatekeeper&) = delete;

  [[nodiscard]] const BundleHolder& bundle() const { return bundle_; }

 private:
  asio::awaitable<void> run();
  /// Whether the store answered.
  asio::awaitable<bool> poll();
  asio::awaitable<void> write_first();
  void take(std::uint64_t revision, std::string_view content);
  void answer(const ReviewRequest& request, const ReplyTo& reply);

  Host& host_;
  GatekeeperOptions options_;
  kv::Client client_;
  RandomStream random_;
  BundleHolder bundle_;
  Subscription reviews_;
};

}  // namespace windtunnel::gate
