#include "models/config/push_distributor.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::config {

SubscriberId PushDistributor::subscribe(Instant now, std::uint64_t held) {
  if (free_.empty()) {
    free_.emplace_back(static_cast<SubscriberId::rep>(subscribers_.size()));
    subscribers_.emplace_back();
  }
  const SubscriberId id = free_.back();
  free_.pop_back();
  Subscriber& subscriber = subscribers_[id.value()];
  // A place in the queue is inherited from whoever had this id before.
  const bool is_queued = subscriber.is_queued;
  subscriber = {};
  subscriber.is_known = true;
  subscriber.held = held;
  subscriber.is_queued = is_queued;
  queued_ += is_queued ? 1U : 0U;
  subscriber.changed_at = subscriber.settled_at = now;
  if (lacks(subscriber)) {
    push_back(id);
  }
  return id;
}

void PushDistributor::unsubscribe(SubscriberId id) {
  Subscriber& subscriber = subscribers_[id.value()];
  check(subscriber.is_known, "a subscriber leaves once");
  subscriber.is_known = false;
  queued_ -= subscriber.is_queued ? 1U : 0U;
  if (std::exchange(subscriber.under_way, std::nullopt)) {
    --under_way_;
  }
  free_.push_back(id);
}

void PushDistributor::change(Instant now, std::uint64_t revision) {
  check(revision > settled_ && revision >= gathering_.value_or(0), "revisions ascend");
  ++counters_.changes;
  if (!gathering_) {
    first_change_at_ = now;
  }
  latest_change_at_ = now;
  gathering_ = revision;
}

std::optional<std::uint64_t> PushDistributor::advance(Instant now) {
  while (!deadlines_.empty() && deadlines_.front().at <= now) {
    const Deadline deadline = deadlines_.front();
    deadlines_.pop_front();
    give_up(now, deadline);
  }
  return end_debounce(now);
}

std::optional<std::uint64_t> PushDistributor::end_debounce(Instant now) {
  const bool is_quiet = now >= instant_after(latest_change_at_, options_.debounce_quiet);
  const bool is_long = now >= instant_after(first_change_at_, options_.debounce_max);
  if (!gathering_ || (!is_quiet && !is_long)) {
    return std::nullopt;
  }
  settled_ = *std::exchange(gathering_, std::nullopt);
  ++counters_.debounced;
  for (std::size_t i = 0; i < subscribers_.size(); ++i) {
    if (subscribers_[i].is_known && lacks(subscribers_[i])) {
      enqueue(SubscriberId{static_cast<SubscriberId::rep>(i)}, first_change_at_, now);
    }
  }
  return settled_;
}

std::optional<Instant> PushDistributor::next_deadline() {
  drop_answered_deadlines();
  std::optional<Instant> earliest;
  if (!deadlines_.empty()) {
    earliest = deadlines_.front().at;
  }
  if (gathering_) {
    const Instant settles = std::min(instant_after(latest_change_at_, options_.debounce_quiet),
                                     instant_after(first_change_at_, options_.debounce_max));
    earliest = std::min(earliest.value_or(settles), settles);
  }
  return earliest;
}

bool PushDistributor::lacks(const Subscriber& subscriber) const {
  return subscriber.held < settled_ && subscriber.passed_over < settled_ &&
         subscriber.rejected < settled_;
}

void PushDistributor::enqueue(SubscriberId id, Instant changed_at, Instant settled_at) {
  Subscriber& subscriber = subscribers_[id.value()];
  if (subscriber.under_way) {
    counters_.merged += subscriber.following ? 1U : 0U;
    subscriber.following = subscriber.following.value_or(std::pair{changed_at, settled_at});
    return;
  }
  if (subscriber.is_queued) {
    // Times run from the oldest change that it lacks.
    ++counters_.merged;
    return;
  }
  subscriber.changed_at = changed_at;
  subscriber.settled_at = settled_at;
  subscriber.began_at.reset();
  push_back(id);
}

void PushDistributor::push_back(SubscriberId id) {
  if (!std::exchange(subscribers_[id.value()].is_queued, true)) {
    queue_.push_back(id);
    ++queued_;
  }
}

std::optional<Push> PushDistributor::next(Instant now) {
  while (under_way_ < options_.concurrency_max && !queue_.empty()) {
    const SubscriberId id = queue_.front();
    queue_.pop_front();
    Subscriber& subscriber = subscribers_[id.value()];
    subscriber.is_queued = false;
    if (!subscriber.is_known) {
      continue;
    }
    --queued_;
    if (!lacks(subscriber)) {
      continue;
    }
    const std::uint64_t nonce = ++last_nonce_;
    subscriber.under_way = UnderWay{nonce, settled_};
    subscriber.began_at = subscriber.began_at.value_or(now);
    deadlines_.push_back({instant_after(now, options_.acknowledge_within), id, nonce});
    ++under_way_;
    ++counters_.pushes;
    return Push{id, nonce, subscriber.held, settled_};
  }
  return std::nullopt;
}

void PushDistributor::pass_over(const Push& push) {
  Subscriber& subscriber = subscribers_[push.subscriber.value()];
  check(subscriber.under_way && subscriber.under_way->nonce == push.nonce,
        "a push is passed over before anything else happens");
  subscriber.passed_over = push.revision;
  subscriber.under_way.reset();
  subscriber.began_at.reset();
  deadlines_.pop_back();
  --under_way_;
  --counters_.pushes;
  ++counters_.passed_over;
}

PushDistributor::Subscriber* PushDistributor::answering(SubscriberId id, std::uint64_t nonce) {
  const bool is_known = id.value() < subscribers_.size() && subscribers_[id.value()].is_known;
  if (!is_known || !subscribers_[id.value()].under_way ||
      subscribers_[id.value()].under_way->nonce != nonce) {
    ++counters_.stale;
    return nullptr;
  }
  return &subscribers_[id.value()];
}

std::optional<Acknowledged> PushDistributor::acknowledge(Instant now, SubscriberId id,
                                                         std::uint64_t nonce) {
  Subscriber* subscriber = answering(id, nonce);
  if (subscriber == nullptr) {
    return std::nullopt;
  }
  subscriber->held = subscriber->under_way->revision;
  ++counters_.acknowledged;
  const Instant began = *subscriber->began_at;
  const PushTimes times{subscriber->settled_at - subscriber->changed_at,
                        began - subscriber->settled_at, now - began};
  statistics_.debounce.add(times.debounce);
  statistics_.queue.add(times.queue);
  statistics_.push.add(times.push);
  statistics_.convergence.add(times.convergence());
  statistics_.histogram.add(times.convergence());
  settle_answer(id, *subscriber);
  return Acknowledged{subscriber->held, times};
}

std::optional<std::uint64_t> PushDistributor::reject(Instant /*now*/, SubscriberId id,
                                                     std::uint64_t nonce) {
  Subscriber* subscriber = answering(id, nonce);
  if (subscriber == nullptr) {
    return std::nullopt;
  }
  subscriber->rejected = subscriber->under_way->revision;
  ++counters_.rejected;
  settle_answer(id, *subscriber);
  return subscriber->rejected;
}

void PushDistributor::settle_answer(SubscriberId id, Subscriber& subscriber) {
  subscriber.under_way.reset();
  subscriber.began_at.reset();
  subscriber.unanswered = 0;
  --under_way_;
  if (const auto following = std::exchange(subscriber.following, std::nullopt)) {
    std::tie(subscriber.changed_at, subscriber.settled_at) = *following;
  }
  if (lacks(subscriber)) {
    push_back(id);
  }
}

void PushDistributor::give_up(Instant /*now*/, const Deadline& deadline) {
  Subscriber& subscriber = subscribers_[deadline.subscriber.value()];
  if (!subscriber.is_known || !subscriber.under_way ||
      subscriber.under_way->nonce != deadline.nonce) {
    return;
  }
  ++counters_.unanswered;
  if (++subscriber.unanswered == options_.attempts_max) {
    ++counters_.forgotten;
    forgotten_.push_back(deadline.subscriber);
    unsubscribe(deadline.subscriber);
    return;
  }
  subscriber.under_way.reset();
  // Its times still run from the oldest change that it lacks.
  subscriber.following.reset();
  --under_way_;
  push_back(deadline.subscriber);
}

void PushDistributor::drop_answered_deadlines() {
  while (!deadlines_.empty()) {
    const Subscriber& subscriber = subscribers_[deadlines_.front().subscriber.value()];
    if (subscriber.is_known && subscriber.under_way &&
        subscriber.under_way->nonce == deadlines_.front().nonce) {
      return;
    }
    deadlines_.pop_front();
  }
}

std::vector<SubscriberId> PushDistributor::take_forgotten() {
  return std::exchange(forgotten_, {});
}

}  // namespace windtunnel::config
