#include "models/rollout/evidence.hpp"

#include <algorithm>

#include "runtime/check.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel::rollout {

void add_to(Evidence& evidence, std::span<const double> gains) {
  evidence.logs.resize(gains.size());
  for (std::size_t i = 0; i < gains.size(); ++i) {
    evidence.logs[i] += gains[i];
  }
}

double log_value_of(const Evidence& evidence) {
  if (evidence.logs.empty()) {
    return 0;
  }
  const double largest = *std::max_element(evidence.logs.begin(), evidence.logs.end());
  double sum = 0;
  for (const double log : evidence.logs) {
    sum += portable_exp(log - largest);
  }
  return largest + portable_log(sum / static_cast<double>(evidence.logs.size()));
}

bool rejects(const Evidence& evidence, double alpha) {
  check(alpha > 0 && alpha < 1, "a level lies between 0 and 1");
  return log_value_of(evidence) >= -portable_log(alpha);
}

}  // namespace windtunnel::rollout
