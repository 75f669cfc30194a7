// How long to wait before the next retry: exponential growth under a cap, spread by one of the
// published kinds of jitter so that clients that failed together do not come back together.
#pragma once

#include <cstdint>

#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::retry {

/// `full`, `equal` and `decorrelated` are those of M. Brooker, "Exponential Backoff And Jitter",
/// AWS Architecture Blog, 2015, where ceiling(n) = min(max, initial * multiplier^n):
///   full          U(0, ceiling)
///   equal         ceiling/2 + U(0, ceiling/2)
///   decorrelated  min(max, U(initial, 3 * previous)), the first previous being `initial`
/// `proportional` is U((1-spread) * ceiling, (1+spread) * ceiling), as gRPC spreads the backoff of
/// its connections (grpc/doc/connection-backoff.md) and, today, of retries.
enum class Jitter : std::uint8_t { none, full, equal, decorrelated, proportional };

struct BackoffOptions {
  Duration initial = std::chrono::milliseconds{100};
  Duration max = std::chrono::seconds{20};
  double multiplier = 2;
  Jitter jitter = Jitter::full;
  double spread = 0.2;  ///< Of `proportional` alone.

  /// The example of gRPC A6 as first published (2017): U(0, min(0.1 s * 2^(n-1), 1 s)) before the
  /// n-th retry.
  [[nodiscard]] static BackoffOptions grpc_2017();
  /// The same as amended since: a fifth up or down from min(0.1 s * 2^(n-1), 1 s), as in
  /// @grpc/grpc-js 1.14.7.
  [[nodiscard]] static BackoffOptions grpc();
  /// gRPC's connection backoff: 1 s, times 1.6, at most 120 s, spread by 0.2.
  [[nodiscard]] static BackoffOptions grpc_connection();
  /// Envoy's retry back-off: base 25 ms, at most ten times the base (`retry_back_off`).
  [[nodiscard]] static BackoffOptions envoy();
  /// AWS SDKs, standard mode, until 2026: base 100 ms, cap 20 s.
  [[nodiscard]] static BackoffOptions aws();
  /// AWS SDKs, standard mode, retry behaviour of 2026: base 50 ms, cap 20 s.
  [[nodiscard]] static BackoffOptions aws_2026();
};

/// The delays of one call. A small value; copying it forks the sequence.
class Backoff {
 public:
  /// Precondition: 0 < initial <= max, multiplier >= 1, 0 <= spread < 1.
  explicit Backoff(const BackoffOptions& options);

  /// The delay before the next retry; at most `max`, apart from what `proportional` adds to it.
  [[nodiscard]] Duration next(RandomStream& random) { return next_from(options_.initial, random); }
  /// The same with another first step: the AWS SDKs wait longer for a server that throttles, but
  /// count all retries of a call together.
  [[nodiscard]] Duration next_from(Duration initial, RandomStream& random);

  /// As before the first retry.
  void reset();

 private:
  [[nodiscard]] Duration ceiling_from(Duration initial) const;
  [[nodiscard]] Duration decorrelated(Duration initial, RandomStream& random);

  BackoffOptions options_;
  double growth_ = 1;  ///< multiplier^n, up to where it no longer matters.
  Duration previous_{};
};

}  // namespace windtunnel::retry
