#include "chaos/measure/succession.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

namespace windtunnel::chaos {

namespace {

/// Commits already on their way when the fault strikes still arrive; later ones show a leader at
/// work.
constexpr Duration commits_in_flight_max = std::chrono::milliseconds{100};

const LeaderRecord* leader_before(const RunRecord& record, TrueInstant at) {
  const LeaderRecord* in_office = nullptr;
  for (const LeaderRecord& leader : record.leaders) {
    const bool earlier = leader.at < at;
    if (earlier && (in_office == nullptr || leader.term > in_office->term)) {
      in_office = &leader;
    }
  }
  return in_office;
}

bool struck_the_leader(const FaultGroup& group, const RunRecord& record) {
  return std::ranges::any_of(group.strikes, [&](const FaultRecord& strike) {
    const LeaderRecord* leader = leader_before(record, strike.injected_at);
    return leader != nullptr && hits_its_targets(strike) &&
           std::ranges::count(strike.targets, leader->host) > 0;
  });
}

void find_terms(Succession& s, const FaultGroup& group, const RunRecord& record) {
  std::uint64_t before = s.old_term;
  std::uint64_t reached = 0;
  const auto note = [&](TrueInstant at, std::uint64_t term) {
    if (at < group.injected_at) {
      before = std::max(before, term);
    } else if (group.window.contains(at)) {
      reached = std::max(reached, term);
    }
  };
  for (const CandidacyRecord& candidacy : record.candidacies) {
    if (!candidacy.pre_vote) {
      note(candidacy.at, candidacy.term);
    }
  }
  for (const LeaderRecord& leader : record.leaders) {
    note(leader.at, leader.term);
  }
  s.new_term = std::max(before, reached);
  s.terms_advanced = s.new_term - before;
}

void find_candidacies(Succession& s, const FaultGroup& group, const RunRecord& record) {
  std::map<std::uint64_t, std::set<HostId>> stood;
  for (const CandidacyRecord& candidacy : record.candidacies) {
    if (!group.window.contains(candidacy.at)) {
      continue;
    }
    ++s.candidacies;
    if (!s.first_candidacy || candidacy.at < s.first_candidacy->at) {
      s.first_candidacy = candidacy;
    }
    if (!candidacy.pre_vote) {
      stood[candidacy.term].insert(candidacy.host);
    }
  }
  for (const LeaderRecord& leader : record.leaders) {
    stood.erase(leader.term);
  }
  s.split_votes = static_cast<std::uint64_t>(
      std::ranges::count_if(stood, [](const auto& entry) { return entry.second.size() >= 2; }));
}

void find_new_leader(Succession& s, const FaultGroup& group, const RunRecord& record) {
  for (const LeaderRecord& leader : record.leaders) {
    const bool follows = group.window.contains(leader.at) && leader.term > s.old_term;
    if (follows && (!s.new_leader || leader.at < s.new_leader->at)) {
      s.new_leader = leader;
    }
  }
}

void find_commits(Succession& s, const FaultGroup& group, const RunRecord& record) {
  for (const CommitRecord& commit : record.commits) {
    const bool of_new_term = commit.term > s.old_term && group.window.contains(commit.at);
    if (of_new_term && (!s.first_new_commit || commit.at < *s.first_new_commit)) {
      s.first_new_commit = commit.at;
    }
  }
  const TrueInstant until = s.first_new_commit.value_or(group.window.to);
  for (const CommitRecord& commit : record.commits) {
    const bool of_old_term = commit.term == s.old_term && commit.at < until;
    if (of_old_term && (!s.last_old_commit || commit.at > *s.last_old_commit)) {
      s.last_old_commit = commit.at;
    }
  }
}

bool is_office_vacant(const Succession& s, bool leader_was_struck) {
  if (s.new_leader || (!leader_was_struck && !s.first_candidacy)) {
    return false;
  }
  TrueInstant challenged_at = s.injected_at + commits_in_flight_max;
  if (s.first_candidacy) {
    challenged_at = std::max(challenged_at, s.first_candidacy->at);
  }
  return !s.last_old_commit || *s.last_old_commit <= challenged_at;
}

constexpr const char* no_successor = "no leader was elected after the fault";

}  // namespace

Succession succession_after(const FaultGroup& group, const RunRecord& record) {
  Succession s;
  s.injected_at = group.injected_at;
  if (const LeaderRecord* leader = leader_before(record, group.injected_at)) {
    s.old_term = leader->term;
  }
  find_terms(s, group, record);
  find_candidacies(s, group, record);
  find_new_leader(s, group, record);
  find_commits(s, group, record);
  s.office_vacant = is_office_vacant(s, struck_the_leader(group, record));
  return s;
}

MeasureValue detection_time(const Succession& s) {
  if (s.first_candidacy) {
    return measured(s.first_candidacy->at - s.injected_at, s.candidacies);
  }
  if (s.office_vacant) {
    return censored("no host began to campaign after the fault", 0);
  }
  return not_applicable("no host began to campaign, and the leader went on serving");
}

MeasureValue election_time(const Succession& s) {
  if (s.new_leader && s.first_candidacy && s.first_candidacy->at <= s.new_leader->at) {
    return measured(s.new_leader->at - s.first_candidacy->at, s.candidacies);
  }
  if (s.new_leader) {
    return not_applicable("the new leader was elected without a candidacy after the fault");
  }
  if (s.office_vacant) {
    return censored(no_successor, s.candidacies);
  }
  return not_applicable("the leader kept its office");
}

MeasureValue leaderless(const Succession& s) {
  if (!s.new_leader && !s.office_vacant) {
    return not_applicable("the leader kept its office");
  }
  if (!s.last_old_commit) {
    return no_evidence("the old leader committed nothing");
  }
  if (!s.first_new_commit) {
    return censored(s.new_leader ? "the new leader committed nothing" : no_successor, 0);
  }
  return measured(*s.first_new_commit - *s.last_old_commit, 2);
}

MeasureValue terms_advanced(const Succession& s) {
  return measured(Count{s.terms_advanced}, s.candidacies);
}

MeasureValue split_votes(const Succession& s) {
  return measured(Count{s.split_votes}, s.candidacies);
}

}  // namespace windtunnel::chaos
