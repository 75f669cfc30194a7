#include "models/health/swim_member.hpp"

#include <algorithm>
#include <utility>

#include "models/health/facts.hpp"
#include "models/health/random_order.hpp"

namespace windtunnel::health {

namespace {

/// Whole states go over a connection, as memberlist's go over TCP; all else may be lost.
Delivery delivery_of(SwimMessageType type) {
  const bool is_exchange =
      type == SwimMessageType::exchange || type == SwimMessageType::exchange_reply;
  return is_exchange ? Delivery::stream : Delivery::datagram;
}

}  // namespace

SwimMember::SwimMember(Host& host, const SwimMemberOptions& options, OnChange on_change)
    : host_(host),
      on_change_(std::move(on_change)),
      swim_(host.id(), options.swim, host.now(), host.random("health.swim")),
      due_(host, [this] { attend(); }),
      messages_(host.messages().on<SwimMessage>(
          [this](HostId, const SwimMessage& message) { step(message); })) {
  for (const HostId member : options.group) {
    if (member != host.id()) {
      swim_.add_member(host.now(), member);
    }
  }
  join_some(options);
  follow();
}

void SwimMember::join_some(const SwimMemberOptions& options) {
  RandomStream random = host_.random("health.swim.contacts");
  std::vector<HostId> contacts = options.group;
  std::erase(contacts, host_.id());
  keep_some(contacts, options.contacts, random);
  for (const HostId contact : contacts) {
    swim_.join(contact);
  }
}

void SwimMember::step(const SwimMessage& message) {
  swim_.step(host_.now(), message);
  follow();
}

void SwimMember::attend() {
  swim_.on_deadline(host_.now());
  follow();
}

void SwimMember::follow() {
  while (std::optional<SwimMessage> message = swim_.poll()) {
    const HostId to = message->to;
    const Delivery delivery = delivery_of(message->type);
    host_.messages().send(to, *std::move(message), delivery);
  }
  for (const MembershipChanged& change : swim_.events()) {
    tell(change);
  }
  swim_.clear_events();
  due_.expires_at(swim_.next_deadline());
}

void SwimMember::tell(const MembershipChanged& change) {
  const bool is_dead = change.state == MemberState::dead || change.state == MemberState::left;
  if (is_dead && dead_.insert(change.member).second) {
    host_.journal().record(MemberFoundDead{change.member, change.from});
    on_change_(change.member, false);
  } else if (change.state == MemberState::alive && dead_.erase(change.member) > 0) {
    host_.journal().record(MemberFoundAlive{change.member});
    on_change_(change.member, true);
  }
}

}  // namespace windtunnel::health
