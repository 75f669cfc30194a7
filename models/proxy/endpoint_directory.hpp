// The instances of one service as one proxy knows them: where each is, and which are in use. An
// instance keeps its number for the life of the proxy, so that requests under way to it may end
// after it has gone, and come back. Whether it was ejected is forgotten when it goes, as in Envoy.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/balance/endpoint.hpp"
#include "models/registry/instance.hpp"

namespace windtunnel::proxy {

class EndpointDirectory {
 public:
  // What an update says; none of it counts before settle().
  void put(const registry::Instance& instance);
  void remove(std::string_view id);

  /// The update has been read: what is registered now is in use from now on. Where nobody is left,
  /// those in use before stay: there is nobody to take their place, so a registry that is wrong
  /// about them would do harm, and one that is right loses nothing by it.
  void settle();
  /// What requests may go to, by id: proxies that know the same list it in the same order.
  [[nodiscard]] std::vector<balance::Endpoint> endpoints() const;

  /// Of any endpoint ever known.
  [[nodiscard]] HostId host_of(balance::EndpointId endpoint) const {
    return known_[endpoint.value()].host;
  }
  /// Whether those in use are registered no longer.
  [[nodiscard]] bool is_holding_on() const { return registered_ == 0 && !in_use_.empty(); }

 private:
  struct Known {
    std::string id;
    HostId host{};
    std::string zone;
    std::string version;
    bool is_registered = false;
    std::vector<registry::Label> labels{};
  };

  std::vector<Known> known_;  // By number.
  std::map<std::string, std::size_t, std::less<>> number_of_;
  std::size_t registered_ = 0;
  std::vector<std::size_t> in_use_;
};

}  // namespace windtunnel::proxy
