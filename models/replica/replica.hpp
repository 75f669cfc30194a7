// One replica of the data: a map in which the last writer wins, and a set of which additions win.
// Any replica accepts operations without asking the others. A core: operations and what repairs
// bring come in, state is looked at; who sends them to whom, and what is durable, is Node's
// business.
//
// Two replicas that have seen the same operations hold the same, in whatever order these came and
// however often.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/replica/causal_context.hpp"
#include "models/replica/hybrid_clock.hpp"
#include "models/replica/lww_map.hpp"
#include "models/replica/merkle_tree.hpp"
#include "models/replica/operation.hpp"
#include "models/replica/or_set.hpp"
#include "models/replica/stability.hpp"

namespace windtunnel::replica {

struct ReplicaOptions {
  ReplicaId self{};
  StampKind stamps = StampKind::hybrid;
  /// Operations stamped further ahead of the wall clock are refused; of hybrid stamps only.
  Duration ahead_max = std::chrono::milliseconds{500};
};

struct RegisterItem {
  std::string key{};
  Register write{};
  friend bool operator==(const RegisterItem&, const RegisterItem&) = default;
};
BOOST_DESCRIBE_STRUCT(RegisterItem, (), (key, write))

/// All that a replica has in a range.
struct RangeContent {
  KeyRange range{};
  std::vector<RegisterItem> registers{};
  std::vector<Element> elements{};
  bool wants_reply = false;
  friend bool operator==(const RangeContent&, const RangeContent&) = default;
};
BOOST_DESCRIBE_STRUCT(RangeContent, (), (range, registers, elements, wants_reply))

/// What became of an operation from elsewhere.
enum class Taken : std::uint8_t {
  taken,
  known,    ///< It had been seen.
  early,    ///< It removes what has not been seen yet: to be sent again later.
  left,     ///< A repair that is under way brings it.
  refused,  ///< Its stamp is too far ahead of the wall clock: to be sent again later.
};

class Replica {
 public:
  explicit Replica(const ReplicaOptions& options) : options_(options), clock_(options.ahead_max) {}

  /// Accepts an operation of a client, of which only these are given. An addition takes the place
  /// of those before it that everybody has seen.
  [[nodiscard]] Operation accept(WallInstant now, OperationKind kind, std::string key,
                                 std::optional<std::string> value, const Stability& stability);
  Taken apply(WallInstant now, const Operation& operation);

  // A repair, with one partner at a time. It may end at any time; only where it is completed are
  // all operations counted as seen that the partner had seen when it began. While it is open, those
  // are not taken from elsewhere: what the partner had removed before the comparison must not come
  // after it.

  void open_repair(CausalContext partner_seen);
  [[nodiscard]] bool is_repairing() const { return repairing_with_.has_value(); }
  /// `partner_seen` goes with the content.
  void merge(WallInstant now, const RangeContent& content, const CausalContext& partner_seen);
  /// What was joined, where anything was.
  std::optional<CausalContext> complete_repair();
  void abandon_repair() { repairing_with_.reset(); }

  // Replays what was durable before a restart, in the order in which it happened.

  void restore(const Operation& operation);
  void restore(const RangeContent& content, const CausalContext& partner_seen);
  void restore(const CausalContext& joined) { seen_.join(joined); }

  /// Forgets the deletions that nobody needs to remember; how many. None while a repair is open.
  std::size_t collect(const Stability& stability);
  /// Forgets those that are older, needed or not.
  std::size_t collect_before(WallInstant limit);

  [[nodiscard]] ReplicaId self() const { return options_.self; }
  [[nodiscard]] const CausalContext& seen() const { return seen_; }
  [[nodiscard]] const LwwMap& map() const { return map_; }
  [[nodiscard]] const OrSet& set() const { return set_; }
  [[nodiscard]] RangeSummary summary_of(const KeyRange& range) const {
    return tree_.summary_of(range);
  }
  [[nodiscard]] RangeContent content_of(const KeyRange& range) const;
  /// A stamp for a message: later operations are stamped above it.
  [[nodiscard]] HybridTime stamp(WallInstant now) { return clock_.stamp(now); }

 private:
  /// False where the stamp is too far ahead. While restoring there is no time.
  bool observe(std::optional<WallInstant> now, const Dot& dot, const HybridTime& time);
  void perform(const Operation& operation);
  void write(const std::string& key, const Register& write);
  void join_set(const OrSetDelta& delta);
  bool merge_registers(std::optional<WallInstant> now, const std::vector<RegisterItem>& items);
  void merge_elements(const RangeContent& content, const CausalContext& partner_seen);
  void index_register(const std::string& key);
  void index_element(const std::string& name);
  void forget(const std::vector<std::string>& keys);

  ReplicaOptions options_;
  HybridClock clock_;
  CausalContext seen_;
  LwwMap map_;
  OrSet set_;
  MerkleTree tree_;
  std::optional<CausalContext> repairing_with_;
  bool has_refused_ = false;  ///< A part of what the repair brought.
};

}  // namespace windtunnel::replica
