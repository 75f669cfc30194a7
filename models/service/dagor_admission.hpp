// DAGOR's admission control (Zhou et al., "Overload Control for Scaling WeChat Microservices", SoCC
// 2018, section 4): requests carry a compound priority, and a server that is overloaded admits only
// those at or above a level that it moves by what it has seen. The arithmetic of the increase and
// the decrease is the paper's; two rules beyond it are named where they stand.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include <boost/describe/class.hpp>

#include "runtime/instant.hpp"

namespace windtunnel::service {

/// A priority, and as an admission level the least urgent priority that is admitted. The smaller,
/// the more urgent; the business decides, the user breaks ties. Users are spread by a hash that
/// changes every hour, so that no user loses always (section 4.2.2).
struct DagorLevel {
  std::uint8_t business = 0;
  std::uint8_t user = 0;

  friend auto operator<=>(const DagorLevel&, const DagorLevel&) = default;
};
BOOST_DESCRIBE_STRUCT(DagorLevel, (), (business, user))

/// The user's level in the hour that `since_epoch` is in; equal on every host.
[[nodiscard]] std::uint8_t dagor_user_level(std::uint64_t user, Duration since_epoch);

struct DagorOptions {
  Duration queuing_max = std::chrono::milliseconds{20};  ///< Mean above it means overload.
  Duration window = std::chrono::seconds{1};             ///< A window ends after this time ...
  std::uint32_t window_requests = 2000;                  ///< ... or this many requests.
  std::uint32_t decrease_percent = 5;                    ///< Alpha: of the admitted.
  std::uint32_t increase_percent = 1;                    ///< Beta: of all that came.
  std::uint8_t business_levels = 64;
  friend bool operator==(const DagorOptions&, const DagorOptions&) = default;
};

/// admit() and observe() are O(1) and allocate nothing; the end of a window costs one pass over the
/// levels, at most once in `window_requests` requests or in `window`.
class DagorAdmission {
 public:
  static constexpr std::uint32_t kUserLevels = 128;

  explicit DagorAdmission(Instant now, DagorOptions options = {});

  /// Counts the request, and says whether it may enter.
  [[nodiscard]] bool admit(Instant now, DagorLevel priority);
  /// An admitted request waited this long for a worker (not for its answer: section 4.1).
  void observe(Instant now, Duration queued);

  /// What upstream is told, to stop at its side what would be refused here.
  [[nodiscard]] DagorLevel level() const { return level_; }
  [[nodiscard]] DagorLevel highest() const {
    return {static_cast<std::uint8_t>(options_.business_levels - 1), kUserLevels - 1};
  }
  [[nodiscard]] bool is_restrictive() const { return level_ < highest(); }

 private:
  [[nodiscard]] std::uint32_t index_of(DagorLevel priority) const {
    return priority.business * kUserLevels + priority.user;
  }
  void end_window_if_due(Instant now);
  [[nodiscard]] bool is_overloaded() const;
  [[nodiscard]] static DagorLevel level_at(std::uint32_t index);
  /// What a server that is not overloaded lets in on top of what it admits.
  [[nodiscard]] std::uint64_t share(std::uint64_t arrived) const;
  /// The highest level up to which no more than `expected` requests of a window come.
  [[nodiscard]] DagorLevel level_for(std::uint64_t expected) const;
  /// The next level that has requests and is shut out. Beyond the paper: where one level holds more
  /// than the increase allows, the paper's rule would keep it out of an idle server for ever.
  [[nodiscard]] DagorLevel next_known_level() const;
  /// Takes this window's counts over. Beyond the paper: callers that were told the level hold back
  /// what is above it, and what is not seen here would seem not to exist; the level would jump to
  /// the top and back. So shut-out levels keep their counts, and forget them slowly.
  void learn();

  DagorOptions options_;
  std::vector<std::uint32_t> seen_;   // Requests of this window, admitted or not, by level.
  std::vector<std::uint64_t> known_;  // What a window brings, with fractions.
  DagorLevel level_;
  Instant window_end_;
  std::uint64_t arrived_ = 0;
  std::uint64_t admitted_ = 0;
  std::uint64_t observed_ = 0;
  Duration queued_{};
};

}  // namespace windtunnel::service
