#include "models/proxy/place_queue.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::proxy {

PlaceSeeker::~PlaceSeeker() {
  if (queue_ != nullptr) {
    queue_->leave(*this);
  }
}

PlaceQueue::~PlaceQueue() {
  for (PlaceSeeker* const seeker : waiting_) {
    seeker->queue_ = nullptr;
  }
}

void PlaceQueue::join(PlaceSeeker& seeker) {
  check(seeker.queue_ == nullptr && !seeker.has_place_, "a request waits for a place once");
  seeker.queue_ = this;
  waiting_.push_back(&seeker);
}

void PlaceQueue::give_place() {
  check(!waiting_.empty(), "a place is given to somebody");
  PlaceSeeker& first = *waiting_.front();
  waiting_.pop_front();
  first.queue_ = nullptr;
  first.has_place_ = true;
  first.on_place_();
}

void PlaceQueue::leave(PlaceSeeker& seeker) {
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &seeker));
  seeker.queue_ = nullptr;
}

}  // namespace windtunnel::proxy
