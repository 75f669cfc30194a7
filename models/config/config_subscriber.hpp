// The receiving end of the configuration: holds the documents of the last version that was applied,
// whatever becomes of the control plane, and moves only forward. Follows one control-plane node,
// and another when that one does not answer or has lost touch with its leader.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/config/document.hpp"
#include "models/config/facts.hpp"
#include "models/config/interest.hpp"
#include "models/config/messages.hpp"
#include "runtime/host.hpp"
#include "runtime/random.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::config {

struct ConfigSubscriberOptions {
  std::vector<HostId> nodes;
  Interest interest;
  /// How often the subscription is renewed: within this, and the timeout, a lost node is noticed.
  Duration renew_every = std::chrono::seconds{5};
  Duration timeout = std::chrono::seconds{1};
  /// Before the next node is tried; with full jitter.
  Duration pause_max = std::chrono::seconds{1};
};

class ConfigSubscriber {
 public:
  using Documents = std::map<std::string, Document, std::less<>>;
  /// An update may begin before what is held: for each document that has changed since it began, it
  /// has the latest state.
  struct Hooks {
    /// Looks at a version that has come, which may take time. A reason refuses the whole version,
    /// and what is held stays.
    std::function<asio::awaitable<std::optional<std::string>>(const Update& update)> check;
    /// The version is held, and documents() are its own.
    std::function<void(const Update& update)> apply;
  };

  ConfigSubscriber(Host& host, ConfigSubscriberOptions options, Hooks hooks);
  ConfigSubscriber(const ConfigSubscriber&) = delete;
  ConfigSubscriber& operator=(const ConfigSubscriber&) = delete;

  /// The last good version; empty at revision 0.
  [[nodiscard]] const Documents& documents() const { return documents_; }
  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  /// The node that it follows at present.
  [[nodiscard]] HostId node() const { return node_; }

 private:
  asio::awaitable<void> run();
  /// True where the node has taken the subscription, or still has it.
  asio::awaitable<bool> subscribe();
  template <typename Request>
  asio::awaitable<bool> subscribe(Request request);
  void move_on();
  asio::awaitable<void> receive(HostId from, PushMessage message);
  asio::awaitable<std::optional<std::string>> take(const PushMessage& message);
  void hold(const Update& update);

  Host& host_;
  ConfigSubscriberOptions options_;
  Hooks hooks_;
  RandomStream random_;
  std::uint64_t process_;
  HostId node_;
  Documents documents_;
  std::uint64_t revision_ = 0;
  bool is_applying_ = false;
  Subscription handler_;
};

}  // namespace windtunnel::config
