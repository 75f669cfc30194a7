#include "models/proxy/version_chooser.hpp"

#include <utility>

#include <xxhash.h>

#include "runtime/check.hpp"

namespace windtunnel::proxy {

VersionChooser::VersionChooser(TrafficSplit split, RandomStream random)
    : split_(std::move(split)), random_(random) {}

std::uint32_t VersionChooser::choose(std::string_view key) {
  if (!split_) {
    return 0;
  }
  const bool is_drawn = split_->by == SplitBy::request || key.empty();
  std::uint64_t left = is_drawn ? random_.below(kWholeInParts) : place_of(key);
  for (auto share = split_->shares.rbegin(); share != split_->shares.rend(); ++share) {
    if (left < share->share) {
      return share->version;
    }
    left -= share->share;
  }
  check(false, "the shares of a split make up the whole");
  return 0;
}

/// The hash as a share of the whole: the upper half of a product, so that no place is favoured by
/// more than one part in four billion.
PartsPerBillion VersionChooser::place_of(std::string_view key) const {
  const std::uint64_t salt = XXH64(split_->service.data(), split_->service.size(), 0);
  const std::uint64_t hash = XXH64(key.data(), key.size(), salt) >> 32U;
  return static_cast<PartsPerBillion>((hash * kWholeInParts) >> 32U);
}

}  // namespace windtunnel::proxy
