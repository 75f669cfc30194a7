#include "chaos/scenario/load.hpp"

#include <fmt/format.h>

namespace windtunnel::chaos {

std::string traffic_text(const Load& load) {
  if (load.users) {
    return fmt::format("{} users who think {} on average", load.users->count,
                       quantity_text(mean_of(load.users->think)));
  }
  const std::string rate =
      load.profile.empty()
          ? quantity_text(load.rate)
          : fmt::format("{} to {} in {} points", quantity_text(load.profile.front().rate),
                        quantity_text(load.profile.back().rate), load.profile.size());
  switch (load.arrivals) {
    case Arrivals::poisson:
      return rate + " poisson";
    case Arrivals::constant:
      return rate + " constant";
    case Arrivals::bursty:
      return fmt::format("{} in bursts, {} between them", quantity_text(load.bursts.on),
                         quantity_text(load.bursts.off));
    case Arrivals::replay:
      return fmt::format("{} replayed", load.trace.size());
  }
  return {};
}

}  // namespace windtunnel::chaos
