// Client-side adaptive throttling of the SRE book (chapter 21, "Handling Overload"): a client whose
// requests are turned down turns some down itself, before they cost the server anything.
#pragma once

#include <cstdint>

#include "models/breaker/bucketed_sum.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::breaker {

struct SreThrottleOptions {
  /// K: how many requests a client may send per request accepted. The book's default; 1.1 turns
  /// more down locally, 2 lets clients notice a recovery sooner.
  double requests_per_accept = 2;
  /// The book's two minutes. It has to exceed the calls' timeout, or requests leave the sum before
  /// their answers come in.
  Duration bucket_length = std::chrono::seconds{1};
  std::uint32_t bucket_count = 120;
  /// While the window holds fewer requests nothing is turned down. The book has none; then a client
  /// that starts sends only about the logarithm of its first requests until the first answers are
  /// in, since nothing is accepted yet.
  std::uint64_t requests_minimum = 0;
};

/// Rejects with probability max(0, (requests − K·accepts) / (requests + 1)) over the window.
/// Requests are counted when they are attempted, admitted or not: counting them when they end
/// (go-zero, its issue 5011) is blind for one round trip, in which an overload goes on unhindered.
///
/// Where the demand D far exceeds K times what the server accepts (a), the client sends about K·a.
class SreThrottle {
 public:
  SreThrottle(const SreThrottleOptions& options, RandomStream random);

  /// Whether to send the request that is attempted now. O(1), allocates nothing.
  [[nodiscard]] bool admit(Instant now);

  /// The server accepted an admitted request, whatever became of it then. Requests that it turned
  /// down, or that timed out, are not reported.
  void accept(Instant now);

  /// The share of requests that would be turned down now.
  [[nodiscard]] double rejection_probability(Instant now);

 private:
  struct Sums {
    std::uint64_t requests = 0;
    std::uint64_t accepts = 0;
    Sums& operator+=(const Sums& other);
    Sums& operator-=(const Sums& other);
  };

  double requests_per_accept_;
  std::uint64_t requests_minimum_;
  BucketedSum<Sums> window_;
  RandomStream random_;
};

}  // namespace windtunnel::breaker
