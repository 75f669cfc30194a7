#include "models/kv/watch_hub.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::kv {

WatchId WatchHub::create(WatchRange range, std::uint64_t after) {
  if (free_.empty()) {
    free_.emplace_back(static_cast<WatchId::rep>(watches_.size()));
    watches_.emplace_back();
  }
  const WatchId id = free_.back();
  free_.pop_back();
  auto& watchers = index_of(range.match)[range.key];
  if (watchers.empty() && range.match == WatchMatch::prefix) {
    ++prefix_lengths_[range.key.size()];
  }
  watchers.push_back(id);
  Watch& watch = watches_[id.value()];
  watch = {std::move(range), after, std::nullopt, 0, after < history_.compacted(),
           watch.is_ready,   true};
  if (!watch.is_compacted) {
    watch.next = history_.first_after(after);
  }
  mark_ready(id);
  return id;
}

void WatchHub::cancel(WatchId id) {
  Watch& watch = watches_[id.value()];
  check(watch.is_used, "a watch is cancelled once");
  watch.is_used = false;
  Index& index = index_of(watch.range.match);
  const auto watchers = index.find(watch.range.key);
  std::erase(watchers->second, id);
  if (watchers->second.empty()) {
    if (watch.range.match == WatchMatch::prefix) {
      const auto length = prefix_lengths_.find(watch.range.key.size());
      if (--length->second == 0) {
        prefix_lengths_.erase(length);
      }
    }
    index.erase(watchers);
  }
  free_.push_back(id);
}

void WatchHub::observe() {
  if (size() == 0) {
    observed_ = history_.end();
    return;
  }
  for (observed_ = std::max(observed_, history_.first()); observed_ < history_.end(); ++observed_) {
    const std::string_view key = history_.at(observed_).key();
    notify(by_key_, key, observed_);
    for (const auto& [length, count] : prefix_lengths_) {
      if (length > key.size()) {
        break;
      }
      notify(by_prefix_, key.substr(0, length), observed_);
    }
  }
}

void WatchHub::notify(const Index& index, std::string_view key, std::uint64_t number) {
  const auto watchers = index.find(key);
  if (watchers == index.end()) {
    return;
  }
  for (const WatchId id : watchers->second) {
    Watch& watch = watches_[id.value()];
    ++watch.backlog;
    if (!watch.next) {
      watch.next = number;
    }
    mark_ready(id);
  }
}

void WatchHub::mark_ready(WatchId id) {
  if (!std::exchange(watches_[id.value()].is_ready, true)) {
    ready_.push_back(id);
  }
}

void WatchHub::take_ready(std::vector<WatchId>& ready) {
  for (const WatchId id : ready_) {
    watches_[id.value()].is_ready = false;
    if (watches_[id.value()].is_used) {
      ready.push_back(id);
    }
  }
  ready_.clear();
}

WatchProgress WatchHub::take(WatchId id, std::uint64_t revision, std::size_t events_max,
                             std::vector<const Event*>& events) {
  Watch& watch = watches_[id.value()];
  WatchProgress progress{watch.through, watch.through, false, std::nullopt};
  if (watch.is_compacted ||
      (watch.next && *watch.next < history_.first() && watch.through < history_.compacted())) {
    watch.is_compacted = true;
    progress.ended = WatchEnd::compacted;
    return progress;
  }
  if (watch.backlog > backlog_max_) {
    progress.ended = WatchEnd::too_slow;
    return progress;
  }
  const std::size_t already = events.size();
  std::uint64_t number = std::max(watch.next.value_or(history_.end()), history_.first());
  for (; number < history_.end(); ++number) {
    const Event& event = history_.at(number);
    // Events that a node which lagged behind has caught up with since.
    if (event.revision <= watch.through || !watch.range.contains(event.key())) {
      continue;
    }
    if (events.size() - already >= events_max && event.revision != events.back()->revision) {
      progress.has_more = true;
      break;
    }
    events.push_back(&event);
  }
  if (progress.has_more) {
    progress.through = events.back()->revision;
    watch.next = number;
    watch.backlog -= std::min<std::uint64_t>(watch.backlog, events.size() - already);
  } else {
    progress.through = std::max(watch.through, revision);
    watch.next.reset();
    watch.backlog = 0;
  }
  watch.through = progress.through;
  return progress;
}

}  // namespace windtunnel::kv
