// The upper tail of the standard normal distribution in log space, exact where probabilities
// underflow: P(Z > 40) is 10^-349, below the smallest double, and its logarithm is still right.
// Built on portable_log and portable_exp, so every machine gives the same bits.
#pragma once

namespace windtunnel::health {

/// log10 of P(Z > z) for a standard normal Z; never positive, finite for every finite |z| < 10^150.
/// Relative error below 10^-12. Series of Marsaglia ("Evaluating the Normal Distribution", Journal
/// of Statistical Software 11(4), 2004) near zero, Laplace's continued fraction of Mills' ratio
/// (Abramowitz and Stegun 26.2.14) beyond.
[[nodiscard]] double log10_normal_tail(double z);

/// The z with log10_normal_tail(z) = `log10_probability`, which must be negative. By bisection:
/// meant for thresholds that are computed once.
[[nodiscard]] double normal_tail_quantile(double log10_probability);

}  // namespace windtunnel::health
