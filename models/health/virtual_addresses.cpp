#include "models/health/virtual_addresses.hpp"

#include <algorithm>
#include <utility>

#include "models/health/facts.hpp"

namespace windtunnel::health {

namespace {

/// Hosts have numbers; VRRP breaks ties by the larger address.
std::uint32_t address_of(HostId host) {
  return host.value() + 1;
}

}  // namespace

VirtualAddresses::VirtualAddresses(Host& host, std::vector<VirtualAddress> addresses,
                                   OnHolder on_holder)
    : host_(host),
      on_holder_(std::move(on_holder)),
      messages_(host.messages().on<AddressAdvertised>(
          [this](HostId from, const AddressAdvertised& advertised) { hear(from, advertised); })) {
  known_.reserve(addresses.size());
  for (VirtualAddress& address : addresses) {
    Known& known = known_.emplace_back();
    known.address = std::move(address);
    if (known.address.is_shared) {
      known.address.options.primary_address = address_of(host.id());
      known.router.emplace(known.address.options);
      known.due = std::make_unique<Timeout>(host, [this, &known] { attend(known); });
      known.router->start(host.now());
      follow(known);
    }
  }
}

void VirtualAddresses::hear(HostId from, const AddressAdvertised& advertised) {
  const auto known = std::find_if(known_.begin(), known_.end(), [&](const Known& one) {
    return one.address.options.virtual_router_id == advertised.router;
  });
  if (known == known_.end()) {
    return;
  }
  take_for_holder(*known, from);
  if (known->router) {
    known->router->step(host_.now(), {.version = static_cast<VrrpVersion>(advertised.version),
                                      .virtual_router_id = advertised.router,
                                      .priority = advertised.priority,
                                      .interval_centiseconds = advertised.interval_centiseconds,
                                      .sender_address = address_of(from)});
    follow(*known);
  }
}

void VirtualAddresses::attend(Known& known) {
  known.router->on_deadline(host_.now());
  follow(known);
}

void VirtualAddresses::follow(Known& known) {
  if (const std::optional<VrrpAdvertisement> due = known.router->take_advertisement()) {
    take_for_holder(known, host_.id());
    const AddressAdvertised advertised{static_cast<std::uint8_t>(due->version),
                                       due->virtual_router_id, due->priority,
                                       due->interval_centiseconds};
    for (const HostId to : known.address.audience) {
      if (to != host_.id()) {
        host_.messages().send(to, advertised, Delivery::datagram);
      }
    }
  }
  const VrrpState before = std::exchange(known.state, known.router->state());
  if (known.state == VrrpState::active && before != VrrpState::active) {
    host_.journal().record(AddressTaken{known.address.name});
  } else if (known.state != VrrpState::active && before == VrrpState::active) {
    host_.journal().record(AddressYielded{known.address.name});
  }
  known.due->expires_at(known.router->next_deadline());
}

void VirtualAddresses::take_for_holder(Known& known, HostId holder) {
  if (known.holder != holder) {
    known.holder = holder;
    on_holder_(known.address.name, holder);
  }
}

}  // namespace windtunnel::health
