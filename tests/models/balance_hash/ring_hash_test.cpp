// Expected values are those of Envoy's own test, ring_hash_lb_test.cc at 13e9fdb; the names of its
// cases stand beside them.
#include "models/balance/ring_hash.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/check.hpp"
#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {
namespace {

constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();

using Ring = std::vector<std::pair<std::uint64_t, std::uint32_t>>;

Ring ring_of(const RingHash& policy) {
  Ring ring;
  for (std::size_t place = 0; place < policy.table().ring().size(); ++place) {
    ring.emplace_back(policy.table().ring()[place].position, policy.table().ring()[place].owner);
  }
  return ring;
}

RingHashSpec sized(std::uint64_t least, std::uint64_t most = std::uint64_t{8} << 20) {
  RingHashSpec spec;
  spec.ring_size_min = least;
  spec.ring_size_max = most;
  return spec;
}

TEST(RingHash, BuildsEnvoysRing) {  // Basic
  const HostSet hosts = local_ports(90, 6);
  RingHash policy{sized(12), hosts.input()};
  const Ring expected = {
      {833437586790550860U, 4},   {928266305478181108U, 2},   {1033482794131418490U, 0},
      {3551244743356806947U, 5},  {3851675632748031481U, 3},  {5583722120771150861U, 1},
      {6311230543546372928U, 1},  {7700377290971790572U, 3},  {13144177310400110813U, 5},
      {13444792449719432967U, 2}, {15516499411664133160U, 4}, {16117243373044804889U, 0}};
  EXPECT_EQ(ring_of(policy), expected);
  EXPECT_EQ(picked(policy, at_hash(0)), 4U);
  EXPECT_EQ(picked(policy, at_hash(kLast)), 4U);
  EXPECT_EQ(picked(policy, at_hash(3551244743356806947U)), 5U);
  EXPECT_EQ(picked(policy, at_hash(3551244743356806948U)), 3U);
  EXPECT_EQ(picked(policy, at_hash(16117243373044804880U)), 0U);
}

TEST(RingHash, BuildsEnvoysRingOfMurmurHashes) {  // BasicWithMurmur2
  const HostSet hosts = local_ports(80, 6);
  RingHashSpec spec = sized(12);
  spec.function = RingHashFunction::murmur_hash_2;
  const RingHash policy{spec, hosts.input()};
  const Ring expected = {
      {1358027074129602068U, 5},  {4361834613929391114U, 3},  {7224494972555149682U, 4},
      {7701421856454313576U, 1},  {8649315368077433379U, 2},  {8739448859063030639U, 4},
      {9887544217113020895U, 1},  {10150910876324007731U, 2}, {15168472011420622455U, 3},
      {15427156902705414897U, 0}, {16375050414328759093U, 5}, {17613279263364193813U, 0}};
  EXPECT_EQ(ring_of(policy), expected);
}

TEST(RingHash, HashesTheLabelHashKeyInsteadOfTheAddress) {  // BasicWithMetadataHashKey
  HostSet hosts = local_ports(90, 6);
  for (std::uint32_t host = 0; host < 6; ++host) {
    hosts[host].labels = {{"a", "x"}, {"hash_key", std::to_string(90 + host)}, {"z", "y"}};
  }
  const RingHash policy{sized(12), hosts.input()};
  const Ring expected = {
      {1975508444536362413U, 5},  {2376063919839173711U, 5},  {2386806903309390596U, 3},
      {6749904478991551885U, 4},  {6803900775736438537U, 3},  {7225015537174310577U, 2},
      {8787465352164086522U, 0},  {11282020843382717940U, 2}, {13723418369486627818U, 1},
      {13776502110861797421U, 0}, {14338313586354474791U, 1}, {15364271037087512980U, 4}};
  EXPECT_EQ(ring_of(policy), expected);
}

TEST(RingHash, AvoidsTriedHostsByTheNextPlaces) {  // BasicWithRetryHostPredicate
  const HostSet hosts = local_ports(90, 6);
  RingHashSpec spec = sized(12);
  spec.choice.selection_retries_max = 2;
  RingHash policy{spec, hosts.input()};
  PickRequest request = at_hash(0);
  const std::array only_first = {EndpointId{4}};
  request.tried = only_first;
  EXPECT_EQ(picked(policy, request), 2U);
  std::vector<EndpointId> all;
  for (std::uint32_t host = 0; host < 6; ++host) {
    all.emplace_back(host);
  }
  request.tried = all;
  EXPECT_EQ(picked(policy, request), 0U);
  spec.choice.selection_retries_max = 13;
  RingHash persistent{spec, hosts.input()};
  EXPECT_EQ(picked(persistent, request), 2U);
}

TEST(RingHash, GivesTheLightestHostAWholeNumberOfPlaces) {  // UnevenHosts
  const HostSet before = local_ports(80, 2);
  EXPECT_EQ(ring_of(RingHash(sized(3), before.input())), (Ring{{5454692015285649509U, 0},
                                                               {7859399908942313493U, 1},
                                                               {13838424394637650569U, 0},
                                                               {16064866803292627174U, 1}}));
  const HostSet after = local_ports(81, 2);
  EXPECT_EQ(ring_of(RingHash(sized(3), after.input())), (Ring{{7859399908942313493U, 0},
                                                              {8241336090459785962U, 1},
                                                              {12882406409176325258U, 1},
                                                              {16064866803292627174U, 0}}));
}

TEST(RingHash, PlacesHostsByWeight) {  // HostWeightedTinyRing
  HostSet hosts;
  hosts.add("127.0.0.1:90", 1).add("127.0.0.1:91", 2).add("127.0.0.1:92", 3);
  EXPECT_EQ(ring_of(RingHash(sized(6, 6), hosts.input())), (Ring{{928266305478181108U, 2},
                                                                 {4443673547860492590U, 2},
                                                                 {5583722120771150861U, 1},
                                                                 {6311230543546372928U, 1},
                                                                 {13444792449719432967U, 2},
                                                                 {16117243373044804889U, 0}}));
}

TEST(RingHash, SpreadsKeysByWeight) {  // HostWeightedLargeRing
  HostSet hosts;
  hosts.add("127.0.0.1:90", 1).add("127.0.0.1:91", 2).add("127.0.0.1:92", 3);
  RingHash policy{sized(6144), hosts.input()};
  std::array<int, 3> counts{};
  for (std::uint64_t i = 0; i < 6000; ++i) {
    ++counts[picked(policy, at_hash(i * (kLast / 6000)))];
  }
  EXPECT_EQ(counts, (std::array<int, 3>{987, 1932, 3081}));
}

TEST(RingHash, KeepsItsSizeAtTheMaximum) {
  // Four hosts share six places: two, one, two, one, as Envoy's own comment works out.
  const HostSet hosts = local_ports(90, 4);
  const RingHash policy{sized(6, 6), hosts.input()};
  std::array<int, 4> places{};
  for (const auto& [position, owner] : ring_of(policy)) {
    ++places[owner];
  }
  EXPECT_EQ(places, (std::array<int, 4>{2, 1, 2, 1}));
}

TEST(RingHash, PicksNobodyFromNobody) {
  const HostSet nobody;
  RingHash policy{sized(12), nobody.input()};
  EXPECT_EQ(policy.pick({}, with_key("key")), std::nullopt);
}

TEST(RingHash, RefusesAMinimumAboveTheMaximum) {  // BadRingSizeBounds
  const HostSet hosts = local_ports(90, 2);
  EXPECT_THROW(RingHash(sized(20, 10), hosts.input()), ProgrammingError);
}

TEST(RingHash, PicksAtRandomWithoutAKey) {
  const HostSet hosts = hosts_in(0, 4);
  RingHash policy{sized(4096), hosts.input()};
  std::array<int, 4> counts{};
  for (int pick = 0; pick < 4000; ++pick) {
    ++counts[picked(policy, {})];
  }
  for (const int count : counts) {
    EXPECT_NEAR(count, 1000, 200);
  }
}

// The share of a host that owns v of n·v uniform points is Beta(v, n·v - v) distributed.
TEST(RingHash, SharesDeviateAsUniformPointsDo) {
  constexpr std::uint32_t kHosts = 20;
  constexpr std::uint32_t kPlaces = 160;
  double squares = 0;
  constexpr std::uint32_t kRings = 200;
  for (std::uint32_t series = 0; series < kRings; ++series) {
    const HostSet hosts = hosts_in(series, kHosts);
    const RingHash policy{sized(kHosts * kPlaces), hosts.input()};
    std::array<double, kHosts> shares{};
    const auto& ring = policy.table().ring();
    for (std::size_t place = 0; place < ring.size(); ++place) {
      const std::uint64_t arc = ring[place].position - ring[ring.before(place)].position;
      shares[ring[place].owner] += static_cast<double>(arc) * 0x1p-64;
    }
    for (const double share : shares) {
      squares += (share - 1.0 / kHosts) * (share - 1.0 / kHosts);
    }
  }
  const double measured = std::sqrt(squares / (kRings * kHosts));
  const double expected =
      std::sqrt((kHosts - 1.0) / (kHosts * 1.0 * kHosts) / (kHosts * 1.0 * kPlaces + 1));
  EXPECT_NEAR(measured / expected, 1, 0.05);
  EXPECT_NEAR(measured * kHosts * std::sqrt(kPlaces), 1, 0.1) << "the rule of thumb 1/(n·sqrt(v))";
  RecordProperty("share_deviation_percent", std::to_string(measured * kHosts * 100));
}

}  // namespace
}  // namespace windtunnel::balance
