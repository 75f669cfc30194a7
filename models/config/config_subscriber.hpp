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
  /// Which documents others refer to; the others are those that refer.
  Interest referred_to = Interest::in({});
  /// How often the subscription is renewed: within this, and the timeout, a lost node is noticed.
  Duration renew_every = std::chrono::seconds{5};
  Duration timeout = std::chrono::seconds{1};
  /// Before the next node is tried; with full jitter.
  Duration pause_max = std::chrono::seconds{1};
};

class ConfigSubscriber {
 public:
  using Documents = std::map<std::string, Document, std::less<>>;
  /// A version comes into effect in steps, see steps_of(). Nothing changes in a step but what it
  /// names; a snapshot, or an update that begins before what is held, names also what stays as it
  /// is, and by the time it gets here a snapshot says what it removes.
  struct Hooks {
    /// A version has come: a reason refuses it whole, and what is held stays.
    std::function<std::optional<std::string>(const Update& update)> check;
    /// What must be done, and may take time, before a step is in effect.
    std::function<asio::awaitable<void>(const Update& step)> prepare;
    /// The step is in effect, and documents() are so.
    std::function<void(const Update& step)> apply;
  };

  ConfigSubscriber(Host& host, ConfigSubscriberOptions options, Hooks hooks);
  ConfigSubscriber(const ConfigSubscriber&) = delete;
  ConfigSubscriber& operator=(const ConfigSubscriber&) = delete;

  /// The last good version; empty at revision 0. While a version comes into effect: as of the step.
  [[nodiscard]] const Documents& documents() const { return documents_; }
  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  /// The node that it follows at present.
  [[nodiscard]] HostId node() const { return node_; }

 private:
  // In steps, and not as a coroutine: thousands of subscribers renew for as long as a run lasts.
  void subscribe();
  void hear(bool is_subscribed);
  void move_on();
  asio::awaitable<void> receive(HostId from, PushMessage message);
  asio::awaitable<std::optional<std::string>> take(const PushMessage& message);
  /// The update as what changes in what is held.
  [[nodiscard]] Update change_by(Update update) const;
  void hold(const Update& step);

  Host& host_;
  ConfigSubscriberOptions options_;
  Hooks hooks_;
  RandomStream random_;
  std::uint64_t process_;
  HostId node_;
  Documents documents_;
  std::uint64_t revision_ = 0;
  bool is_applying_ = false;
  Timeout renewal_;  ///< Or the next try.
  Subscription handler_;
};

}  // namespace windtunnel::config
