// Requests that wait for a place behind a bulkhead, in the order they came. A core: whoever waits
// keeps the time, and leaves when it has waited enough.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

namespace windtunnel::proxy {

class PlaceQueue;

/// One request that waits. Leaves its queue when it is destroyed.
class PlaceSeeker {
 public:
  explicit PlaceSeeker(std::function<void()> on_place) : on_place_(std::move(on_place)) {}
  PlaceSeeker(const PlaceSeeker&) = delete;
  PlaceSeeker& operator=(const PlaceSeeker&) = delete;
  ~PlaceSeeker();

  /// Then it waits no longer, and the place is its own.
  [[nodiscard]] bool has_place() const { return has_place_; }

 private:
  friend class PlaceQueue;

  std::function<void()> on_place_;
  PlaceQueue* queue_ = nullptr;  ///< While it waits.
  bool has_place_ = false;
};

class PlaceQueue {
 public:
  PlaceQueue() = default;
  PlaceQueue(const PlaceQueue&) = delete;
  PlaceQueue& operator=(const PlaceQueue&) = delete;
  ~PlaceQueue();

  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  void join(PlaceSeeker& seeker);
  /// Gives the one that has waited longest a place. Precondition: somebody waits. O(1).
  void give_place();

 private:
  friend class PlaceSeeker;
  /// O(waiting), but O(1) for the one that has waited longest.
  void leave(PlaceSeeker& seeker);

  std::deque<PlaceSeeker*> waiting_;
};

}  // namespace windtunnel::proxy
