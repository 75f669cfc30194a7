#include "models/kv/lessor.hpp"

#include <algorithm>

namespace windtunnel::kv {

void Lessor::promote(Instant now, const LeaseTable& leases) {
  demote();
  is_primary_ = true;
  for (const auto& [id, lease] : leases.all()) {
    terms_[id] = {lease.ttl, instant_after(now + options_.extension, lease.ttl), false, {}};
  }
  if (terms_.size() >= options_.revocations_per_second) {
    spread_pile_up(now);
  }
  for (auto& [id, term] : terms_) {
    appoint(term, term.deadline, id);
  }
  if (options_.preservation) {
    preservation_.emplace(*options_.preservation, now);
  }
}

void Lessor::demote() {
  is_primary_ = false;
  terms_.clear();
  appointments_.clear();
  preservation_.reset();
}

// As lessor.go does: within a window that starts at its first lease, what exceeds the target rate
// is moved behind it.
void Lessor::spread_pile_up(Instant now) {
  std::vector<Term*> by_deadline;
  for (auto& [id, term] : terms_) {
    by_deadline.push_back(&term);
  }
  std::stable_sort(by_deadline.begin(), by_deadline.end(),
                   [](const Term* a, const Term* b) { return a->deadline < b->deadline; });
  constexpr Duration kSecond = std::chrono::seconds{1};
  const std::int64_t target = std::max<std::int64_t>(options_.revocations_per_second * 3 / 4, 1);
  Duration base = by_deadline.front()->deadline - now;
  Duration next = base + kSecond;
  std::int64_t count = 0;
  for (Term* term : by_deadline) {
    const Duration remaining = term->deadline - now;
    if (remaining > next) {
      base = remaining;
      next = base + kSecond;
      count = 1;
      continue;
    }
    if (++count <= target) {
      continue;
    }
    const Duration delay = kSecond * count / target - (remaining - base);
    next = base + delay;
    term->deadline = now + term->ttl + delay + options_.extension;
  }
}

void Lessor::grant(Instant now, LeaseId id, Duration ttl) {
  if (!is_primary_) {
    return;
  }
  const Instant deadline = instant_after(now, ttl);
  const auto [term, is_new] = terms_.try_emplace(id, Term{ttl, deadline, false, {}});
  if (is_new) {
    appoint(term->second, deadline, id);
  }
}

std::optional<Duration> Lessor::renew(Instant asked_at, Instant now, LeaseId id) {
  const auto found = terms_.find(id);
  if (found == terms_.end() || found->second.is_ending) {
    return std::nullopt;
  }
  Term& term = found->second;
  // Where self-preservation kept it beyond its deadline, it is as good as before.
  term.deadline = std::max(term.deadline, instant_after(asked_at, term.ttl));
  if (preservation_) {
    preservation_->renewed(now);
  }
  return term.ttl;
}

void Lessor::collect_expired(Instant now, std::vector<LeaseId>& expired) {
  const std::size_t limit = is_primary_ ? sweep_limit(now) : 0;
  std::size_t taken = 0;
  while (taken < limit && !appointments_.empty() && appointments_.front().at <= now) {
    std::pop_heap(appointments_.begin(), appointments_.end());
    const auto [at, id] = appointments_.back();
    appointments_.pop_back();
    const auto found = terms_.find(id);
    if (found == terms_.end() || found->second.appointed_at != at) {
      continue;
    }
    Term& term = found->second;
    if (term.deadline > now) {
      appoint(term, term.deadline, id);
      continue;
    }
    term.is_ending = true;
    expired.push_back(id);
    ++taken;
    appoint(term, instant_after(now, options_.retry_after), id);
  }
}

std::size_t Lessor::sweep_limit(Instant now) {
  const std::size_t by_rate = std::max<std::size_t>(
      static_cast<std::size_t>(options_.revocations_per_second * options_.sweep.count() /
                               Duration{std::chrono::seconds{1}}.count()),
      1);
  if (!preservation_) {
    return by_rate;
  }
  if (!preservation_->may_expire(now, terms_.size())) {
    return 0;
  }
  return std::min(by_rate, preservation_->evictions_max(terms_.size()));
}

void Lessor::appoint(Term& term, Instant at, LeaseId id) {
  term.appointed_at = at;
  appointments_.push_back({at, id});
  std::push_heap(appointments_.begin(), appointments_.end());
}

}  // namespace windtunnel::kv
