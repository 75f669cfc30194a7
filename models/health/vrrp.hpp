// One virtual router of VRRP as a state machine: version 3 of RFC 9568 (April 2024), and version 2
// of RFC 3768 where its timers and rules differ. It elects who forwards for a virtual address.
// Packet layout, ARP and checksums are left out: an advertisement is its fields.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "runtime/instant.hpp"

namespace windtunnel::health {

enum class VrrpVersion : std::uint8_t { v2 = 2, v3 = 3 };

/// `active` was called Master before RFC 9568.
enum class VrrpState : std::uint8_t { initialize, backup, active };

/// Whether a backup of higher priority takes over from a living active router. The owner of the
/// address (priority 255) always does.
enum class VrrpPreemption : std::uint8_t { allowed, disabled };

/// The protocol's unit of time.
[[nodiscard]] constexpr Duration centiseconds(std::uint32_t count) {
  return std::chrono::milliseconds{std::int64_t{10} * count};
}

struct VrrpOptions {
  VrrpVersion version = VrrpVersion::v3;
  std::uint8_t virtual_router_id = 1;
  std::uint8_t priority = 100;  ///< 1 to 254, or 255 for the owner of the virtual address.
  /// 1 to 4095. Version 2 knows whole seconds only.
  std::uint16_t advertisement_interval_centiseconds = 100;
  VrrpPreemption preemption = VrrpPreemption::allowed;
  std::uint32_t primary_address = 0;  ///< As an unsigned number; breaks ties of priority.
};

/// What the active router multicasts. Priority 0: it stops now.
struct VrrpAdvertisement {
  VrrpVersion version = VrrpVersion::v3;
  std::uint8_t virtual_router_id = 1;
  std::uint8_t priority = 100;
  std::uint16_t interval_centiseconds = 100;
  std::uint32_t sender_address = 0;

  friend bool operator==(const VrrpAdvertisement&, const VrrpAdvertisement&) = default;
};

/// (256 − priority) / 256 of an interval, so that of several backups the best moves first. Version
/// 2 scales one second instead of the interval (RFC 3768 §6.1). Not rounded to centiseconds:
/// keepalived 2.2 (vrrp.c) keeps microseconds as well, and 60.9375 cs rounded down would make
/// priorities 100 and 97 equal.
[[nodiscard]] Duration vrrp_skew_time(VrrpVersion version, std::uint8_t priority,
                                      std::uint16_t interval_centiseconds);

/// Three intervals and the skew: 3.609375 s for priority 100 at one second (RFC 9568 §6.1).
[[nodiscard]] Duration vrrp_down_interval(VrrpVersion version, std::uint8_t priority,
                                          std::uint16_t interval_centiseconds);

/// Advertisements and deadlines go in; after each, `take_advertisement` says what to multicast and
/// `state` who this router now is. A known hazard is reproduced, not cured: routers that cannot
/// hear each other are all active.
class VrrpRouter {
 public:
  explicit VrrpRouter(const VrrpOptions& options);

  /// Precondition: initialize. The owner becomes active at once, others listen first.
  void start(Instant now);
  /// An active router says goodbye with priority 0, so that its backup waits for the skew only.
  void shutdown(Instant now);

  /// An advertisement arrived from another router. Others' virtual routers and versions are
  /// discarded, and by version 2 every interval but its own (RFC 3768 §7.1).
  void step(Instant now, const VrrpAdvertisement& advertisement);

  /// When `on_deadline` is due; never in state initialize.
  [[nodiscard]] Instant next_deadline() const { return deadline_; }
  /// Does nothing before the deadline.
  void on_deadline(Instant now);

  /// The advertisement that the last call asked to send, once.
  [[nodiscard]] std::optional<VrrpAdvertisement> take_advertisement();

  [[nodiscard]] VrrpState state() const { return state_; }
  [[nodiscard]] bool is_owner() const { return options_.priority == 255; }
  /// The interval heard from the active router, or this router's own.
  [[nodiscard]] std::uint16_t active_interval_centiseconds() const { return active_interval_; }
  /// How long this router waits in silence before it takes over.
  [[nodiscard]] Duration down_interval() const;

 private:
  [[nodiscard]] bool concerns_us(const VrrpAdvertisement& advertisement) const;
  void step_as_backup(Instant now, const VrrpAdvertisement& advertisement);
  void step_as_active(Instant now, const VrrpAdvertisement& advertisement);
  void become_active(Instant now);
  void follow(Instant now, const VrrpAdvertisement& advertisement);
  void advertise(std::uint8_t priority);
  void advertise_and_rearm(Instant now);

  VrrpOptions options_;
  VrrpState state_ = VrrpState::initialize;
  std::uint16_t active_interval_;
  Instant deadline_ = Instant::max();
  std::optional<VrrpAdvertisement> output_;
};

}  // namespace windtunnel::health
