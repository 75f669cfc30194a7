// The failure detector of Swim: one probe at a time, directly, then through others, then a verdict.
#include <algorithm>

#include "models/health/swim.hpp"
#include "runtime/check.hpp"

namespace windtunnel::health {

void Swim::tend_probe(Instant now) {
  if (probe_ && !probe_->has_asked_others && now >= probe_->ask_others_at) {
    ask_others(now);
  }
  if (probe_ && now >= probe_->verdict_at) {
    give_verdict(now);
  }
  if (probe_ || now < next_probe_) {
    return;
  }
  // A tick that fell into a long probe is made up for now; further ones are lost.
  next_probe_ += options_.probe_interval * ((now - next_probe_) / options_.probe_interval + 1);
  if (!has_left_) {
    start_probe(now);
  }
}

void Swim::start_probe(Instant now) {
  const auto target = next_target(now);
  if (!target) {
    return;
  }
  const Member& member = members_.at(*target);
  probe_ = Probe{.sequence = ++sequence_,
                 .target = *target,
                 .incarnation = member.incarnation,
                 .ask_others_at = now + options_.probe_timeout,
                 .verdict_at = now + options_.probe_interval * (health_score_ + 1)};
  SwimMessage ping{.type = SwimMessageType::ping,
                   .to = *target,
                   .sequence = probe_->sequence,
                   .target = *target};
  if (member.state == MemberState::suspect) {
    // Lifeguard's buddy system: a suspect is told first, and refutes soonest.
    ping.rumors.push_back({.member = *target,
                           .state = MemberState::suspect,
                           .incarnation = member.incarnation,
                           .from = self_});
  }
  send(std::move(ping));
}

std::optional<HostId> Swim::next_target(Instant now) {
  if (options_.probe_order == ProbeOrder::round_robin) {
    return next_in_ring(now);
  }
  const auto chosen = choose(1, [](HostId, const Member& member) {
    return member.state == MemberState::alive || member.state == MemberState::suspect;
  });
  return chosen.empty() ? std::nullopt : std::optional{chosen.front()};
}

std::optional<HostId> Swim::next_in_ring(Instant now) {
  // At most once around what is left of this round, and once around the next.
  for (int round = 0; round < 2; ++round) {
    while (ring_position_ < ring_.size()) {
      const HostId candidate = ring_[ring_position_++];
      const MemberState state = members_.at(candidate).state;
      if (state == MemberState::alive || state == MemberState::suspect) {
        return candidate;
      }
    }
    begin_round(now);
  }
  return std::nullopt;
}

void Swim::begin_round(Instant now) {
  std::erase_if(ring_, [&](HostId host) {
    const Member& member = members_.at(host);
    const bool is_forgotten = !is_gossiped_to(now, member);
    if (is_forgotten) {
      members_.erase(host);
    }
    return is_forgotten;
  });
  keep_some(ring_, ring_.size(), random_);
  ring_position_ = 0;
}

void Swim::ask_others(Instant) {
  probe_->has_asked_others = true;
  const HostId target = probe_->target;
  const auto helpers = choose(options_.indirect_checks, [&](HostId host, const Member& member) {
    return host != target && member.state == MemberState::alive;
  });
  probe_->nacks_expected = static_cast<std::uint32_t>(helpers.size());
  for (const HostId helper : helpers) {
    send({.type = SwimMessageType::indirect_ping,
          .to = helper,
          .sequence = probe_->sequence,
          .target = target});
  }
}

void Swim::give_verdict(Instant now) {
  const Probe failed = *probe_;
  probe_.reset();
  // Whoever was asked and did not even say that it had no answer speaks for a fault on this side.
  const std::uint32_t silent =
      failed.nacks_expected == 0 ? 1 : failed.nacks_expected - failed.nacks;
  change_health(static_cast<std::int32_t>(silent));
  apply_suspect(now, {.member = failed.target,
                      .state = MemberState::suspect,
                      .incarnation = failed.incarnation,
                      .from = self_});
}

void Swim::change_health(std::int32_t delta) {
  const auto most = static_cast<std::int32_t>(options_.awareness_max_multiplier) - 1;
  const std::int32_t changed = static_cast<std::int32_t>(health_score_) + delta;
  health_score_ = static_cast<std::uint32_t>(std::clamp(changed, 0, most));
}

void Swim::answer_ping(const SwimMessage& ping) {
  // A ping for another is one for an earlier owner of this address.
  if (ping.target == self_) {
    send({.type = SwimMessageType::ack, .to = ping.from, .sequence = ping.sequence});
  }
}

void Swim::relay_ping(Instant now, const SwimMessage& request) {
  relays_.push_back({.sequence = ++sequence_,
                     .origin = request.from,
                     .origin_sequence = request.sequence,
                     .nack_at = now + options_.nack_after});
  send({.type = SwimMessageType::ping,
        .to = request.target,
        .sequence = sequence_,
        .target = request.target});
}

void Swim::take_ack(const SwimMessage& ack) {
  if (probe_ && probe_->sequence == ack.sequence) {
    probe_.reset();
    change_health(-1);
    return;
  }
  const auto relay = std::find_if(relays_.begin(), relays_.end(), [&](const Relay& candidate) {
    return candidate.sequence == ack.sequence;
  });
  if (relay != relays_.end()) {
    send({.type = SwimMessageType::ack, .to = relay->origin, .sequence = relay->origin_sequence});
    relays_.erase(relay);
  }
}

void Swim::take_nack(const SwimMessage& nack) {
  if (probe_ && probe_->sequence == nack.sequence && probe_->nacks < probe_->nacks_expected) {
    ++probe_->nacks;
  }
}

void Swim::tend_relays(Instant now) {
  for (const Relay& relay : relays_) {
    if (now >= relay.nack_at) {
      send({.type = SwimMessageType::nack, .to = relay.origin, .sequence = relay.origin_sequence});
    }
  }
  std::erase_if(relays_, [&](const Relay& relay) { return now >= relay.nack_at; });
}

}  // namespace windtunnel::health
