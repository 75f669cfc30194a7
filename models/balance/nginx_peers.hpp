// The peers of one nginx 1.22 upstream and its smooth weighted round robin, the very sequence of
// nginx's loop over all peers, found without that loop.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "models/balance/candidates.hpp"
#include "models/balance/nginx_peer.hpp"
#include "models/balance/slot_queue.hpp"

namespace windtunnel::balance {

/// nginx adds to every considered peer's current weight its effective weight, picks the greatest
/// (the first among equals), and takes the sum of what it added from that one. Peers of one weight
/// all gain the same, so their order among themselves changes only when one of them is picked: they
/// stand in a heap, and what they gained is kept once for all of them.
///
/// A pick costs O(d + r + t log n) for d different weights, r peers whose effective weight has not
/// recovered from a failure, and t tried ones. With all weights different that is nginx's own O(n).
/// Allocates nothing.
class NginxPeers {
 public:
  /// Weights go up to a million, which keeps the sums within 64 bits for 10^12 picks.
  NginxPeers(NginxSpec spec, const Candidates& candidates);

  /// Skips tried peers and those left alone after failures. Absent where that leaves nobody: nginx
  /// then answers 502. A lone peer is always picked.
  [[nodiscard]] std::optional<Slot> pick(Instant now, const PickRequest& request,
                                         const Candidates& candidates);

  /// Somebody else picked `slot`: it begins its trial where one is due.
  void use(Slot slot, Instant now);
  [[nodiscard]] bool is_left_alone(Slot slot, Instant now) const {
    return !is_single() && peers_[slot].is_left_alone(spec_, nginx_seconds(now));
  }

  /// An attempt on `slot` ended.
  void settle(Slot slot, Instant now, bool succeeded);

  /// As nginx would show it.
  [[nodiscard]] std::int64_t current_weight(Slot slot) const;
  [[nodiscard]] std::int64_t effective_weight(Slot slot) const {
    return peers_[slot].effective_weight;
  }

 private:
  /// Where a peer's current weight is kept: its class, or the peer itself.
  enum class Place : std::uint8_t { in_class, recovering, left_alone };

  struct Standing {
    std::uint32_t weight_class = 0;
    Slot rank = 0;  ///< The slot within the class's heap.
    Place place = Place::recovering;
    bool is_tried = false;
  };

  /// What a member has beyond the class's gain, negated so that the least key is the greatest
  /// weight; then the slot, as nginx prefers the first.
  using Key = std::pair<std::int64_t, Slot>;

  struct WeightClass {
    std::int64_t weight;
    std::int64_t gain = 0;
    SlotQueue<Key> members;
  };

  static constexpr NginxSeconds kNever = std::numeric_limits<NginxSeconds>::max();

  [[nodiscard]] bool is_single() const { return peers_.size() == 1; }
  void make_classes();
  void wake(NginxSeconds now);
  void set_aside_tried(const PickRequest& request, const Candidates& candidates);
  void return_tried(NginxSeconds now);
  [[nodiscard]] std::int64_t gain_all();
  [[nodiscard]] std::optional<Slot> greatest() const;
  void pay(Slot slot, std::int64_t total);
  void place_recovered(NginxSeconds now);
  void remove(Slot slot);
  void place(Slot slot, NginxSeconds now);

  NginxSpec spec_;
  std::vector<NginxPeer> peers_;
  std::vector<Standing> standings_;
  std::vector<WeightClass> classes_;
  std::vector<Slot> recovering_;
  std::vector<Slot> left_alone_;
  std::vector<Slot> tried_;
  /// Nobody who is left alone comes back up to this second.
  NginxSeconds wake_at_ = kNever;
};

}  // namespace windtunnel::balance
