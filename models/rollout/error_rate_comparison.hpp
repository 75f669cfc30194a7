// Whether one version fails more often than another, asked after every report. The hypothesis is
// that it does not; at whatever rate both fail, and however that rate changes in time, it is
// rejected wrongly with probability α at most.
//
// For a block of n_a attempts at the one and n_b at the other, the factor is
//   Π p(outcome | θ_version) / Π p(outcome | θ_0),   θ_0 = (n_a θ_a + n_b θ_b) / (n_a + n_b),
// the E-variable of Turner, Ly and Grünwald ("Generic E-variables for exact sequential k-sample
// tests that allow for optional stopping", Journal of Statistical Planning and Inference 230, 2024,
// section 2): no approximation, no smallest sample. Where both fail at a rate θ, it is expected to
// be f_a(θ)^n_a f_b(θ)^n_b with n_a f_a(θ) + n_b f_b(θ) = n_a + n_b, hence at most 1 by the
// inequality of the means; f_b rises with the rate of b, so where b fails less often it is smaller
// yet. θ_a is what the blocks before say about a, θ_b exceeds it by each of a few effects: the
// mixture over them is a mixture SPRT (Robbins 1970; Johari, Koomen, Pekelis, Walsh: "Always valid
// inference", Operations Research 2022) for the difference of two rates.
//
// What it takes for granted: within a block, attempts fail independently of each other, and how
// many there are does not depend on how they end. Attempts of one request, errors that come in
// bursts, and, where a split goes by key, the requests of one user are not independent.
#pragma once

#include <cstdint>

#include <boost/describe/class.hpp>

#include "models/rollout/evidence.hpp"

namespace windtunnel::rollout {

struct Tally {
  std::uint64_t attempts = 0;
  std::uint64_t errors = 0;

  Tally& operator+=(const Tally& more) {
    attempts += more.attempts;
    errors += more.errors;
    return *this;
  }
  friend bool operator==(const Tally&, const Tally&) = default;
};
BOOST_DESCRIBE_STRUCT(Tally, (), (attempts, errors))

/// A value: it is written down with the rollout that it judges.
struct ErrorRateComparison {
  Tally stable{};
  Tally canary{};
  Evidence evidence{};  ///< Against "the canary fails no more often".

  friend bool operator==(const ErrorRateComparison&, const ErrorRateComparison&) = default;
};
BOOST_DESCRIBE_STRUCT(ErrorRateComparison, (), (stable, canary, evidence))

/// Adds a block: attempts of the same stretch of time, from the same place.
void observe(ErrorRateComparison& comparison, const Tally& stable, const Tally& canary);

}  // namespace windtunnel::rollout
