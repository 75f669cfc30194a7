// Memory on huge pages, for what is large and visited at random: at a million events the page walks
// cost more than the cache misses.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace windtunnel::sim {

inline constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

struct HugePageDeleter {
  void operator()(std::byte* page) const {
    ::operator delete(page, std::align_val_t{kHugePageBytes});
  }
};
using HugePage = std::unique_ptr<std::byte[], HugePageDeleter>;

/// kHugePageBytes of untouched memory, on one huge page where the system grants it.
[[nodiscard]] HugePage make_huge_page();
/// The same on small pages, which cost nothing until they are touched.
[[nodiscard]] HugePage make_small_pages();

}  // namespace windtunnel::sim
