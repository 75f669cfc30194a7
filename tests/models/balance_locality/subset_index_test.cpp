// The table of Envoy's documentation on subsets, and a search through all endpoints to compare
// with.
#include "models/balance/subset_index.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "runtime/random.hpp"
#include "tests/models/balance_locality/simple_policies.hpp"

namespace windtunnel::balance {
namespace {

using Hosts = std::vector<std::uint32_t>;
using Wanted = std::vector<LabelMatch>;

Endpoint labelled(std::uint32_t id, std::vector<Label> labels) {
  std::sort(labels.begin(), labels.end());
  Endpoint endpoint = endpoints_from(id, 1).front();
  endpoint.labels = std::move(labels);
  return endpoint;
}

/// The documentation's host1 to host4.
std::vector<Endpoint> documented_hosts() {
  return {labelled(1, {{"v", "1.0"}, {"stage", "prod"}}),
          labelled(2, {{"v", "1.0"}, {"stage", "prod"}}),
          labelled(3, {{"v", "1.1"}, {"stage", "canary"}}),
          labelled(4, {{"v", "1.2-pre"}, {"stage", "dev"}})};
}

SubsetOptions documented_options() {
  return {.selectors = {{{"v", "stage"}, std::nullopt}, {{"stage"}, SubsetFallback::nothing}},
          .fallback = SubsetFallback::default_subset,
          .default_subset = {{"stage", "prod"}}};
}

/// Ids of the endpoints that a request for `wanted` is balanced over; none for no part.
Hosts hosts_for(const SubsetIndex& index, std::span<const Endpoint> endpoints,
                const Wanted& wanted) {
  const auto part = index.find(wanted);
  Hosts hosts;
  if (part) {
    for (const std::uint32_t position : index.parts()[*part]) {
      hosts.push_back(endpoints[position].id.value());
    }
  }
  return hosts;
}

TEST(SubsetIndex, BalancesOverWhatEnvoysDocumentationSays) {
  const auto endpoints = documented_hosts();
  const SubsetIndex index{documented_options(), endpoints};
  const std::vector<std::pair<Wanted, Hosts>> rows{
      {{{"stage", "canary"}}, {3}},
      {{{"stage", "dev"}, {"v", "1.2-pre"}}, {4}},
      {{{"v", "1.0"}}, {1, 2}},
      {{{"other", "x"}}, {1, 2}},
      {{}, {1, 2}},
      {{{"stage", "test"}}, {}},
  };
  for (const auto& [wanted, hosts] : rows) {
    EXPECT_EQ(hosts_for(index, endpoints, wanted), hosts);
  }
}

TEST(SubsetIndex, FallsBackAsConfigured) {
  const auto endpoints = documented_hosts();
  SubsetOptions options = documented_options();
  options.fallback = SubsetFallback::any_endpoint;
  EXPECT_EQ(hosts_for(SubsetIndex{options, endpoints}, endpoints, {{"v", "9"}}),
            (Hosts{1, 2, 3, 4}));
  options.fallback = SubsetFallback::nothing;
  EXPECT_EQ((SubsetIndex{options, endpoints}.find(Wanted{{"v", "9"}})), std::nullopt);
}

TEST(SubsetIndex, ResultsInNoSubsetWhereNoHostHasAllKeys) {
  const std::vector<Endpoint> endpoints{labelled(1, {{"v", "1"}}), labelled(2, {{"stage", "dev"}})};
  const SubsetIndex index{{.selectors = {{{"stage", "v"}, std::nullopt}}}, endpoints};
  EXPECT_EQ(index.parts().size(), 2U);
  EXPECT_EQ(index.find(Wanted{{"stage", "dev"}, {"v", "1"}}), std::nullopt);
}

TEST(SubsetIndex, FindsTheSameLabelsInAnotherIndex) {
  const SubsetOptions options{.selectors = {{{"stage"}, std::nullopt}, {{"v"}, std::nullopt}}};
  const std::vector<Endpoint> before{labelled(1, {{"stage", "b"}, {"v", "1"}}),
                                     labelled(2, {{"stage", "c"}, {"v", "2"}})};
  const std::vector<Endpoint> after{labelled(1, {{"stage", "a"}, {"v", "1"}}),
                                    labelled(2, {{"stage", "c"}, {"v", "0"}})};
  const SubsetIndex old_index{options, before};
  const SubsetIndex new_index{options, after};
  const auto part = [](const SubsetIndex& index, const Wanted& wanted) {
    return index.find(wanted);
  };
  for (const Wanted& kept : {Wanted{{"stage", "c"}}, Wanted{{"v", "1"}}}) {
    EXPECT_EQ(new_index.counterpart(*part(new_index, kept), old_index), part(old_index, kept));
  }
  for (const Wanted& added : {Wanted{{"stage", "a"}}, Wanted{{"v", "0"}}}) {
    EXPECT_EQ(new_index.counterpart(*part(new_index, added), old_index), std::nullopt);
  }
  EXPECT_EQ(new_index.counterpart(SubsetIndex::kAll, old_index), SubsetIndex::kAll);
}

// Every endpoint whose labels under the selector's keys are the wanted ones, and no other.
TEST(SubsetIndex, FindsWhatASearchThroughAllEndpointsFinds) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "test.subsets"};
    const auto value = [&] {
      return std::string(1 + random.below(2), 'x') + char('0' + random.below(3));
    };
    std::vector<Endpoint> endpoints;
    for (std::uint32_t id = 0; id < 40; ++id) {
      std::vector<Label> labels;
      for (const char* key : {"a", "b", "c"}) {
        if (random.below(5) != 0) {
          labels.emplace_back(key, value());
        }
      }
      endpoints.push_back(labelled(id, std::move(labels)));
    }
    const SubsetIndex index{{.selectors = {{{"b", "a"}, std::nullopt}, {{"c"}, std::nullopt}}},
                            endpoints};
    for (int query = 0; query < 20; ++query) {
      const std::string first = value();
      const std::string second = value();
      const Wanted wanted =
          random.below(2) == 0 ? Wanted{{"a", first}, {"b", second}} : Wanted{{"c", first}};
      Hosts expected;
      for (const Endpoint& endpoint : endpoints) {
        const bool has_all =
            std::all_of(wanted.begin(), wanted.end(), [&](const LabelMatch& match) {
              return std::find(endpoint.labels.begin(), endpoint.labels.end(), Label{match}) !=
                     endpoint.labels.end();
            });
        if (has_all) {
          expected.push_back(endpoint.id.value());
        }
      }
      ASSERT_EQ(hosts_for(index, endpoints, wanted), expected) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace windtunnel::balance
