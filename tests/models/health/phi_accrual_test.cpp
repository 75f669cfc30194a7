#include "models/health/phi_accrual.hpp"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::health {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = instant_at<Instant>(1'000'000'000'000);

/// Mean one second, σ exactly the minimum of 100 ms, no pause: z deviations of silence are
/// 1 s + z · 100 ms.
PhiAccrual regular_peer() {
  PhiAccrual detector({.threshold = 8, .acceptable_pause = Duration::zero()});
  Instant now = kStart;
  for (int beat = 0; beat < 1002; ++beat) {
    detector.heartbeat(now);
    now += seconds{1};
  }
  return detector;
}

constexpr Instant kLastBeat = kStart + seconds{1001};

double phi_after_deviations(const PhiAccrual& detector, double z) {
  const auto silence = static_cast<std::int64_t>(std::llround((1 + z * 0.1) * 1e9));
  return detector.phi(kLastBeat + Duration{silence});
}

TEST(PhiAccrual, IsExactInTheTailWhereAkkasLogisticApproximationIsNot) {
  const PhiAccrual detector = regular_peer();
  // The normal tail, and what y·(1.5976 + 0.070566·y²) of Akka 2.6 makes of it.
  EXPECT_NEAR(phi_after_deviations(detector, 4), 4.49933490755647886, 1e-9);
  EXPECT_NEAR(phi_after_deviations(detector, 5), 6.5426456723906545, 1e-9);
  EXPECT_NEAR(phi_after_deviations(detector, 6), 9.00586432747670421, 1e-9);
  EXPECT_NEAR(phi_after_deviations(detector, 30), 197.309209261660949, 1e-7);
  const auto akka = [](double y) {
    return std::log10(1 + std::exp(y * (1.5976 + 0.070566 * y * y)));
  };
  EXPECT_NEAR(akka(4), 4.74, 0.01);
  EXPECT_NEAR(akka(5), 7.30, 0.01);
  EXPECT_NEAR(akka(6), 10.78, 0.01);
}

TEST(PhiAccrual, KnowsTheInstantOfSuspicionInAdvance) {
  for (const double threshold : {1.0, 3.0, 8.0, 12.0}) {
    RandomStream random(7, "phi");
    PhiAccrual detector({.threshold = threshold});
    Instant now = kStart;
    for (int beat = 0; beat < 300; ++beat) {
      detector.heartbeat(now);
      now += random.uniform(milliseconds{200}, milliseconds{1800});
      const Instant suspected = detector.suspected_at();
      EXPECT_FALSE(detector.is_available(suspected));
      EXPECT_TRUE(detector.is_available(suspected - Duration{1}));
      EXPECT_NEAR(detector.phi(suspected), threshold, 1e-6);
    }
  }
}

TEST(PhiAccrual, BeginsWithTwoGuessesAQuarterAroundTheEstimate) {
  const PhiAccrual detector({.first_estimate = seconds{2}});
  EXPECT_EQ(detector.sample_count(), 2U);
  EXPECT_DOUBLE_EQ(detector.mean_nanoseconds(), 2e9);
  EXPECT_DOUBLE_EQ(detector.deviation_nanoseconds(), 0.5e9);
}

TEST(PhiAccrual, SuspectsNobodyItHasNeverHeardOf) {
  const PhiAccrual detector;
  EXPECT_EQ(detector.phi(kStart + seconds{100'000}), 0);
  EXPECT_EQ(detector.suspected_at(), Instant::max());
}

TEST(PhiAccrual, DoesNotLearnTheIntervalThatEndsASuspicion) {
  PhiAccrual detector = regular_peer();
  const double mean = detector.mean_nanoseconds();
  const double deviation = detector.deviation_nanoseconds();
  detector.heartbeat(kLastBeat + seconds{3600});
  EXPECT_TRUE(detector.is_available(kLastBeat + seconds{3600}));
  EXPECT_EQ(detector.mean_nanoseconds(), mean);
  EXPECT_EQ(detector.deviation_nanoseconds(), deviation);
}

TEST(PhiAccrual, WaitsLongerByExactlyTheAcceptablePause) {
  PhiAccrual strict({.acceptable_pause = Duration::zero()});
  PhiAccrual patient({.acceptable_pause = seconds{5}});
  strict.heartbeat(kStart);
  patient.heartbeat(kStart);
  EXPECT_NEAR(static_cast<double>((patient.suspected_at() - strict.suspected_at()).count()), 5e9,
              2);
}

TEST(PhiAccrual, ItsMovingStatisticsEqualThoseOfTheWindowRecomputed) {
  constexpr std::size_t kWindow = 64;
  PhiAccrual detector({.threshold = 300, .samples_max = kWindow});
  RandomStream random(11, "phi.window");
  std::array<double, kWindow> window{};
  Instant now = kStart;
  detector.heartbeat(now);
  for (std::size_t beat = 0; beat < 100'000; ++beat) {
    const Duration interval = random.uniform(Duration{1}, seconds{10});
    now += interval;
    detector.heartbeat(now);
    window[beat % kWindow] = static_cast<double>(interval.count());
  }
  double sum = 0;
  for (const double interval : window) {
    sum += interval;
  }
  double squares = 0;
  for (const double interval : window) {
    squares += (interval - sum / kWindow) * (interval - sum / kWindow);
  }
  EXPECT_DOUBLE_EQ(detector.mean_nanoseconds(), sum / kWindow);
  EXPECT_NEAR(detector.deviation_nanoseconds() / std::sqrt(squares / kWindow), 1, 1e-12);
}

// The paper's meaning of φ: a threshold of 3 suspects a living peer at one heartbeat in a thousand.
// Somewhat more often in fact, since intervals above the threshold are not learned, which cuts the
// measured deviation, and since the deviation is an estimate.
TEST(PhiAccrual, AThresholdOfThreeSuspectsALivingPeerAboutOnceInAThousandBeats) {
  PhiAccrual detector(
      {.threshold = 3, .deviation_min = Duration{1}, .acceptable_pause = Duration::zero()});
  RandomStream random(3, "phi.rate");
  Instant now = kStart;
  int suspicions = 0;
  constexpr int kBeats = 1'000'000;
  for (int beat = 0; beat < kBeats; ++beat) {
    detector.heartbeat(now);
    now += Duration{static_cast<std::int64_t>(1e9 + 1e8 * random.normal())};
    suspicions += detector.is_available(now) ? 0 : 1;
  }
  RecordProperty("suspicions", suspicions);
  EXPECT_GT(suspicions, 900);
  EXPECT_LT(suspicions, 1500);
}

}  // namespace
}  // namespace windtunnel::health
