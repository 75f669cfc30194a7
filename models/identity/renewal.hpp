// When a workload asks for its next certificate: a part of its lifetime before the end, spread so
// that many that began together do not ask together, and again with back-off where nobody answers.
//
// The rule is Istio's (rotateTime in security/pkg/nodeagent/cache/secretcache.go): with a lifetime
// L the certificate is renewed when U(g-j, g+j)·L of it are left. From that follows the slack: an
// authority that is silent for less than (g-j)·L, less one back-off and one answer, is not missed.
#pragma once

#include <cstdint>

#include "models/retry/backoff.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::identity {

struct RenewalOptions {
  double grace_ratio = 0.5;  ///< g: of the lifetime, that is left when the next is asked for ...
  double jitter = 0.01;      ///< ... and j: up to so much more or less.
  Duration backoff = std::chrono::seconds{1};
  Duration backoff_max = std::chrono::seconds{10};

  /// How long the authority may be away, whenever that begins, without any certificate running out.
  /// `answer` is what asking once takes at most, in vain or not. Negative: it may not be.
  [[nodiscard]] Duration slack(Duration lifetime, Duration answer) const;
};

class Renewal {
 public:
  /// Precondition: 0 <= jitter <= grace_ratio, grace_ratio + jitter <= 1, 0 < backoff <= its
  /// maximum.
  Renewal(const RenewalOptions& options, RandomStream random);

  /// When to ask; Instant::max() while an answer is awaited. At first: at once.
  [[nodiscard]] Instant next_deadline() const { return due_; }
  /// True once for each deadline: ask now, and say what came of it.
  [[nodiscard]] bool poll(Instant now);
  /// A certificate has come that counts for `left` more.
  void install(Instant now, Duration left);
  /// Nobody answered.
  void fail(Instant now);
  [[nodiscard]] bool is_trying_again() const { return is_trying_again_; }

 private:
  RenewalOptions options_;
  RandomStream random_;
  retry::Backoff backoff_;
  Instant due_{};
  bool is_trying_again_ = false;
};

}  // namespace windtunnel::identity
