// Picks for keys read from standard input, one a line, with a policy and servers given as
// arguments; the tests against live servers compare its answers with theirs.
//
// usage: hash_probe POLICY [--function NAME] [--avalanche] [--factor PERCENT] [--hold]
//                   [--source] SERVER...
//
// POLICY is ketama, nginx, haproxy-ring or haproxy-map. A SERVER is ADDRESS,WEIGHT,STATE with STATE
// up, down (not to be picked) or dead (picked, but the attempt fails, so that the next is tried).
// An answer is the indices of the servers attempted, apart by spaces; "none" where nobody is left.
// --source reads IPv4 addresses as keys. --hold counts each answer's last server as one more
// request under way.
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "models/balance/hash_haproxy_map.hpp"
#include "models/balance/hash_haproxy_ring.hpp"
#include "models/balance/hash_nginx.hpp"
#include "models/balance/ketama.hpp"
#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {
namespace {

struct Options {
  std::string policy;
  HaproxyHash hash;
  std::uint32_t factor = 0;
  bool hold = false;
  bool source = false;
  HostSet hosts;
  std::vector<bool> dead;
};

HaproxyHashFunction function_of(const std::string& name) {
  static const std::map<std::string, HaproxyHashFunction> kNames = {
      {"sdbm", HaproxyHashFunction::sdbm},
      {"djb2", HaproxyHashFunction::djb2},
      {"wt6", HaproxyHashFunction::wt6},
      {"crc32", HaproxyHashFunction::crc32}};
  return kNames.at(name);
}

void add_server(Options& options, const std::string& text) {
  const std::size_t state = text.rfind(',');
  const std::size_t weight = text.rfind(',', state - 1);
  options.hosts.add(
      text.substr(0, weight),
      static_cast<std::uint32_t>(std::stoul(text.substr(weight + 1, state - weight - 1))));
  if (text.substr(state + 1) == "down") {
    options.hosts.endpoints().back().health = EndpointHealth::unhealthy;
  }
  options.dead.push_back(text.substr(state + 1) == "dead");
}

Options options_of(const std::vector<std::string>& arguments) {
  Options options;
  options.policy = arguments.at(0);
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i] == "--function") {
      options.hash.function = function_of(arguments.at(++i));
    } else if (arguments[i] == "--avalanche") {
      options.hash.modifier = HaproxyHashModifier::avalanche;
    } else if (arguments[i] == "--factor") {
      options.factor = static_cast<std::uint32_t>(std::stoul(arguments.at(++i)));
    } else if (arguments[i] == "--hold") {
      options.hold = true;
    } else if (arguments[i] == "--source") {
      options.source = true;
    } else {
      add_server(options, arguments[i]);
    }
  }
  return options;
}

std::unique_ptr<Policy> policy_of(const Options& options) {
  const PolicyInput input = options.hosts.input();
  if (options.policy == "ketama") {
    return std::make_unique<Ketama>(KetamaSpec{}, input);
  }
  if (options.policy == "nginx") {
    return std::make_unique<NginxHash>(NginxHashSpec{}, input);
  }
  if (options.policy == "haproxy-map") {
    return std::make_unique<HaproxyMap>(HaproxyMapSpec{options.hash}, input);
  }
  return std::make_unique<HaproxyRing>(HaproxyRingSpec{options.hash, options.factor}, input);
}

/// A request for `key`, which must stay where it is.
PickRequest request_for(const Options& options, std::string_view key) {
  if (!options.source) {
    return with_key(key);
  }
  std::string address;
  std::istringstream text{std::string{key}};
  for (std::string byte; std::getline(text, byte, '.');) {
    address += static_cast<char>(std::stoi(byte));
  }
  return at_hash(haproxy_source_hash(options.hash.modifier, address));
}

/// The servers attempted for `key`, until one is not dead or nobody is left.
std::vector<EndpointId> attempts_for(Policy& policy, const Options& options, std::string_view key) {
  std::vector<EndpointId> attempts;
  PickRequest request = request_for(options, key);
  do {
    request.attempt = static_cast<std::uint32_t>(attempts.size());
    request.tried = attempts;
    const auto endpoint = policy.pick({}, request);
    if (!endpoint) {
      break;
    }
    attempts.push_back(*endpoint);
  } while (options.dead[attempts.back().value()]);
  return attempts;
}

int answer(const std::vector<std::string>& arguments) {
  Options options = options_of(arguments);
  const std::unique_ptr<Policy> policy = policy_of(options);
  for (std::string key; std::getline(std::cin, key);) {
    const std::vector<EndpointId> attempts = attempts_for(*policy, options, key);
    for (std::size_t attempt = 0; attempt < attempts.size(); ++attempt) {
      std::cout << (attempt == 0 ? "" : " ") << attempts[attempt].value();
    }
    std::cout << (attempts.empty() ? "none\n" : "\n");
    if (options.hold && !attempts.empty()) {
      options.hosts.loads().begin(attempts.back());
    }
  }
  return 0;
}

}  // namespace
}  // namespace windtunnel::balance

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: hash_probe POLICY [OPTION...] ADDRESS,WEIGHT,STATE...\n";
    return 2;
  }
  return windtunnel::balance::answer({argv + 1, argv + argc});
}
