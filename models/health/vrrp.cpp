#include "models/health/vrrp.hpp"

#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::health {

Duration vrrp_skew_time(VrrpVersion version, std::uint8_t priority,
                        std::uint16_t interval_centiseconds) {
  const Duration scaled =
      version == VrrpVersion::v2 ? centiseconds(100) : centiseconds(interval_centiseconds);
  return scaled * (256 - priority) / 256;
}

Duration vrrp_down_interval(VrrpVersion version, std::uint8_t priority,
                            std::uint16_t interval_centiseconds) {
  return 3 * centiseconds(interval_centiseconds) +
         vrrp_skew_time(version, priority, interval_centiseconds);
}

VrrpRouter::VrrpRouter(const VrrpOptions& options)
    : options_(options), active_interval_(options.advertisement_interval_centiseconds) {
  check(options.priority > 0, "priority 0 is for leaving");
  check(options.advertisement_interval_centiseconds > 0 &&
            options.advertisement_interval_centiseconds <= 4095,
        "an advertisement interval has twelve bits");
  check(
      options.version == VrrpVersion::v3 || options.advertisement_interval_centiseconds % 100 == 0,
      "version 2 advertises every so many whole seconds");
}

void VrrpRouter::start(Instant now) {
  check(state_ == VrrpState::initialize, "a router starts once");
  active_interval_ = options_.advertisement_interval_centiseconds;
  if (is_owner()) {
    become_active(now);
    return;
  }
  state_ = VrrpState::backup;
  deadline_ = now + down_interval();
}

void VrrpRouter::shutdown(Instant /*now*/) {
  if (state_ == VrrpState::active) {
    advertise(0);
  }
  state_ = VrrpState::initialize;
  deadline_ = Instant::max();
}

void VrrpRouter::step(Instant now, const VrrpAdvertisement& advertisement) {
  if (!concerns_us(advertisement)) {
    return;
  }
  switch (state_) {
    case VrrpState::initialize:
      break;
    case VrrpState::backup:
      step_as_backup(now, advertisement);
      break;
    case VrrpState::active:
      step_as_active(now, advertisement);
      break;
  }
}

bool VrrpRouter::concerns_us(const VrrpAdvertisement& advertisement) const {
  const bool interval_fits =
      options_.version == VrrpVersion::v3 ||
      advertisement.interval_centiseconds == options_.advertisement_interval_centiseconds;
  return advertisement.version == options_.version &&
         advertisement.virtual_router_id == options_.virtual_router_id && interval_fits;
}

void VrrpRouter::step_as_backup(Instant now, const VrrpAdvertisement& advertisement) {
  if (advertisement.priority == 0) {
    deadline_ = now + vrrp_skew_time(options_.version, options_.priority, active_interval_);
  } else if (options_.preemption == VrrpPreemption::disabled ||
             advertisement.priority >= options_.priority) {
    follow(now, advertisement);
  }
  // Else the active router is worse than this one: its advertisements do not feed the timer.
}

void VrrpRouter::step_as_active(Instant now, const VrrpAdvertisement& advertisement) {
  if (advertisement.priority == 0) {
    advertise_and_rearm(now);
    return;
  }
  const auto rank = [](std::uint8_t priority, std::uint32_t address) {
    return std::pair{priority, address};
  };
  if (rank(advertisement.priority, advertisement.sender_address) >
      rank(options_.priority, options_.primary_address)) {
    follow(now, advertisement);
  } else if (options_.version == VrrpVersion::v3) {
    // New in RFC 9568 §6.4.3: say at once who is active, for the loser and for learning bridges.
    // The timer runs on.
    advertise(options_.priority);
  }
}

void VrrpRouter::follow(Instant now, const VrrpAdvertisement& advertisement) {
  state_ = VrrpState::backup;
  active_interval_ = advertisement.interval_centiseconds;
  deadline_ = now + down_interval();
}

Duration VrrpRouter::down_interval() const {
  return vrrp_down_interval(options_.version, options_.priority, active_interval_);
}

void VrrpRouter::on_deadline(Instant now) {
  if (now < deadline_) {
    return;
  }
  if (state_ == VrrpState::backup) {
    become_active(now);
  } else {
    advertise_and_rearm(now);
  }
}

void VrrpRouter::become_active(Instant now) {
  state_ = VrrpState::active;
  advertise_and_rearm(now);
}

void VrrpRouter::advertise_and_rearm(Instant now) {
  advertise(options_.priority);
  deadline_ = now + centiseconds(options_.advertisement_interval_centiseconds);
}

void VrrpRouter::advertise(std::uint8_t priority) {
  output_ = VrrpAdvertisement{.version = options_.version,
                              .virtual_router_id = options_.virtual_router_id,
                              .priority = priority,
                              .interval_centiseconds = options_.advertisement_interval_centiseconds,
                              .sender_address = options_.primary_address};
}

std::optional<VrrpAdvertisement> VrrpRouter::take_advertisement() {
  return std::exchange(output_, std::nullopt);
}

}  // namespace windtunnel::health
