// Evidence against a hypothesis, gathered as data come in, that may be looked at after every datum
// and acted on at any time: a mixture of nonnegative processes that each start at 1 and, as long as
// the hypothesis is true, are not expected to rise. By Ville's inequality (Ville 1939; Ramdas,
// Grünwald, Vovk, Shafer: "Game-theoretic statistics and safe anytime-valid inference", Statistical
// Science 2023, section 2) the chance that it ever reaches 1/α is then at most α. Each process
// supposes one size of the effect; what is added to each is its test's business.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <boost/describe/class.hpp>

namespace windtunnel::rollout {

struct Evidence {
  /// Natural logarithms, one for each supposed effect; none before the first datum.
  std::vector<double> logs{};

  friend bool operator==(const Evidence&, const Evidence&) = default;
};
BOOST_DESCRIBE_STRUCT(Evidence, (), (logs))

/// `gains` are logarithms, by effect; the number of effects is the same every time.
void add_to(Evidence& evidence, std::span<const double> gains);

/// The logarithm of the mixture's value, all effects having the same weight; 0 before the first
/// datum.
[[nodiscard]] double log_value_of(const Evidence& evidence);

/// Whether the hypothesis is to be rejected at the level `alpha`. Rejections are for good: a caller
/// that goes on after one has no guarantee.
[[nodiscard]] bool rejects(const Evidence& evidence, double alpha);

}  // namespace windtunnel::rollout
