// A ring of hashed points, each owned by one host, and where on it a key falls. What a point is
// made of, and what happens when its owner will not do, is for the policies that stand on it.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "runtime/check.hpp"

namespace windtunnel::balance {

/// What happens to points at one position: all stay, in the order given, or only the first does.
enum class EqualPoints : std::uint8_t { keep, drop };

/// Immutable. `Position` is an unsigned integer and the ring its whole range.
template <typename Position>
class HashRing {
 public:
  struct Point {
    Position position = 0;
    std::uint32_t owner = 0;
  };

  HashRing() = default;
  /// O(points) expected for hashed points, O(points · log points) at worst.
  HashRing(std::vector<Point> points, EqualPoints equal) : points_(std::move(points)) {
    check(points_.size() < std::numeric_limits<std::uint32_t>::max(), "a ring of too many points");
    index_buckets();
    sort_by_buckets();
    if (equal == EqualPoints::drop) {
      const auto same = [](const Point& left, const Point& right) {
        return left.position == right.position;
      };
      points_.erase(std::unique(points_.begin(), points_.end(), same), points_.end());
      index_buckets();
    }
  }

  [[nodiscard]] std::size_t size() const { return points_.size(); }
  [[nodiscard]] bool empty() const { return points_.empty(); }
  [[nodiscard]] const Point& operator[](std::size_t index) const { return points_[index]; }

  [[nodiscard]] std::size_t after(std::size_t index) const {
    return index + 1 < points_.size() ? index + 1 : 0;
  }
  [[nodiscard]] std::size_t before(std::size_t index) const {
    return (index > 0 ? index : points_.size()) - 1;
  }

  /// The first point at or after `position`, past the end the ring's first. O(1) expected for
  /// hashed points, O(log size) at worst. Precondition: not empty.
  [[nodiscard]] std::size_t at_or_after(Position position) const {
    const std::size_t bucket = bucket_of(position);
    const auto found =
        std::lower_bound(at(first_[bucket]), at(first_[bucket + 1]), position,
                         [](const Point& point, Position p) { return point.position < p; });
    return found != points_.end() ? static_cast<std::size_t>(found - points_.begin()) : 0;
  }

 private:
  // The leading bits of a position tell where to look: about one point has them.
  [[nodiscard]] std::size_t bucket_of(Position position) const {
    return static_cast<std::size_t>(position >> shift_);
  }
  [[nodiscard]] auto at(std::uint32_t index) const { return points_.begin() + index; }

  void index_buckets() {
    const std::size_t buckets = std::bit_ceil(std::max<std::size_t>(points_.size(), 2));
    shift_ = std::numeric_limits<Position>::digits - std::countr_zero(buckets);
    first_.assign(buckets + 1, 0);
    for (const Point& point : points_) {
      ++first_[bucket_of(point.position) + 1];
    }
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
  }

  /// Stable, so that of equal points the first given stays first.
  void sort_by_buckets() {
    std::vector<Point> sorted(points_.size());
    std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
    for (const Point& point : points_) {
      sorted[next[bucket_of(point.position)]++] = point;
    }
    points_ = std::move(sorted);
    for (std::size_t bucket = 0; bucket + 1 < first_.size(); ++bucket) {
      sort_bucket(points_.begin() + first_[bucket], points_.begin() + first_[bucket + 1]);
    }
  }

  template <typename Iterator>
  static void sort_bucket(Iterator begin, Iterator end) {
    constexpr std::ptrdiff_t kFew = 32;
    const auto earlier = [](const Point& left, const Point& right) {
      return left.position < right.position;
    };
    if (end - begin > kFew) {
      std::stable_sort(begin, end, earlier);
      return;
    }
    for (Iterator point = begin; point != end; ++point) {
      std::rotate(std::upper_bound(begin, point, *point, earlier), point, point + 1);
    }
  }

  std::vector<Point> points_;
  /// Of each bucket its first point, and at the end their number.
  std::vector<std::uint32_t> first_ = std::vector<std::uint32_t>(3);
  int shift_ = std::numeric_limits<Position>::digits - 1;
};

}  // namespace windtunnel::balance
