#include "chaos/measure/sustained_stretch.hpp"

#include <string>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

void CalmStretch::take(std::int64_t from, std::int64_t to, bool objectionable) {
  if (found_) {
    return;
  }
  if (objectionable) {
    since_.reset();
    return;
  }
  since_ = since_.value_or(from);
  if (to - *since_ >= starts_) {
    found_ = since_;
  }
}

SustainedStretch::SustainedStretch(Duration window, Duration sustain)
    : without_bad_((sustain - window).count()), without_gaps_((sustain - window).count()) {
  check(window > Duration::zero() && sustain >= window,
        "a window is positive and fits into the sustained stretch");
}

void SustainedStretch::take(std::int64_t from, std::int64_t to, WindowState state) {
  without_bad_.take(from, to, state == WindowState::bad);
  without_gaps_.take(from, to, state != WindowState::good);
}

MeasureValue SustainedStretch::value(Duration length, std::uint64_t n,
                                     const SustainedWords& words) const {
  const auto good_from = without_bad_.found();
  if (good_from && good_from == without_gaps_.found()) {
    return measured(Duration{*good_from}, n);
  }
  if (good_from) {
    return no_evidence(std::string{words.silent}, n, Duration{*good_from});
  }
  if (const auto since = without_bad_.since()) {
    const Duration calm = length - Duration{*since};
    return no_evidence(
        "the window closed " + amount_text(calm) + " after " + std::string{words.closed}, n,
        Duration{*since});
  }
  return censored(std::string{words.never}, n, length);
}

}  // namespace windtunnel::chaos
