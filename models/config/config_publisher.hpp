// Pushes configuration from one control-plane node to the hosts that subscribe there. Runs beside a
// node of the replicated store, on any of them: what that node has applied is committed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "models/config/document_set.hpp"
#include "models/config/interest.hpp"
#include "models/config/members.hpp"
#include "models/config/messages.hpp"
#include "models/config/push_distributor.hpp"
#include "models/config/push_mode.hpp"
#include "models/kv/node.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::config {

struct ConfigPublisherOptions {
  PushOptions push{};
  PushMode mode = PushMode::delta;
  /// Which parts of the store are published; their document prefixes are no prefixes of each other,
  /// but that of the configuration itself, which is empty.
  std::vector<Feed> feeds{{kConfigPrefix, ""}};
  /// A subscriber that has not renewed for so long is gone.
  Duration subscription_lasts = std::chrono::seconds{15};
};

/// One push as it was sent.
struct SentPush {
  HostId to{};
  std::uint64_t revision = 0;
  std::size_t bytes = 0;  ///< Of the encoded update.
};

class ConfigPublisher {
 public:
  /// The node must outlive it.
  ConfigPublisher(Host& host, kv::Node& node, ConfigPublisherOptions options = {});
  ConfigPublisher(const ConfigPublisher&) = delete;
  ConfigPublisher& operator=(const ConfigPublisher&) = delete;

  [[nodiscard]] const PushDistributor& distributor() const { return distributor_; }
  [[nodiscard]] std::size_t subscribers() const { return members_.size(); }
  /// Encoded updates sent, in bytes.
  [[nodiscard]] std::uint64_t bytes_pushed() const { return bytes_pushed_; }
  /// Tells somebody on the same host of every push.
  void observe_pushes(std::function<void(const SentPush&)> observer) {
    on_push_ = std::move(observer);
  }

 private:
  /// What a subscription says; which of the two messages it came in does not matter further.
  struct Wish {
    std::uint64_t process = 0;
    std::uint64_t held = 0;
    Interest interest;
  };
  /// What leads from one revision to the present one, for all who want the same.
  struct Prepared {
    PushMessage message;
    bool brings_something = true;
  };

  void serve_subscribers();
  void observe(const kv::Event& event);
  [[nodiscard]] const Feed* feed_of(std::string_view key) const;
  void subscribe(HostId from, const Wish& wish, const ReplyTo& reply);
  void hear(HostId from, const PushAnswer& answer);
  void leave(HostId host, const Member& member);
  void forget_silent();
  /// Does what is due, sends what may be sent, and sets the timer for what comes next.
  void run();
  void settle(std::uint64_t revision);
  void settle(const kv::Event& event);
  void send(const Push& push);
  [[nodiscard]] const Prepared& prepared(std::uint32_t interest, std::uint64_t held);

  Host& host_;
  kv::Node& node_;
  ConfigPublisherOptions options_;
  PushDistributor distributor_;
  DocumentSet documents_;            // As of the version that is pushed.
  std::vector<kv::Event> gathered_;  // What has changed since.
  std::map<Interest, std::uint32_t> interests_;
  std::vector<const Interest*> interest_of_;  // By number.
  // For this version, by what is wanted and what is held.
  std::map<std::pair<std::uint32_t, std::uint64_t>, Prepared> prepared_;
  Members members_;
  std::vector<HostId> host_of_;  // By subscriber.
  std::uint64_t bytes_pushed_ = 0;
  std::function<void(const SentPush&)> on_push_;
  Timeout timer_;
  Timeout sweeper_;
  std::vector<Subscription> handlers_;
};

}  // namespace windtunnel::config
