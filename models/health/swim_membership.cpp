// What Swim believes of whom: rumors, suspicions, deaths and their contradiction (memberlist 0.5,
// state.go: aliveNode, suspectNode, deadNode, mergeState, refute).
#include <algorithm>

#include "models/health/swim.hpp"

namespace windtunnel::health {

void Swim::apply(Instant now, const Rumor& rumor) {
  if (rumor.member == self_) {
    apply_to_self(rumor);
    return;
  }
  switch (rumor.state) {
    case MemberState::alive:
      apply_alive(now, rumor);
      break;
    case MemberState::suspect:
      apply_suspect(now, rumor);
      break;
    case MemberState::dead:
    case MemberState::left:
      apply_dead(now, rumor);
      break;
  }
}

void Swim::apply_to_self(const Rumor& rumor) {
  if (has_left_) {
    return;
  }
  // Life in a higher incarnation than this member ever had is from before a restart.
  const bool is_wrong = rumor.state == MemberState::alive ? rumor.incarnation > incarnation_
                                                          : rumor.incarnation >= incarnation_;
  if (is_wrong) {
    refute(rumor.incarnation);
  }
}

void Swim::refute(Incarnation accused) {
  incarnation_ = std::max(incarnation_, accused) + 1;
  // Lifeguard: who is suspected has reason to doubt itself.
  change_health(1);
  rumors_.add(
      {.member = self_, .state = MemberState::alive, .incarnation = incarnation_, .from = self_});
}

void Swim::apply_alive(Instant now, const Rumor& rumor) {
  auto [entry, is_new] = members_.try_emplace(rumor.member);
  if (is_new) {
    insert_at_random(ring_, rumor.member, random_);
  }
  if (rumor.incarnation <= entry->second.incarnation) {
    return;
  }
  rumors_.add(rumor);
  set_state(now, entry->second, rumor);
}

void Swim::apply_suspect(Instant now, const Rumor& rumor) {
  const auto entry = members_.find(rumor.member);
  if (entry == members_.end() || rumor.incarnation < entry->second.incarnation) {
    return;
  }
  Member& member = entry->second;
  if (const auto raised = suspicions_.find(rumor.member); raised != suspicions_.end()) {
    if (raised->second.confirm(rumor.from)) {
      rumors_.add(rumor);
    }
    return;
  }
  if (member.state != MemberState::alive) {
    return;
  }
  rumors_.add(rumor);
  set_state(now, member, rumor);
  // So many confirmations can be expected in the time of the multiplier, less two intervals for not
  // knowing when the others probe; none where there are not so many others.
  const std::uint32_t multiplier = options_.suspicion_multiplier;
  const std::uint32_t wanted = multiplier > 2 ? multiplier - 2 : 0;
  const std::uint32_t expected = member_count() < wanted + 2 ? 0 : wanted;
  const Duration shortest =
      swim_suspicion_timeout(multiplier, member_count(), options_.probe_interval);
  suspicions_.emplace(rumor.member,
                      Suspicion(now, rumor.from, expected, shortest,
                                shortest * options_.suspicion_max_timeout_multiplier));
}

void Swim::apply_dead(Instant now, const Rumor& rumor) {
  const auto entry = members_.find(rumor.member);
  if (entry == members_.end() || rumor.incarnation < entry->second.incarnation) {
    return;
  }
  const MemberState before = entry->second.state;
  if (before == MemberState::dead || before == MemberState::left) {
    return;
  }
  rumors_.add(rumor);
  set_state(now, entry->second, rumor);
}

void Swim::set_state(Instant now, Member& member, const Rumor& rumor) {
  member.incarnation = rumor.incarnation;
  suspicions_.erase(rumor.member);
  if (member.state == rumor.state) {
    return;
  }
  member.state = rumor.state;
  member.changed_at = now;
  events_.push_back({.at = now,
                     .member = rumor.member,
                     .state = rumor.state,
                     .incarnation = rumor.incarnation,
                     .from = rumor.from});
}

void Swim::tend_suspicions(Instant now) {
  for (auto next = suspicions_.begin(); next != suspicions_.end();) {
    const auto& [suspect, suspicion] = *next++;  // A death erases its suspicion.
    if (now >= suspicion.deadline()) {
      apply_dead(now, {.member = suspect,
                       .state = MemberState::dead,
                       .incarnation = members_.at(suspect).incarnation,
                       .from = self_});
    }
  }
}

void Swim::merge(Instant now, const SwimMessage& exchange) {
  if (exchange.type == SwimMessageType::exchange) {
    send_exchange(exchange.from, SwimMessageType::exchange_reply);
  }
  for (Rumor rumor : exchange.rumors) {
    if (rumor.state == MemberState::dead) {
      // Hearsay of a death is only a suspicion: the dead may have contradicted it since.
      rumor.state = MemberState::suspect;
    }
    if (rumor.state == MemberState::suspect) {
      rumor.from = self_;
    }
    apply(now, rumor);
  }
}

}  // namespace windtunnel::health
