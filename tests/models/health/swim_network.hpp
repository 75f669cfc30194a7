// SWIM members on a small network of their own: datagrams with latency and loss, crashes, pauses
// and cuts. Everything follows from one seed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "models/health/swim.hpp"
#include "runtime/check.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::health {

class SwimNetwork {
 public:
  /// What one member thought of another, and when.
  struct Belief {
    HostId observer;
    MembershipChanged change;
  };

  SwimNetwork(std::uint32_t members, const SwimOptions& options, std::uint64_t seed)
      : options_(options), seed_(seed), random_(seed, "network") {
    for (std::uint32_t index = 0; index < members; ++index) {
      start(HostId{index});
      for (std::uint32_t other = 0; other < members; ++other) {
        if (other != index) {
          members_[index]->add_member(now_, HostId{other});
        }
      }
      deadlines_[index] = members_[index]->next_deadline();
    }
  }

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] Swim& member(std::uint32_t index) { return *members_[index]; }
  [[nodiscard]] const std::vector<Belief>& beliefs() const { return beliefs_; }
  /// Messages sent so far, by type.
  [[nodiscard]] std::uint64_t sent(SwimMessageType type) const {
    return sent_[static_cast<std::size_t>(type)];
  }
  [[nodiscard]] std::uint64_t pings_from(std::uint32_t index) const { return pings_[index]; }
  /// A hash over all messages sent, with time and content.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

  void set_loss(double ratio) { loss_ = Probability::of_ratio(ratio); }
  [[nodiscard]] bool is_up(std::uint32_t index) const { return members_[index].has_value(); }
  /// Messages for which this holds vanish.
  void set_cut(std::function<bool(HostId, HostId)> cut) { cut_ = std::move(cut); }

  void crash(std::uint32_t index) {
    members_[index].reset();
    deadlines_[index] = Instant::max();
  }
  /// A crashed member comes back with no memory and asks `contact`.
  void restart(std::uint32_t index, std::uint32_t contact) {
    start(HostId{index});
    members_[index]->join(HostId{contact});
    settle(index);
  }
  void leave(std::uint32_t index) {
    members_[index]->leave();
    settle(index);
  }

  void run_for(Duration span) {
    const Instant end = now_ + span;
    while (true) {
      std::uint32_t due = 0;
      for (std::uint32_t index = 1; index < deadlines_.size(); ++index) {
        due = deadlines_[index] < deadlines_[due] ? index : due;
      }
      const Instant arrival = in_flight_.empty() ? Instant::max() : in_flight_.top().at;
      if (std::min(arrival, deadlines_[due]) > end) {
        break;
      }
      if (arrival <= deadlines_[due]) {
        deliver();
      } else {
        now_ = deadlines_[due];
        members_[due]->on_deadline(now_);
        settle(due);
      }
    }
    now_ = end;
  }

  /// How many living members believe this of `subject`.
  [[nodiscard]] std::uint32_t count_believing(std::uint32_t subject, MemberState state) const {
    std::uint32_t count = 0;
    for (std::uint32_t index = 0; index < members_.size(); ++index) {
      if (members_[index] && index != subject &&
          members_[index]->state_of(HostId{subject}) == state) {
        ++count;
      }
    }
    return count;
  }
  /// When anybody first believed this of `subject` at or after `since`.
  [[nodiscard]] std::optional<Instant> first(std::uint32_t subject, MemberState state,
                                             Instant since = {}) const {
    for (const Belief& belief : beliefs_) {
      if (belief.change.member == HostId{subject} && belief.change.state == state &&
          belief.change.at >= since) {
        return belief.change.at;
      }
    }
    return std::nullopt;
  }

 private:
  struct InFlight {
    Instant at;
    std::uint64_t order;
    SwimMessage message;
    friend bool operator<(const InFlight& left, const InFlight& right) {
      return std::pair{left.at, left.order} > std::pair{right.at, right.order};
    }
  };

  void start(HostId host) {
    const std::size_t slot = host.value();
    if (members_.size() <= slot) {
      members_.resize(slot + 1);
      deadlines_.resize(slot + 1, Instant::max());
      pings_.resize(slot + 1);
    }
    const std::string purpose = "swim:" + std::to_string(slot) + ":" + std::to_string(starts_++);
    members_[slot].emplace(host, options_, now_, RandomStream(seed_, purpose));
    deadlines_[slot] = members_[slot]->next_deadline();
  }

  void settle(std::uint32_t index) {
    Swim& member = *members_[index];
    for (const MembershipChanged& change : member.events()) {
      beliefs_.push_back({HostId{index}, change});
    }
    member.clear_events();
    while (auto message = member.poll()) {
      ++sent_[static_cast<std::size_t>(message->type)];
      pings_[index] += message->type == SwimMessageType::ping ? 1U : 0U;
      mix(*message);
      check(decoded<SwimMessage>(encoded(*message)) == *message, "a message survives the wire");
      const bool is_lost = random_.chance(loss_);
      const Duration latency =
          random_.uniform(std::chrono::microseconds{200}, std::chrono::milliseconds{2});
      if (!is_lost && !(cut_ && cut_(message->from, message->to))) {
        in_flight_.push({now_ + latency, order_++, std::move(*message)});
      }
    }
    deadlines_[index] = member.next_deadline();
  }

  void deliver() {
    const InFlight next = in_flight_.top();
    in_flight_.pop();
    now_ = next.at;
    const std::uint32_t to = next.message.to.value();
    if (to < members_.size() && members_[to]) {
      members_[to]->step(now_, next.message);
      settle(to);
    }
  }

  void mix(const SwimMessage& message) {
    const auto add = [&](std::uint64_t value) {
      digest_ = (digest_ ^ value) * 0x9E3779B97F4A7C15U;
      digest_ ^= digest_ >> 29;
    };
    add(static_cast<std::uint64_t>(nanoseconds_of(now_)));
    add(static_cast<std::uint64_t>(message.type));
    add(message.from.value());
    add(message.to.value());
    add(message.sequence);
    for (const Rumor& rumor : message.rumors) {
      add(rumor.member.value());
      add(static_cast<std::uint64_t>(rumor.state));
      add(rumor.incarnation);
    }
  }

  SwimOptions options_;
  std::uint64_t seed_;
  RandomStream random_;
  Instant now_{};
  std::vector<std::optional<Swim>> members_;
  std::vector<Instant> deadlines_;
  std::priority_queue<InFlight> in_flight_;
  std::uint64_t order_ = 0;
  std::uint64_t starts_ = 0;
  Probability loss_;
  std::function<bool(HostId, HostId)> cut_;
  std::vector<Belief> beliefs_;
  std::array<std::uint64_t, 7> sent_{};
  std::vector<std::uint64_t> pings_;
  std::uint64_t digest_ = 0;
};

}  // namespace windtunnel::health
