#include <algorithm>
#include <set>

#include "models/raft/facts.hpp"
#include "tests/models/kv/swarm_world.hpp"

namespace windtunnel::kv {

namespace {

const Store& store_of(Swarm& swarm, std::uint32_t node) {
  return dynamic_cast<const Node*>(swarm.world.host(node).program())->store();
}

std::vector<Seen> history_of(const Store& store) {
  std::vector<Seen> all;
  for (std::uint64_t n = store.history().first(); n < store.history().end(); ++n) {
    const Event& event = store.history().at(n);
    all.emplace_back(event.revision, event.kind, event.key(), event.now.value);
  }
  return all;
}

}  // namespace

std::optional<std::string> check_watches(Swarm& swarm, SwarmTally& tally) {
  const std::vector<Seen> truth = history_of(store_of(swarm, 0));
  for (std::uint32_t node = 1; node < kNodes; ++node) {
    if (history_of(store_of(swarm, node)) != truth) {
      return "two nodes have different histories";
    }
  }
  tally.events += truth.size();
  tally.resumptions += swarm.watches->resumptions();
  tally.lists += swarm.mirror->lists();
  if (!swarm.is_compacting && swarm.watched != truth) {
    const auto [got, want] =
        std::mismatch(swarm.watched.begin(), swarm.watched.end(), truth.begin(), truth.end());
    const bool is_gap = got == swarm.watched.end() ||
                        (want != truth.end() && std::get<0>(*got) > std::get<0>(*want));
    return std::string{is_gap ? "a watch missed" : "a watch repeated"} + " an event, after " +
           std::to_string(got - swarm.watched.begin()) + " of " + std::to_string(truth.size());
  }
  if (swarm.is_compacting &&
      !std::is_sorted(swarm.watched.begin(), swarm.watched.end(), [](const Seen& a, const Seen& b) {
        return std::get<0>(a) < std::get<0>(b);
      })) {
    return "a watch went back";
  }
  ScanRequest all;
  all.prefix = "data/";
  const ScanResponse data = store_of(swarm, 0).scan(all);
  const bool equal =
      data.found.size() == swarm.mirror->entries().size() &&
      std::equal(data.found.begin(), data.found.end(), swarm.mirror->entries().begin(),
                 [](const KeyAndValue& stored, const auto& mirrored) {
                   return stored.key == mirrored.first &&
                          stored.revision == mirrored.second.revision &&
                          stored.value == mirrored.second.value;
                 });
  return equal ? std::nullopt : std::optional<std::string>{"a mirror differs from the store"};
}

std::optional<std::string> check_increments(Swarm& swarm, SwarmTally& tally) {
  const Version* counter = store_of(swarm, 0).find("counter");
  const std::uint64_t final_count =
      counter == nullptr ? 0 : std::stoull(std::string{counter->value});
  std::multiset<std::string> done;
  if (!swarm.is_compacting) {
    for (const auto& [revision, kind, key, value] : history_of(store_of(swarm, 0))) {
      if (key == "counter") {
        done.insert(value.substr(value.find(" by ") + 4));
      }
    }
    if (done.size() != final_count) {
      return "the counter does not count its writes";
    }
  }
  std::uint64_t certain = 0;
  std::uint64_t possible = 0;
  for (const Increment& one : swarm.increments) {
    const bool succeeded = one.outcome == Outcome::ok && one.change == ChangeOutcome::done;
    certain += succeeded ? 1U : 0U;
    possible += succeeded || one.outcome == Outcome::indeterminate ? 1U : 0U;
    tally.conflicts += one.change == ChangeOutcome::conflict ? 1U : 0U;
    const std::size_t times = done.count(one.tag);
    const bool is_possible = swarm.is_compacting || one.outcome == Outcome::indeterminate
                                 ? times <= 1
                                 : times == (succeeded ? 1U : 0U);
    if (!is_possible) {
      return "increment " + one.tag + " took effect " + std::to_string(times) + " times";
    }
  }
  tally.increments += certain;
  if (final_count < certain || final_count > possible) {
    return "the counter says " + std::to_string(final_count) + ", acknowledged were " +
           std::to_string(certain) + " and unknown " + std::to_string(possible - certain);
  }
  return std::nullopt;
}

std::optional<std::string> check_leases(Swarm& swarm, SwarmTally& tally) {
  std::vector<Duration> changes;
  const sim::FactLog& facts = swarm.world->facts();
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].is<raft::LeaderElected>()) {
      changes.push_back(facts[i].at.time_since_epoch());
      ++tally.leaders;
    }
  }
  for (const LeaseRecord& record : swarm.leases) {
    const auto deleted = swarm.deleted_at.find(record.key);
    if (!record.is_written) {
      continue;
    }
    if (deleted == swarm.deleted_at.end()) {
      return "lease of " + record.key + " never expired";
    }
    ++tally.leases_expired;
    const Duration gone_at = deleted->second;
    if (gone_at < record.acknowledged_at + kTtl) {
      return "lease of " + record.key + " expired " +
             std::to_string((record.acknowledged_at + kTtl - gone_at).count()) + " ns early";
    }
    // The full time and the extension, from the last leader change or the last keep-alive that may
    // still have been under way; the sweep; and a second to commit.
    Duration last = record.last_sent_at;
    for (const Duration change : changes) {
      if (change <= gone_at) {
        last = std::max(last, change);
      }
    }
    for (const Duration end : swarm.fault_ends) {
      if (end <= gone_at) {
        last = std::max(last, std::min(end + kLongestRetransmission, gone_at));
      }
    }
    if (gone_at > last + kTtl + 1s + 500ms + 1s) {
      return "lease of " + record.key + " outlived its bound by " +
             std::to_string((gone_at - last - kTtl - 2500ms).count()) + " ns";
    }
  }
  return std::nullopt;
}

}  // namespace windtunnel::kv
