// Who wants to hear of which keys, and how far each of them has come. Watches hold no events: they
// are positions in the store's history, so a thousand of them cost no copies, and one that falls
// out of the history's back is told so. Semantics of an etcd v3 watch: every event after the
// revision it starts from, once, in order, all of a revision together.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/kv/history.hpp"
#include "runtime/id.hpp"

namespace windtunnel::kv {

enum class WatchMatch : std::uint8_t { key, prefix };
BOOST_DESCRIBE_ENUM(WatchMatch, key, prefix)

/// One key, or all that begin with it.
struct WatchRange {
  std::string key;
  WatchMatch match = WatchMatch::key;

  [[nodiscard]] bool contains(std::string_view candidate) const {
    return match == WatchMatch::key ? candidate == key : candidate.starts_with(key);
  }
};
BOOST_DESCRIBE_STRUCT(WatchRange, (), (key, match))

/// A watch within one hub. Dense; used again after the watch ends.
using WatchId = Id<struct WatchTag>;

/// `compacted`: events that it has not seen are gone. `too_slow`: more waited for it than it may
/// leave waiting. In both cases it must list anew and start from there.
enum class WatchEnd : std::uint8_t { compacted, too_slow };
BOOST_DESCRIBE_ENUM(WatchEnd, compacted, too_slow)

/// What one take() yielded. The events lie in (after, through], and are all there are between.
struct WatchProgress {
  std::uint64_t after = 0;
  std::uint64_t through = 0;
  bool has_more = false;
  std::optional<WatchEnd> ended;
};

class WatchHub {
 public:
  /// A watch whose untaken events exceed `backlog_max` ends. The history must outlive the hub.
  WatchHub(const History& history, std::uint64_t backlog_max)
      : history_(history), backlog_max_(backlog_max) {}

  /// Wants everything after `after`, which may lie in the future (of a node that lags behind).
  [[nodiscard]] WatchId create(WatchRange range, std::uint64_t after);
  void cancel(WatchId watch);

  /// The history has grown. For each new event O(distinct lengths of watched prefixes × log n),
  /// plus the watches that match; allocates nothing where none does. Free while nobody watches.
  void observe();

  /// Watches that have had something to take since the last call, each once, appended to `ready`.
  void take_ready(std::vector<WatchId>& ready);

  /// The next events of a watch, `events_max` or a little more (a revision is not split), appended
  /// to `events`; valid until the history grows. `revision` is the last one applied. A watch that
  /// has ended stays until it is cancelled.
  [[nodiscard]] WatchProgress take(WatchId watch, std::uint64_t revision, std::size_t events_max,
                                   std::vector<const Event*>& events);

  [[nodiscard]] std::size_t size() const { return watches_.size() - free_.size(); }

 private:
  struct Watch {
    WatchRange range;
    std::uint64_t through = 0;          ///< Has seen everything up to here.
    std::optional<std::uint64_t> next;  ///< Number of the first event that may be unseen.
    std::uint64_t backlog = 0;          ///< Events that have come since it was all seen.
    bool is_compacted = false;
    bool is_ready = false;
    bool is_used = false;
  };
  using Index = std::map<std::string, std::vector<WatchId>, std::less<>>;

  [[nodiscard]] Index& index_of(WatchMatch match) {
    return match == WatchMatch::key ? by_key_ : by_prefix_;
  }
  void notify(const Index& index, std::string_view key, std::uint64_t number);
  void mark_ready(WatchId watch);

  const History& history_;
  std::uint64_t backlog_max_;
  std::vector<Watch> watches_;
  std::vector<WatchId> free_;
  Index by_key_;
  Index by_prefix_;
  std::map<std::size_t, std::size_t> prefix_lengths_;  // How many watched prefixes are so long.
  std::vector<WatchId> ready_;
  std::uint64_t observed_ = 0;  // Number of the first event not looked at.
};

}  // namespace windtunnel::kv
