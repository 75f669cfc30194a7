// The driver's side of Swim: deadlines, messages in and out, gossip.
#include "models/health/swim.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::health {
namespace {

/// The next of the ticks `interval` apart that lies after `now`.
Instant tick_after(Instant tick, Duration interval, Instant now) {
  return now < tick ? tick : tick + interval * ((now - tick) / interval + 1);
}

}  // namespace

Swim::Swim(HostId self, const SwimOptions& options, Instant now, RandomStream random)
    : self_(self), options_(options), random_(std::move(random)) {
  check(options.probe_interval > Duration::zero() && options.gossip_interval > Duration::zero(),
        "probes and gossip have intervals");
  check(options.probe_timeout < options.probe_interval, "others are asked within the interval");
  check(options.awareness_max_multiplier > 0, "a probe takes at least one interval");
  const auto first_tick = [&](Duration interval) {
    return now + random_.uniform(Duration::zero(), interval);
  };
  next_probe_ = first_tick(options.probe_interval);
  next_gossip_ = first_tick(options.gossip_interval);
  next_push_pull_ = options.push_pull_interval > Duration::zero()
                        ? first_tick(options.push_pull_interval)
                        : Instant::max();
}

void Swim::add_member(Instant now, HostId member) {
  check(member != self_ && !members_.contains(member), "each member is added once");
  members_[member] = {.state = MemberState::alive, .incarnation = 1, .changed_at = now};
  insert_at_random(ring_, member, random_);
}

void Swim::join(HostId contact) {
  send_exchange(contact, SwimMessageType::exchange);
}

void Swim::leave() {
  has_left_ = true;
  rumors_.add(
      {.member = self_, .state = MemberState::left, .incarnation = incarnation_, .from = self_});
}

Instant Swim::next_deadline() const {
  Instant earliest = std::min({next_gossip_, next_push_pull_, next_probe_});
  if (probe_) {
    // The next probe waits for this one's verdict.
    const Instant due = probe_->has_asked_others ? probe_->verdict_at : probe_->ask_others_at;
    earliest = std::min({next_gossip_, next_push_pull_, due});
  }
  for (const Relay& relay : relays_) {
    earliest = std::min(earliest, relay.nack_at);
  }
  for (const auto& [suspect, suspicion] : suspicions_) {
    earliest = std::min(earliest, suspicion.deadline());
  }
  return earliest;
}

void Swim::on_deadline(Instant now) {
  tend_suspicions(now);
  tend_relays(now);
  tend_probe(now);
  tend_gossip(now);
  tend_push_pull(now);
}

void Swim::step(Instant now, const SwimMessage& message) {
  check(message.to == self_, "a message for this member");
  if (message.type == SwimMessageType::exchange ||
      message.type == SwimMessageType::exchange_reply) {
    merge(now, message);
    return;
  }
  for (const Rumor& rumor : message.rumors) {
    apply(now, rumor);
  }
  switch (message.type) {
    case SwimMessageType::ping:
      answer_ping(message);
      break;
    case SwimMessageType::indirect_ping:
      relay_ping(now, message);
      break;
    case SwimMessageType::ack:
      take_ack(message);
      break;
    case SwimMessageType::nack:
      take_nack(message);
      break;
    case SwimMessageType::gossip:
    case SwimMessageType::exchange:
    case SwimMessageType::exchange_reply:
      break;
  }
}

std::optional<SwimMessage> Swim::poll() {
  if (output_.empty()) {
    return std::nullopt;
  }
  SwimMessage message = std::move(output_.front());
  output_.pop_front();
  return message;
}

void Swim::send(SwimMessage message) {
  message.from = self_;
  const std::size_t room = options_.rumors_per_message_max;
  if (room > message.rumors.size()) {
    rumors_.take(room - message.rumors.size(),
                 swim_retransmit_limit(options_.retransmit_multiplier, member_count()),
                 message.rumors);
  }
  output_.push_back(std::move(message));
}

void Swim::tend_gossip(Instant now) {
  if (now < next_gossip_) {
    return;
  }
  next_gossip_ = tick_after(next_gossip_, options_.gossip_interval, now);
  if (options_.rumors_per_message_max == 0 || rumors_.is_empty()) {
    return;
  }
  const auto chosen = choose(options_.gossip_nodes, [&](HostId, const Member& member) {
    return is_gossiped_to(now, member);
  });
  for (const HostId to : chosen) {
    if (!rumors_.is_empty()) {
      send({.type = SwimMessageType::gossip, .to = to});
    }
  }
}

bool Swim::is_gossiped_to(Instant now, const Member& member) const {
  // The dead are told for a while, so that one that lives can contradict.
  return member.state == MemberState::alive || member.state == MemberState::suspect ||
         now - member.changed_at <= options_.gossip_to_the_dead_time;
}

void Swim::tend_push_pull(Instant now) {
  if (now < next_push_pull_) {
    return;
  }
  next_push_pull_ = now + options_.push_pull_interval * swim_push_pull_scale(member_count());
  for (const HostId partner :
       choose(1, [](HostId, const Member& member) { return member.state == MemberState::alive; })) {
    send_exchange(partner, SwimMessageType::exchange);
  }
}

void Swim::send_exchange(HostId to, SwimMessageType type) {
  SwimMessage message{.type = type, .from = self_, .to = to};
  message.rumors.push_back({.member = self_,
                            .state = has_left_ ? MemberState::left : MemberState::alive,
                            .incarnation = incarnation_,
                            .from = self_});
  for (const auto& [host, member] : members_) {
    message.rumors.push_back(
        {.member = host, .state = member.state, .incarnation = member.incarnation, .from = self_});
  }
  output_.push_back(std::move(message));
}

std::optional<MemberState> Swim::state_of(HostId member) const {
  if (member == self_) {
    return has_left_ ? MemberState::left : MemberState::alive;
  }
  const auto found = members_.find(member);
  return found == members_.end() ? std::nullopt : std::optional{found->second.state};
}

}  // namespace windtunnel::health
