// Says how long a backup of ours waits after the last advertisement that it heard, for comparison
// with keepalived.
//
// usage: vrrp_probe VERSION PRIORITY INTERVAL-CENTISECONDS crash|goodbye; prints nanoseconds
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "models/health/vrrp.hpp"

namespace windtunnel::health {
namespace {

Duration wait_of(const VrrpOptions& options, bool has_goodbye) {
  const Instant heard{};
  VrrpRouter backup(options);
  backup.start(heard);
  backup.step(heard, {.version = options.version,
                      .priority = 200,
                      .interval_centiseconds = options.advertisement_interval_centiseconds});
  if (has_goodbye) {
    backup.step(heard, {.version = options.version,
                        .priority = 0,
                        .interval_centiseconds = options.advertisement_interval_centiseconds});
  }
  const Instant due = backup.next_deadline();
  backup.on_deadline(due);
  return backup.state() == VrrpState::active ? due - heard : Duration::max();
}

}  // namespace
}  // namespace windtunnel::health

int main(int argc, char** argv) {
  using namespace windtunnel::health;
  if (argc != 5) {
    return 2;
  }
  const VrrpOptions options{
      .version = std::atoi(argv[1]) == 2 ? VrrpVersion::v2 : VrrpVersion::v3,
      .priority = static_cast<std::uint8_t>(std::atoi(argv[2])),
      .advertisement_interval_centiseconds = static_cast<std::uint16_t>(std::atoi(argv[3]))};
  std::cout << wait_of(options, std::string_view{argv[4]} == "goodbye").count() << '\n';
  return 0;
}
