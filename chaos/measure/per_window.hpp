// What is found out about a window once and then asked for by one measure after the other.
#pragma once

#include <map>
#include <utility>

#include "chaos/measure/fault_group.hpp"

namespace windtunnel::chaos {

/// Not for several threads at a time.
template <typename Found>
class PerWindow {
 public:
  /// Calls `find`, which returns a `Found`, unless it was called for the same window before. What
  /// is returned stays where it is.
  template <typename Find>
  [[nodiscard]] const Found& in(TimeWindow window, const Find& find) {
    const std::pair key{window.from, window.to};
    auto known = found_.find(key);
    if (known == found_.end()) {
      known = found_.emplace(key, find()).first;
    }
    return known->second;
  }

 private:
  std::map<std::pair<TrueInstant, TrueInstant>, Found> found_;
};

}  // namespace windtunnel::chaos
