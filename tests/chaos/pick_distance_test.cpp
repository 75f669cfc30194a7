#include "chaos/measure/pick_distance.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

std::vector<HostId> instances(std::uint32_t count) {
  std::vector<HostId> hosts;
  for (std::uint32_t i = 0; i < count; ++i) {
    hosts.push_back(HostId{10 + i});
  }
  return hosts;
}

PickTarget any_target(const std::vector<HostId>& hosts) {
  if (*rc::gen::arbitrary<bool>()) {
    return even_target(hosts, {});
  }
  FaultRecord crash = strike("crash", Duration{*rc::gen::inRange(0, 300)}, Duration{400});
  crash.targets = {hosts.front()};
  return even_target(hosts, {crash});
}

/// Picks of which the earlier instances have more, and some that do not count.
OperationRecord any_pick(Duration invoked, std::uint32_t count) {
  OperationRecord made = operation(invoked, 1ms);
  const std::uint32_t drawn = *rc::gen::inRange(0U, count + 1);
  made.picked = HostId{10 + (*rc::gen::arbitrary<bool>() ? drawn / 2 : drawn)};
  return made;
}

RC_GTEST_PROP(PickDistanceProperty, AgreesWithTheTotalVariationOfAllThatIsInTheWindow, ()) {
  const std::uint32_t count = *rc::gen::inRange(1U, 40U);
  const std::vector<HostId> hosts = instances(count);
  const PickTarget target = any_target(hosts);
  // A bound that is met exactly now and then.
  const double bound = *rc::gen::element(0.1, 0.25, 0.5, 1.0 / 3);
  const std::size_t window = *rc::gen::inRange<std::size_t>(1, 60);

  PickDistance distance{target};
  std::vector<OperationRecord> picks;
  for (int i = 0; i < 200; ++i) {
    picks.push_back(any_pick(Duration{2 * i}, count));
    distance.add(picks.back());
    if (picks.size() > window) {
      distance.remove(picks[picks.size() - 1 - window]);
    }
    PickTally plain{target};
    for (std::size_t j = picks.size() - std::min(picks.size(), window); j < picks.size(); ++j) {
      plain.add(picks[j]);
    }
    RC_ASSERT(distance.all() == plain.all());
    if (plain.all() > 0) {
      const double expected = plain.total_variation();
      RC_ASSERT(std::abs(distance.compared_with(bound) - expected) < 1e-12);
      RC_ASSERT((distance.compared_with(bound) <= bound) == (expected <= bound));
    }
  }
}

}  // namespace
}  // namespace windtunnel::chaos
