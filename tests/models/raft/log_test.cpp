#include "models/raft/log.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/check.hpp"
#include "runtime/random.hpp"

namespace windtunnel::raft {
namespace {

EntryId at(std::uint64_t term, std::uint64_t index) {
  return {Term{term}, Index{index}};
}

/// Entries after `before` with these terms.
std::vector<Entry> entries(std::uint64_t before, const std::vector<std::uint64_t>& terms) {
  std::vector<Entry> made;
  for (const std::uint64_t term : terms) {
    made.push_back({Term{term}, Index{++before}, EntryKind::command, SharedBytes{"abcd"}});
  }
  return made;
}

Log log_of(const std::vector<std::uint64_t>& terms) {
  return {EntryId{}, entries(0, terms), {}};
}

TEST(Log, ReplacesOnlyFromTheFirstConflict) {
  Log log = log_of({1, 1, 2, 2});
  auto fresh = entries(1, {1, 3});
  EXPECT_EQ(log.try_append(at(1, 1), fresh), Index{3});
  EXPECT_EQ(log.last(), at(3, 3));
  EXPECT_EQ(log.stable(), Index{2});
}

TEST(Log, KeepsALongerTailThatAnOldAppendAgreesWith) {
  Log log = log_of({1, 1, 1, 1});
  auto old = entries(1, {1});
  EXPECT_EQ(log.try_append(at(1, 1), old), Index{2});
  EXPECT_EQ(log.last(), at(1, 4));
}

/// The follower's rule of Raft paper §5.3, word for word: drop from the first conflict, then add
/// what is missing.
std::vector<Entry> appended_naively(std::vector<Entry> log, const std::vector<Entry>& fresh) {
  for (const Entry& entry : fresh) {
    const auto slot = static_cast<std::size_t>(entry.index.value() - 1);
    if (slot < log.size() && log[slot].term != entry.term) {
      log.resize(slot);
    }
    if (slot >= log.size()) {
      log.push_back(entry);
    }
  }
  return log;
}

TEST(Log, AppendsAsThePaperSays) {
  RandomStream rng{1, "log"};
  for (int trial = 0; trial < 3000; ++trial) {
    // Two logs that share a prefix and then go on in terms of their own.
    std::vector<std::uint64_t> own(rng.below(5), 1);
    std::vector<std::uint64_t> other = own;
    own.insert(own.end(), rng.below(5), 2);
    other.insert(other.end(), rng.below(5), 3);
    const std::uint64_t before = rng.below(other.size() + 1);
    const std::uint64_t count = rng.below(other.size() - before + 1);
    const std::vector<Entry> sent = entries(0, other);
    std::vector<Entry> fresh(sent.begin() + static_cast<std::ptrdiff_t>(before),
                             sent.begin() + static_cast<std::ptrdiff_t>(before + count));
    const EntryId previous = before == 0 ? EntryId{} : sent[before - 1].id();
    Log log = log_of(own);
    const bool fits = log.contains(previous);
    const std::vector<Entry> expected =
        fits ? appended_naively(entries(0, own), fresh) : entries(0, own);
    EXPECT_EQ(log.try_append(previous, fresh).has_value(), fits);
    const auto held = log.read_range({}, log.last_index());
    EXPECT_EQ(std::vector<Entry>(held.begin(), held.end()), expected);
  }
}

TEST(Log, RefusesAnAppendAfterAnEntryItDoesNotHold) {
  Log log = log_of({1, 1});
  auto fresh = entries(2, {2});
  EXPECT_EQ(log.try_append(at(2, 2), fresh), std::nullopt);
  EXPECT_EQ(log.try_append(at(1, 3), fresh), std::nullopt);
}

TEST(Log, EndsTheRunWhenACommittedEntryWouldBeReplaced) {
  Log log = log_of({1, 1});
  log.commit_to(Index{2});
  auto fresh = entries(1, {2});
  EXPECT_THROW(static_cast<void>(log.try_append(at(1, 1), fresh)), ProgrammingError);
  EXPECT_THROW(log.commit_to(Index{3}), ProgrammingError);
}

TEST(Log, ComparesLogsByLastTermThenLength) {
  const Log log = log_of({1, 2, 2});
  EXPECT_TRUE(log.is_covered_by(at(2, 3)));
  EXPECT_TRUE(log.is_covered_by(at(3, 1)));
  EXPECT_FALSE(log.is_covered_by(at(2, 2)));
  EXPECT_FALSE(log.is_covered_by(at(1, 9)));
}

TEST(Log, FindsTheFurthestPossibleAgreementInOneStepPerTerm) {
  const Log log = log_of({1, 3, 3, 3, 5, 5, 5});
  EXPECT_EQ(log.agreement_before(Index{6}, Term{2}), at(1, 1));
  EXPECT_EQ(log.agreement_before(Index{7}, Term{4}), at(3, 4));
  EXPECT_EQ(log.agreement_before(Index{7}, Term{5}), at(5, 7));
  EXPECT_EQ(log.agreement_before(Index{7}, Term{0}), at(0, 0));
}

TEST(Log, ReadsAtLeastOneEntryAndThenAsManyAsFit) {
  const Log log = log_of({1, 1, 1, 1});
  EXPECT_EQ(log.read_from(Index{1}, 100, 1).size(), 1U);
  EXPECT_EQ(log.read_from(Index{1}, 100, 8).size(), 2U);
  EXPECT_EQ(log.read_from(Index{2}, 2, 100).size(), 2U);
  EXPECT_TRUE(log.read_from(Index{5}, 100, 100).empty());
}

TEST(Log, HandsEachEntryToStorageOnceAndAgainWhenItIsReplaced) {
  Log log = log_of({});
  log.append(entries(0, {1})[0]);
  EXPECT_EQ(log.take_unstored().size(), 1U);
  EXPECT_FALSE(log.has_unstored());
  auto fresh = entries(0, {2, 2});
  static_cast<void>(log.try_append({}, fresh));
  EXPECT_EQ(log.take_unstored(), entries(0, {2, 2}));
}

TEST(Log, IgnoresThatAReplacedEntryIsDurable) {
  Log log = log_of({});
  log.append(entries(0, {1})[0]);
  auto fresh = entries(0, {2});
  static_cast<void>(log.try_append({}, fresh));
  log.mark_stable(at(1, 1));
  EXPECT_EQ(log.stable(), Index{0});
  log.mark_stable(at(2, 1));
  EXPECT_EQ(log.stable(), Index{1});
}

TEST(Log, HandsCommittedEntriesToTheApplicationInPages) {
  Log log = log_of({1, 1, 1});
  log.commit_to(Index{3});
  EXPECT_EQ(log.take_unapplied(log.committed(), 2), entries(0, {1, 1}));
  EXPECT_EQ(log.take_unapplied(log.committed(), 2), entries(2, {1}));
  EXPECT_EQ(log.applied(), Index{0});
  log.mark_applied(Index{3});
  EXPECT_EQ(log.applied(), Index{3});
  EXPECT_THROW(log.mark_applied(Index{2}), ProgrammingError);
}

TEST(Log, StartsAfterItsBase) {
  Log log{at(4, 10), entries(10, {4, 5}), Index{10}};
  EXPECT_EQ(log.last(), at(5, 12));
  EXPECT_EQ(log.term_at(Index{10}), Term{4});
  EXPECT_EQ(log.term_at(Index{9}), std::nullopt);
  EXPECT_EQ(log.committed(), Index{10});
  EXPECT_EQ(log.agreement_before(Index{12}, Term{3}), at(0, 9));
}

TEST(Log, RefusesAStateWithAGap) {
  std::vector<Entry> gap = entries(0, {1, 1, 1});
  gap.erase(gap.begin() + 1);
  EXPECT_THROW(Log({}, gap, {}), ProgrammingError);
}

}  // namespace
}  // namespace windtunnel::raft
