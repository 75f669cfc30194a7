// Who has subscribed at one publisher, by host. A place for every host, since thousands of
// subscribers renew all the time: each is found in one step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/config/push_distributor.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::config {

struct Member {
  SubscriberId id{};
  std::uint64_t process = 0;
  Instant renewed_at{};
  std::uint32_t interest = 0;
};

class Members {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// Null where the host has not subscribed. Stays valid until another is added.
  [[nodiscard]] Member* find(HostId host) {
    return host.value() < by_host_.size() && by_host_[host.value()] ? &*by_host_[host.value()]
                                                                    : nullptr;
  }
  /// Precondition: the host has not subscribed.
  Member& add(HostId host, const Member& member) {
    if (host.value() >= by_host_.size()) {
      by_host_.resize(host.value() + std::size_t{1});
    }
    ++size_;
    return by_host_[host.value()].emplace(member);
  }
  void remove(HostId host) {
    if (find(host) != nullptr) {
      by_host_[host.value()].reset();
      --size_;
    }
  }
  /// Those that `is_gone` is true of, in the order of their hosts.
  template <typename IsGone>
  [[nodiscard]] std::vector<HostId> select(IsGone is_gone) const {
    std::vector<HostId> selected;
    for (std::size_t host = 0; host < by_host_.size(); ++host) {
      if (by_host_[host] && is_gone(*by_host_[host])) {
        selected.emplace_back(static_cast<HostId::rep>(host));
      }
    }
    return selected;
  }

 private:
  std::vector<std::optional<Member>> by_host_;
  std::size_t size_ = 0;
};

}  // namespace windtunnel::config
