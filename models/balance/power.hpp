// Real powers with the same bits on every machine; see runtime/portable_math.hpp.
#pragma once

#include "runtime/portable_math.hpp"

namespace windtunnel::balance {

/// `base` to the power `exponent`, for a positive `base`. Exact for the exponents 0 and 1.
[[nodiscard]] inline double power(double base, double exponent) {
  if (exponent == 0) {
    return 1;
  }
  return exponent == 1 ? base : portable_exp(exponent * portable_log(base));
}

}  // namespace windtunnel::balance
