#include "models/health/normal_tail.hpp"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace windtunnel::health {
namespace {

struct TailRow {
  double z;
  double log10_tail;
};

// log10(erfc(z/√2)/2) by mpmath 1.3 with 150 digits.
constexpr std::array kTable{
    TailRow{-20, -1.19588375994639272e-89}, TailRow{-10, -3.3092601213067223e-24},
    TailRow{-5, -1.24491213738829175e-7},   TailRow{-3, -0.000586649313790066691},
    TailRow{-2, -0.0099943795341087089},    TailRow{-1, -0.0750260129578180232},
    TailRow{-0.5, -0.160231392277849017},   TailRow{0, -0.301029995663981195},
    TailRow{0.1, -0.337079656726623481},    TailRow{0.5, -0.510691989265240774},
    TailRow{1, -0.7995455414919705},        TailRow{1.5, -1.17517672161481642},
    TailRow{2, -1.64301608014093705},       TailRow{2.25, -1.91276986659648317},
    TailRow{2.4375, -2.13108489592122868},  TailRow{2.5, -2.20693180579530108},
    TailRow{2.625, -2.36326660479231412},   TailRow{3, -2.86969903592936908},
    TailRow{3.5, -3.63333599865606659},     TailRow{4, -4.49933490755647886},
    TailRow{4.5, -5.4688184050297948},      TailRow{5, -6.5426456723906545},
    TailRow{5.5, -7.72148504162631469},     TailRow{6, -9.00586432747670421},
    TailRow{7, -11.8928536374754898},       TailRow{8, -15.2061425510171546},
    TailRow{9, -18.9474644155723867},       TailRow{10, -23.1180534054860759},
    TailRow{12, -32.7504391611918606},      TailRow{15, -50.4352196142755114},
    TailRow{20, -88.5600953430755919},      TailRow{25, -137.514747650995526},
    TailRow{30, -197.309209261660949},      TailRow{37, -299.242181178609922},
    TailRow{40, -349.437006459345842},      TailRow{50, -544.966335861996655},
    TailRow{100, -2173.87154286903438}};

TEST(NormalTail, AgreesWithATableOfHighPrecisionTo12Digits) {
  for (const TailRow& row : kTable) {
    const double error = std::abs(log10_normal_tail(row.z) / row.log10_tail - 1);
    EXPECT_LT(error, 1e-12) << "z = " << row.z;
  }
}

TEST(NormalTail, OnlyFallsAlsoWhereItsTwoFormulasMeet) {
  for (const double middle : {-37.0, -2.5, 0.0, 2.5, 37.0}) {
    double above = log10_normal_tail(middle - 1e-3);
    for (int step = -99; step <= 100; ++step) {
      const double here = log10_normal_tail(middle + step * 1e-5);
      EXPECT_LE(here, above) << middle << " + " << step << "e-5";
      above = here;
    }
  }
}

TEST(NormalTail, QuantileInvertsIt) {
  for (const TailRow& row : kTable) {
    if (row.z > -3) {
      EXPECT_NEAR(normal_tail_quantile(row.log10_tail), row.z, 1e-11 * (1 + std::abs(row.z)));
    }
  }
}

}  // namespace
}  // namespace windtunnel::health
