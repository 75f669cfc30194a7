#include "sim/livelock.hpp"

#include <limits>
#include <string>
#include <utility>

namespace windtunnel::sim {

namespace {

std::string describe(TrueInstant at, std::uint64_t events,
                     const std::vector<std::uint32_t>& hosts) {
  std::string text = std::to_string(events) + " events ran at instant " +
                     std::to_string(nanoseconds_of(at)) + " ns and time does not move; last hosts:";
  for (const std::uint32_t host : hosts) {
    const bool is_host = host != std::numeric_limits<std::uint32_t>::max();
    text += ' ';
    text += is_host ? std::to_string(host) : std::string{"none"};
  }
  return text;
}

}  // namespace

Livelock::Livelock(TrueInstant at, std::uint64_t events, std::vector<std::uint32_t> hosts)
    : std::runtime_error(describe(at, events, hosts)),
      at_(at),
      events_(events),
      hosts_(std::move(hosts)) {}

}  // namespace windtunnel::sim
