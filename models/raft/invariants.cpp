#include "models/raft/invariants.hpp"

#include <algorithm>
#include <iterator>
#include <variant>

namespace windtunnel::raft {

namespace {

std::string text(Term term) {
  return "term " + std::to_string(term.value());
}
std::string text(Index index) {
  return "index " + std::to_string(index.value());
}
std::string text(HostId host) {
  return "host " + std::to_string(host.value());
}

}  // namespace

std::optional<Breach> Invariants::observe(HostId host, const Fact& fact) {
  return std::visit([&](const auto& known) { return judge(host, known); }, fact);
}

std::optional<Breach> Invariants::judge(HostId, const CandidacyStarted&) {
  return {};
}

std::optional<Breach> Invariants::judge(HostId, const SteppedDown&) {
  return {};
}

std::optional<Breach> Invariants::judge(HostId host, const VoteGranted& fact) {
  std::optional<VoteGranted>& previous = nodes_[host].vote;
  if (previous && fact.term < previous->term) {
    return Breach{"raft.term_monotone", host,
                  "voted in " + text(fact.term) + " after " + text(previous->term)};
  }
  if (previous && fact.term == previous->term && fact.candidate != previous->candidate) {
    return Breach{"raft.single_vote", host,
                  "voted for " + text(previous->candidate) + " and for " + text(fact.candidate) +
                      " in " + text(fact.term)};
  }
  previous = fact;
  return {};
}

std::optional<Breach> Invariants::judge(HostId host, const LeaderElected& fact) {
  const auto [leader, is_first] = leaders_.try_emplace(fact.term, Leader{host, fact.last, {}});
  if (!is_first) {
    return Breach{
        "raft.election_safety", host,
        "elected in " + text(fact.term) + ", which " + text(leader->second.host) + " already led"};
  }
  for (auto earlier = leaders_.begin(); earlier != leader; ++earlier) {
    const auto& [term, other] = *earlier;
    if (other.committed > Index{} && (fact.last.index < other.committed || fact.last.term < term)) {
      return Breach{"raft.leader_completeness", host,
                    "leads " + text(fact.term) + " with a log up to " + text(fact.last.index) +
                        " of " + text(fact.last.term) + ", but " + text(other.committed) +
                        " was committed in " + text(term)};
    }
  }
  return {};
}

std::optional<Breach> Invariants::judge(HostId host, const CommitAdvanced& fact) {
  const auto leader = leaders_.find(fact.term);
  if (leader == leaders_.end() || leader->second.host != host) {
    return Breach{"raft.commit_monotone", host,
                  "committed in " + text(fact.term) + " without leading it"};
  }
  if (fact.index <= leader->second.committed) {
    return Breach{"raft.commit_monotone", host,
                  "committed " + text(fact.index) + " after " + text(leader->second.committed) +
                      " in " + text(fact.term)};
  }
  leader->second.committed = fact.index;
  // A deposed leader may learn of a commit late; then the later leaders must have had it all along.
  for (auto later = std::next(leader); later != leaders_.end(); ++later) {
    const auto& [term, other] = *later;
    if (other.last.index < fact.index || other.last.term < fact.term) {
      return Breach{"raft.leader_completeness", other.host,
                    "leads " + text(term) + " with a log up to " + text(other.last.index) + " of " +
                        text(other.last.term) + ", but " + text(fact.index) + " is committed in " +
                        text(fact.term)};
    }
  }
  committed_ = std::max(committed_, fact.index);
  return {};
}

std::optional<Breach> Invariants::judge(HostId host, const EntryApplied& fact) {
  Node& node = nodes_[host];
  if (fact.index != node.applied.next()) {
    return Breach{"raft.applied_in_order", host,
                  "applied " + text(fact.index) + " after " + text(node.applied)};
  }
  node.applied = fact.index;
  if (fact.index > committed_) {
    return Breach{"raft.applied_is_committed", host,
                  "applied " + text(fact.index) + ", committed is " + text(committed_)};
  }
  const auto slot = static_cast<std::size_t>(fact.index.value() - 1);
  applied_.resize(std::max(applied_.size(), slot + 1));
  Applied& entry = applied_[slot];
  if (entry.term == Term{}) {
    entry = {fact.term, fact.checksum};
  } else if (entry.term != fact.term || entry.checksum != fact.checksum) {
    return Breach{"raft.state_machine_safety", host,
                  "applied an entry of " + text(fact.term) + " at " + text(fact.index) +
                      ", another node one of " + text(entry.term) +
                      (entry.term == fact.term ? " with other content" : "")};
  }
  return {};
}

std::optional<Breach> Invariants::judge(HostId host, const Restarted& fact) {
  nodes_[host].applied = fact.applied;
  committed_ = std::max(committed_, fact.applied);
  return {};
}

}  // namespace windtunnel::raft
