// Logarithm and exponential made of IEEE-754 additions, multiplications and divisions only, so that
// every compiler, C library and processor gives the same bits. The C library's own differ in the
// last place (glibc picks a variant by processor), which would be enough to change a run's digest.
#pragma once

namespace windtunnel {

/// Natural logarithm of `x` > 0, finite and normal; error below 2 ulp. Series of atanh on [√½, √2).
[[nodiscard]] double portable_log(double x);

/// e to the power `x`; 0 below −700, and `x` is clamped to 700; error below 2 ulp. Taylor series
/// after reduction by ln 2.
[[nodiscard]] double portable_exp(double x);

}  // namespace windtunnel
