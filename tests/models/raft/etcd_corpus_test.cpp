#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/raft/quorum.hpp"
#include "tests/models/raft/datadriven.hpp"
#include "tests/models/raft/interaction.hpp"

namespace windtunnel::raft {
namespace {

const std::string kCorpus = "tests/models/raft/corpus/";

/// Expected output as our core can give it: etcd/raft's own log lines are left out.
std::string without_log_lines(const std::string& expected) {
  static const std::regex log_line{"(^|\n) *(DEBUG|INFO|WARN|ERROR) [^\n]*"};
  std::string text = std::regex_replace("\n" + expected, log_line, "");
  text.erase(0, text.find_first_not_of('\n'));
  return text.empty() ? "ok\n" : text;
}

class EtcdInteraction : public testing::TestWithParam<std::string> {};

TEST_P(EtcdInteraction, IsReproducedLineByLine) {
  Interaction interaction;
  const std::string path = kCorpus + "interaction/" + GetParam() + ".txt";
  for (const DataCase& each : read_cases(path)) {
    ASSERT_EQ(interaction.run(each), without_log_lines(each.expected))
        << path << ":" << each.line << ": " << each.command;
  }
}

INSTANTIATE_TEST_SUITE_P(Corpus, EtcdInteraction,
                         testing::Values("async_storage_writes", "campaign", "checkquorum",
                                         "heartbeat_resp_recovers_from_probing", "lagging_commit",
                                         "prevote", "probe_and_replicate", "single_node"),
                         [](const auto& file) { return file.param; });

struct Acked {
  unsigned id = 0;
  bool known = false;
  Index index;
};

/// Voters in the order given, each with its index; a voter named twice counts once.
std::vector<Acked> acked_of(const DataCase& each) {
  const std::vector<std::string> ids = each.values_of("cfg");
  const std::vector<std::string> indexes = each.values_of("idx");
  std::vector<Acked> acked;
  for (std::size_t n = 0; n < ids.size(); ++n) {
    const bool known = indexes.at(n) != "_";
    acked.push_back({static_cast<unsigned>(std::stoul(ids[n])), known,
                     Index{known ? std::stoull(indexes[n]) : 0}});
  }
  std::sort(acked.begin(), acked.end(), [](const Acked& a, const Acked& b) { return a.id < b.id; });
  return acked;
}

/// One bar for each voter, as long as the number of voters it is ahead of.
std::string bars_of(const std::vector<Acked>& acked) {
  if (acked.empty()) {
    return "<empty majority quorum>";
  }
  std::string text = std::string(acked.size(), ' ') + "    idx\n";
  for (const Acked& each : acked) {
    const auto behind = static_cast<std::size_t>(std::count_if(
        acked.begin(), acked.end(), [&](const Acked& other) { return other.index < each.index; }));
    std::string bar = each.known ? std::string(behind, 'x') + ">" : "?";
    bar.resize(acked.size() + 1, ' ');
    std::string index = std::to_string(each.index.value());
    index.insert(0, 5 - index.size(), ' ');
    text += bar + " " + index + "    (id=" + std::to_string(each.id) + ")\n";
  }
  return text;
}

std::string committed(const DataCase& each) {
  const std::vector<Acked> acked = acked_of(each);
  std::vector<Index> indexes;
  for (const Acked& voter : acked) {
    indexes.push_back(voter.index);
  }
  const Index index = majority_index(indexes);
  return bars_of(acked) + (index == Index::max() ? "∞" : std::to_string(index.value())) + "\n";
}

std::string vote(const DataCase& each) {
  const std::vector<std::string> votes = each.values_of("votes");
  const auto count = [&](const char* answer) {
    return static_cast<std::size_t>(std::count(votes.begin(), votes.end(), answer));
  };
  switch (vote_result(each.values_of("cfg").size(), count("y"), count("n"))) {
    case VoteResult::won:
      return "VoteWon\n";
    case VoteResult::lost:
      return "VoteLost\n";
    case VoteResult::pending:
      return "VotePending\n";
  }
  return "?";
}

TEST(EtcdQuorum, CommitsTheSameIndexes) {
  for (const DataCase& each : read_cases(kCorpus + "quorum/majority_commit.txt")) {
    EXPECT_EQ(committed(each), each.expected) << "line " << each.line;
  }
}

TEST(EtcdQuorum, CountsVotesTheSame) {
  for (const DataCase& each : read_cases(kCorpus + "quorum/majority_vote.txt")) {
    EXPECT_EQ(vote(each), each.expected) << "line " << each.line;
  }
}

}  // namespace
}  // namespace windtunnel::raft
