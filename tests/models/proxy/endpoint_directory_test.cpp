#include "models/proxy/endpoint_directory.hpp"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/proxy/endpoint_documents.hpp"
#include "runtime/codec.hpp"
#include "runtime/random.hpp"

namespace windtunnel::proxy {
namespace {

registry::Instance instance(std::uint32_t number) {
  registry::Instance made;
  made.service = "shop";
  made.id = "web-" + std::to_string(number);
  made.host = HostId{100 + number};
  made.zone = number % 2 == 0 ? "a" : "b";
  return made;
}

std::set<std::string> in_use(const EndpointDirectory& directory) {
  std::set<std::string> ids;
  for (const balance::Endpoint& endpoint : directory.endpoints()) {
    ids.insert(endpoint.address);
  }
  return ids;
}

TEST(EndpointDirectory, KeepsTheNumberOfAnInstanceThatGoesAndComesBack) {
  EndpointDirectory directory;
  for (std::uint32_t i = 0; i < 3; ++i) {
    directory.put(instance(i));
  }
  directory.settle();
  directory.remove("web-0");
  directory.settle();
  ASSERT_EQ(directory.endpoints().size(), 2U);
  EXPECT_EQ(directory.endpoints()[0].id, balance::EndpointId{1});
  EXPECT_EQ(directory.host_of(balance::EndpointId{0}), HostId{100});
  directory.put(instance(0));
  directory.put(instance(3));
  directory.settle();
  ASSERT_EQ(directory.endpoints().size(), 4U);
  EXPECT_EQ(directory.endpoints()[0].id, balance::EndpointId{0});
  EXPECT_EQ(directory.endpoints()[3].address, "web-3");
  EXPECT_EQ(directory.endpoints()[3].zone, "b");
}

TEST(EndpointDirectory, ListsTheSameInTheSameOrderWhateverCameFirst) {
  EndpointDirectory one;
  EndpointDirectory other;
  for (std::uint32_t i = 0; i < 12; ++i) {
    one.put(instance(i));
    other.put(instance(11 - i));
  }
  one.settle();
  other.settle();
  ASSERT_EQ(one.endpoints().size(), 12U);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(one.endpoints()[i].address, other.endpoints()[i].address);
  }
}

TEST(EndpointDirectory, HoldsOnToThoseOfTheLastUpdateThatHadAny) {
  EndpointDirectory directory;
  directory.settle();
  EXPECT_TRUE(directory.endpoints().empty());
  EXPECT_FALSE(directory.is_holding_on());
  for (std::uint32_t i = 0; i < 3; ++i) {
    directory.put(instance(i));
  }
  directory.settle();
  directory.remove("web-2");
  directory.settle();
  directory.remove("web-0");
  directory.remove("web-1");
  directory.settle();
  EXPECT_EQ(in_use(directory), (std::set<std::string>{"web-0", "web-1"}));
  EXPECT_TRUE(directory.is_holding_on());
  directory.put(instance(7));
  directory.settle();
  EXPECT_EQ(in_use(directory), std::set<std::string>{"web-7"});
  EXPECT_FALSE(directory.is_holding_on());
}

TEST(EndpointDirectory, AgreesWithASetThroughAnyOrderOfUpdates) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomStream random{seed, "directory"};
    EndpointDirectory directory;
    std::set<std::string> registered;
    std::set<std::string> expected;
    for (int update = 0; update < 100; ++update) {
      for (std::uint64_t changes = random.below(4); changes > 0; --changes) {
        const auto number = static_cast<std::uint32_t>(random.below(5));
        if (random.below(2) == 0) {
          directory.put(instance(number));
          registered.insert(instance(number).id);
        } else {
          directory.remove(instance(number).id);
          registered.erase(instance(number).id);
        }
      }
      directory.settle();
      expected = registered.empty() ? expected : registered;
      ASSERT_EQ(in_use(directory), expected) << "seed " << seed;
      for (const balance::Endpoint& endpoint : directory.endpoints()) {
        ASSERT_EQ("web-" + std::to_string(directory.host_of(endpoint.id).value() - 100),
                  endpoint.address);
      }
    }
  }
}

TEST(EndpointDocuments, RefuseAnythingButTheInstanceThatTheirNameSays) {
  config::Update update{0, 1, {}, {}};
  update.written.push_back(
      {endpoint_prefix_of("shop") + "web-1", SharedBytes{encoded(instance(1))}, 1});
  update.written.push_back({"limits/global", SharedBytes{"whatever"}, 1});
  EXPECT_EQ(endpoint_flaw_of(update), std::nullopt);
  update.written.push_back(
      {endpoint_prefix_of("stock") + "web-1", SharedBytes{encoded(instance(1))}, 1});
  EXPECT_EQ(endpoint_flaw_of(update), "endpoints/stock/web-1: its content is no such instance");
  update.written.back() = {endpoint_prefix_of("shop") + "web-2", SharedBytes{"no instance"}, 1};
  EXPECT_EQ(endpoint_flaw_of(update), "endpoints/shop/web-2: its content is no such instance");
}

}  // namespace
}  // namespace windtunnel::proxy
