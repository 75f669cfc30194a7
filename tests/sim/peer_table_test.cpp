#include "sim/peer_table.hpp"

#include <map>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel::sim {
namespace {

RC_GTEST_PROP(PeerTable, FindsWhatAMapFinds, (const std::vector<std::uint32_t>& peers)) {
  PeerTable<const std::uint32_t> table;
  std::map<std::uint32_t, const std::uint32_t*> map;
  for (const std::uint32_t& peer : peers) {
    if (map.emplace(peer, &peer).second) {
      RC_ASSERT(table.find(HostId{peer}) == nullptr);
      table.add(HostId{peer}, &peer);
    }
    for (const auto& [known, value] : map) {
      RC_ASSERT(table.find(HostId{known}) == value);
    }
    RC_ASSERT(table.size() == map.size());
  }
}

TEST(PeerTable, KeepsPeersApartThatWouldShareAPlace) {
  // They differ in their upper bits only.
  std::vector<std::uint32_t> peers(2000);
  PeerTable<std::uint32_t> table;
  for (std::uint32_t i = 0; i < peers.size(); ++i) {
    peers[i] = i << 20U;
    table.add(HostId{peers[i]}, &peers[i]);
  }
  for (std::uint32_t& peer : peers) {
    EXPECT_EQ(table.find(HostId{peer}), &peer);
    EXPECT_EQ(table.find(HostId{peer + 1}), nullptr);
  }
}

TEST(PeerTable, FindsNothingWhileItIsEmpty) {
  const PeerTable<int> table;
  EXPECT_EQ(table.find(HostId{7}), nullptr);
}

}  // namespace
}  // namespace windtunnel::sim
