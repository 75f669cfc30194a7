// How evenly each policy spreads keys that are not skewed: 50 sets of 20 hosts of weight 1, each
// with 20 000 keys of its own. What the policy's table does not explain, the draw of keys does.
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "models/balance/bounded_load.hpp"
#include "models/balance/hash_haproxy_map.hpp"
#include "models/balance/hash_haproxy_ring.hpp"
#include "models/balance/hash_nginx.hpp"
#include "models/balance/ketama.hpp"
#include "models/balance/maglev.hpp"
#include "models/balance/rendezvous.hpp"
#include "models/balance/ring_hash.hpp"
#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {
namespace {

constexpr std::uint32_t kHosts = 20;
constexpr std::uint32_t kSets = 50;
constexpr std::uint32_t kKeys = 20'000;

/// Mean over the sets of the shares' standard deviation, in percent of the mean share.
template <typename PolicyType, typename SpecType>
double deviation_percent(const SpecType& spec) {
  double sum = 0;
  for (std::uint32_t series = 0; series < kSets; ++series) {
    const HostSet hosts = hosts_in(series, kHosts);
    PolicyType policy{spec, hosts.input()};
    std::array<int, kHosts> counts{};
    for (std::uint32_t key = 0; key < kKeys; ++key) {
      ++counts[picked(policy, with_key("/item/" + std::to_string(series * kKeys + key)))];
    }
    double squares = 0;
    for (const int count : counts) {
      const double ratio = 1.0 * count * kHosts / kKeys - 1;
      squares += ratio * ratio;
    }
    sum += std::sqrt(squares / kHosts);
  }
  return sum / kSets * 100;
}

// A fair draw's own deviation.
const double kDraw = 100 * std::sqrt(1.0 * kHosts / kKeys);

/// A ring of `places` for each host adds 1/sqrt(places).
double of_ring(double places) {
  return std::sqrt(kDraw * kDraw + 100 * 100 / places);
}

TEST(Fairness, OfEvenTablesIsThatOfADraw) {
  EXPECT_NEAR(deviation_percent<Maglev>(MaglevSpec{}), kDraw, 0.5);
  EXPECT_NEAR(deviation_percent<Rendezvous>(RendezvousSpec{}), kDraw, 0.5);
  EXPECT_NEAR(deviation_percent<NginxHash>(NginxHashSpec{}), kDraw, 0.5);
  const HaproxyHash avalanche{HaproxyHashFunction::sdbm, HaproxyHashModifier::avalanche};
  EXPECT_NEAR(deviation_percent<HaproxyMap>(HaproxyMapSpec{avalanche}), kDraw, 0.5);
}

TEST(Fairness, OfRingsIsThatOfTheirPlaces) {
  EXPECT_NEAR(deviation_percent<Ketama>(KetamaSpec{}) / of_ring(160), 1, 0.1);
  EXPECT_NEAR(deviation_percent<BoundedLoad>(BoundedLoadSpec{}) / of_ring(160), 1, 0.1);
  EXPECT_NEAR(deviation_percent<RingHash>(RingHashSpec{}) / of_ring(52), 1, 0.1);
  // Half of the gap to each side instead of the whole to one: the arc of a place is the mean of
  // two gaps, which has half the variance.
  EXPECT_NEAR(deviation_percent<HaproxyRing>(HaproxyRingSpec{}) / of_ring(32), 1, 0.25);
}

}  // namespace
}  // namespace windtunnel::balance
