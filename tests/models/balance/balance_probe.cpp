// Drives one policy by commands, so that a script can put the same questions to it and to a real
// load balancer. One line in, at most one line out:
//   make POLICY MAX_FAILS FAIL_TIMEOUT_SECONDS WEIGHT...   POLICY as in `policies` below
//   pick NANOSECONDS TRIED... the picked index, which now has one more active request; -1 for none
//   end NANOSECONDS INDEX ok|fail
//   shares                    of random draws, by index, in millionths (haproxy_random)
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "models/balance/haproxy_least_conn.hpp"
#include "models/balance/haproxy_random.hpp"
#include "models/balance/haproxy_round_robin.hpp"
#include "models/balance/nginx_least_conn.hpp"
#include "models/balance/nginx_random.hpp"
#include "models/balance/nginx_round_robin.hpp"
#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

using Maker = std::function<std::unique_ptr<Policy>(const PolicyInput&, NginxSpec)>;

template <typename PolicyType, typename Spec>
Maker ignoring_failures(Spec spec) {
  return [spec](const PolicyInput& input, NginxSpec) {
    return std::make_unique<PolicyType>(spec, input);
  };
}

const std::map<std::string, Maker>& policies() {
  static const std::map<std::string, Maker> makers{
      {"nginx_round_robin",
       [](const PolicyInput& input, NginxSpec spec) {
         return std::make_unique<NginxRoundRobin>(spec, input);
       }},
      {"nginx_least_conn",
       [](const PolicyInput& input, NginxSpec spec) {
         return std::make_unique<NginxLeastConn>(spec, input);
       }},
      {"nginx_random",
       [](const PolicyInput& input, NginxSpec spec) {
         return std::make_unique<NginxRandom>(NginxRandomSpec{.server = spec}, input);
       }},
      {"haproxy_round_robin", ignoring_failures<HaproxyRoundRobin>(HaproxyRoundRobinSpec{})},
      {"haproxy_least_conn", ignoring_failures<HaproxyLeastConn>(HaproxyLeastConnSpec{})},
      {"haproxy_random", ignoring_failures<HaproxyRandom>(HaproxyRandomSpec{})},
  };
  return makers;
}

class Probe {
 public:
  void obey(const std::string& line) {
    std::istringstream words{line};
    std::string verb;
    words >> verb;
    if (verb == "make") {
      make(words);
    } else if (verb == "pick") {
      pick(words);
    } else if (verb == "end") {
      end(words);
    } else if (verb == "shares") {
      shares();
    }
  }

 private:
  static Instant instant_of(std::istringstream& words) {
    std::int64_t nanoseconds = 0;
    words >> nanoseconds;
    return instant_at<Instant>(nanoseconds);
  }

  void make(std::istringstream& words) {
    std::string name;
    std::uint32_t max_fails = 0;
    std::int64_t fail_timeout = 0;
    words >> name >> max_fails >> fail_timeout;
    std::vector<std::uint32_t> weights;
    for (std::uint32_t weight = 0; words >> weight;) {
      weights.push_back(weight);
    }
    made_ = std::make_unique<MadeEndpoints>(weights);
    policy_ = policies().at(name)(made_->input(1), {max_fails, std::chrono::seconds{fail_timeout}});
  }

  void pick(std::istringstream& words) {
    const Instant now = instant_of(words);
    std::vector<EndpointId> tried;
    for (std::uint32_t index = 0; words >> index;) {
      tried.emplace_back(index);
    }
    const std::optional<EndpointId> picked = policy_->pick(now, after(tried));
    if (picked) {
      made_->loads.begin(*picked);
      std::cout << picked->value() << std::endl;
    } else {
      std::cout << -1 << std::endl;
    }
  }

  void end(std::istringstream& words) {
    const Instant now = instant_of(words);
    std::uint32_t index = 0;
    std::string how;
    words >> index >> how;
    made_->loads.end(EndpointId{index});
    policy_->observe(now, {EndpointId{index}, Duration{}, how == "ok"});
  }

  void shares() {
    constexpr std::uint32_t kSamples = 1U << 22;
    const auto& random = dynamic_cast<const HaproxyRandom&>(*policy_);
    std::vector<std::uint64_t> hits(made_->endpoints.size());
    for (std::uint32_t sample = 0; sample < kSamples; ++sample) {
      ++hits[random.nearest(sample * (0xffffffffU / kSamples + 1))];
    }
    for (const std::uint64_t count : hits) {
      std::cout << count * 1'000'000 / kSamples << ' ';
    }
    std::cout << std::endl;
  }

  std::unique_ptr<MadeEndpoints> made_;
  std::unique_ptr<Policy> policy_;
};

}  // namespace
}  // namespace windtunnel::balance

int main() {
  windtunnel::balance::Probe probe;
  for (std::string line; std::getline(std::cin, line);) {
    probe.obey(line);
  }
  return 0;
}
