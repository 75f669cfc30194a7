#include "models/raft/facts.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "models/raft/message.hpp"
#include "models/raft/persistent_state.hpp"
#include "models/raft/ready.hpp"
#include "runtime/codec.hpp"
#include "runtime/payload.hpp"

namespace windtunnel::raft {
namespace {

static_assert(Named<Message> && Named<CandidacyStarted> && Named<VoteGranted> &&
              Named<LeaderElected> && Named<SteppedDown> && Named<CommitAdvanced> &&
              Named<EntryApplied> && Named<Restarted>);

TEST(Checksum, IsTheSameOnEveryPlatform) {
  // XXH3's published value for no bytes; the other was recorded once. Digests depend on them.
  EXPECT_EQ(checksum_of(""), 0x2d06800538d394c2U);
  EXPECT_EQ(checksum_of("windtunnel"), 17753341071956681889U);
}

TEST(Checksum, TellsApartPrefixesZerosAndOrder) {
  std::set<std::uint64_t> sums;
  std::size_t count = 0;
  for (std::size_t size = 0; size < 20; ++size) {
    for (const char fill : {'\0', 'a'}) {
      if (size > 0 || fill == 'a') {
        sums.insert(checksum_of(std::string(size, fill)));
        ++count;
      }
    }
  }
  sums.insert(checksum_of("abcdefgh12345678"));
  sums.insert(checksum_of("12345678abcdefgh"));
  EXPECT_EQ(sums.size(), count + 2);
}

TEST(Message, SurvivesItsEncoding) {
  const Message message{
      .type = MessageType::append,
      .from = HostId{0},
      .to = HostId{4},
      .term = Term{1ULL << 40U},
      .log = {Term{3}, Index{7}},
      .commit = Index{6},
      .context = 9,
      .hint = {Term{1}, Index{2}},
      .reject = true,
      .transfer = true,
      .entries = {{Term{3}, Index{8}, EntryKind::barrier, {}},
                  {Term{3}, Index{9}, EntryKind::command, SharedBytes{std::string("\0x", 2)}}}};
  EXPECT_EQ(decoded<Message>(encoded(message)), message);
}

TEST(HardState, SurvivesItsEncoding) {
  for (const std::optional<HostId> vote : {std::optional<HostId>{}, std::optional{HostId{0}}}) {
    const HardState state{Term{5}, vote, Index{4}};
    EXPECT_EQ(decoded<HardState>(encoded(state)), state);
  }
}

}  // namespace
}  // namespace windtunnel::raft
