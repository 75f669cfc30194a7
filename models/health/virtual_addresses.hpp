// The virtual addresses that matter to one host: it runs a VRRP router for each that it shares, and
// learns from the advertisements that it hears who holds the others. As with a switch that learns
// where the virtual router's hardware address was last seen, the last one heard is the holder.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/health/vrrp.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::health {

/// An advertisement on its way. To everybody on the network of the virtual address.
struct AddressAdvertised {
  static constexpr std::string_view kWireName = "health.address_advertised";
  std::uint8_t version = 3;
  std::uint8_t router = 1;
  std::uint8_t priority = 100;
  std::uint16_t interval_centiseconds = 100;
};
BOOST_DESCRIBE_STRUCT(AddressAdvertised, (), (version, router, priority, interval_centiseconds))

struct VirtualAddress {
  std::string name;
  /// Its virtual_router_id tells addresses apart; primary_address is filled in.
  VrrpOptions options{};
  /// Whom an advertisement reaches, this host aside. Empty where it shares no router.
  std::vector<HostId> audience{};
  bool is_shared = false;  ///< Whether this host is one of its routers.
};

class VirtualAddresses {
 public:
  /// Hears of each change of whom this host takes for the holder.
  using OnHolder = std::function<void(std::string_view address, HostId holder)>;

  VirtualAddresses(Host& host, std::vector<VirtualAddress> addresses, OnHolder on_holder);
  VirtualAddresses(const VirtualAddresses&) = delete;
  VirtualAddresses& operator=(const VirtualAddresses&) = delete;

 private:
  struct Known {
    VirtualAddress address;
    std::optional<VrrpRouter> router;
    std::unique_ptr<Timeout> due;
    VrrpState state = VrrpState::initialize;
    std::optional<HostId> holder;
  };

  void hear(HostId from, const AddressAdvertised& advertised);
  void attend(Known& known);
  /// What the router has to say and who it is now, after each thing that it heard.
  void follow(Known& known);
  void take_for_holder(Known& known, HostId holder);

  Host& host_;
  OnHolder on_holder_;
  std::vector<Known> known_;
  Subscription messages_;
};

}  // namespace windtunnel::health
