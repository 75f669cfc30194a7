#include "tests/models/replica/replica_swarm.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "models/replica/repair.hpp"
#include "runtime/random.hpp"

namespace windtunnel::replica {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kKeys = 3;

struct Report {
  std::uint32_t from;
  std::uint32_t to;
  CausalContext seen;
  HybridTime clock;
};

/// One repair under way: whose turn it is, and what lies before it.
struct Session {
  std::uint32_t driver = 0;
  std::uint32_t partner = 0;
  CausalContext driver_seen;
  CausalContext partner_seen;
  RepairStep step;
  enum class At : std::uint8_t { hello, opened, with_driver, with_partner, closing } at = At::hello;
};

class Swarm {
 public:
  Swarm(std::uint64_t seed, StampKind stamps)
      : random_(seed, "swarm"), size_(2 + static_cast<std::uint32_t>(random_.below(3))) {
    for (std::uint32_t i = 0; i < size_; ++i) {
      // Now and then a clock that others refuse.
      const bool is_wrong = random_.below(12) == 0;
      offsets_.push_back(is_wrong ? Duration{700ms} : random_.uniform(-4ms, 4ms));
      replicas_.emplace_back(ReplicaOptions{ReplicaId{i}, stamps, 500ms});
      stabilities_.emplace_back(ReplicaId{i}, size_);
    }
  }

  std::optional<std::string> run() {
    for (int i = 0; i < 400 && !breach_; ++i) {
      step();
      check_registers();
      check_elements();
    }
    heal();
    return breach_;
  }

 private:
  WallInstant now(std::uint32_t replica) const { return WallInstant{now_ + offsets_[replica]}; }
  std::uint32_t any_replica() { return static_cast<std::uint32_t>(random_.below(size_)); }

  void fail(const std::string& what) {
    if (!breach_) {
      breach_ = what;
    }
  }

  void step() {
    now_ += random_.below(4) == 0 ? 1ms : 0ms;
    switch (random_.below(10)) {
      case 0:
      case 1:
        return accept();
      case 2:
      case 3:
      case 4:
        return deliver();
      case 5:
      case 6:
      case 7:
        return repair();
      case 8:
        return report();
      default:
        return collect();
    }
  }

  void collect() {
    const std::uint32_t self = any_replica();
    replicas_[self].collect(stabilities_[self]);
  }

  void accept() {
    const std::uint32_t self = any_replica();
    const auto kind = static_cast<OperationKind>(random_.below(4));
    const std::string key(1, static_cast<char>('a' + random_.below(kKeys)));
    const bool is_put = kind == OperationKind::put;
    Operation operation = replicas_[self].accept(
        now(self), kind, key, is_put ? std::optional{std::string{"v"}} : std::nullopt,
        stabilities_[self]);
    // Some are never sent, as those that a full outbox has dropped.
    if (random_.below(4) != 0) {
      sent_.push_back(operations_.size());
    }
    operations_.push_back(std::move(operation));
  }

  void deliver() {
    if (!sent_.empty()) {
      const std::uint32_t to = any_replica();
      static_cast<void>(
          replicas_[to].apply(now(to), operations_[sent_[random_.below(sent_.size())]]));
    }
  }

  /// In order between two replicas; each may be lost.
  void report() {
    const std::uint32_t from = any_replica();
    const std::uint32_t to = any_replica();
    if (random_.below(2) == 0) {
      reports_.push_back({from, to, replicas_[from].seen(), replicas_[from].stamp(now(from))});
    }
    const auto first = std::ranges::find_if(reports_, [&](const Report& r) { return r.to == to; });
    if (first != reports_.end()) {
      if (random_.below(8) != 0) {
        stabilities_[to].report(ReplicaId{first->from}, first->seen, first->clock);
      }
      reports_.erase(first);
    }
  }

  bool is_busy(std::uint32_t replica) const {
    return std::ranges::any_of(sessions_, [&](const Session& s) {
      return s.driver == replica || (s.partner == replica && s.at != Session::At::hello);
    });
  }

  void repair() {
    if (sessions_.empty() || random_.below(4) == 0) {
      Session session;
      session.driver = any_replica();
      session.partner = any_replica();
      if (session.driver != session.partner && !is_busy(session.driver)) {
        session.driver_seen = replicas_[session.driver].seen();
        sessions_.push_back(std::move(session));
      }
      return;
    }
    const std::size_t which = random_.below(sessions_.size());
    if (random_.below(12) == 0 || !advance(sessions_[which])) {
      end(which);
    }
  }

  /// It broke off, or is complete: who has not joined by now does not.
  void end(std::size_t which) {
    const Session& session = sessions_[which];
    if (session.at != Session::At::hello) {
      replicas_[session.partner].abandon_repair();
    }
    replicas_[session.driver].abandon_repair();
    sessions_.erase(sessions_.begin() + static_cast<std::ptrdiff_t>(which));
  }

  /// What one message does; false where it was the last.
  bool advance(Session& session) {
    Replica& driver = replicas_[session.driver];
    Replica& partner = replicas_[session.partner];
    switch (session.at) {
      case Session::At::hello:
        if (is_busy(session.partner)) {
          return false;
        }
        partner.open_repair(session.driver_seen);
        session.partner_seen = partner.seen();
        session.step = first_step(partner);
        session.at = Session::At::opened;
        return true;
      case Session::At::opened:
        driver.open_repair(session.partner_seen);
        [[fallthrough]];
      case Session::At::with_driver:
        session.step = next_step(driver, now(session.driver), session.step);
        session.at = Session::At::with_partner;
        if (session.step.is_empty()) {
          static_cast<void>(driver.complete_repair());
          session.at = Session::At::closing;
        }
        return true;
      case Session::At::with_partner:
        session.step = next_step(partner, now(session.partner), session.step);
        session.at = Session::At::with_driver;
        return true;
      case Session::At::closing:
        static_cast<void>(partner.complete_repair());
        return false;
    }
    return false;
  }

  /// What the last writer wrote, of the operations that `seen` holds; null where there is none.
  [[nodiscard]] const Operation* winner(const std::string& key, const CausalContext& seen) const {
    const Operation* best = nullptr;
    for (const Operation& operation : operations_) {
      const bool counts =
          is_of_map(operation.kind) && operation.key == key && seen.contains(operation.dot);
      if (counts && (best == nullptr || std::tie(operation.time, operation.dot.replica) >
                                            std::tie(best->time, best->dot.replica))) {
        best = &operation;
      }
    }
    return best;
  }

  void check_registers() {
    for (const Replica& replica : replicas_) {
      for (std::uint32_t i = 0; i < kKeys; ++i) {
        const std::string key(1, static_cast<char>('a' + i));
        const Operation* const expected = winner(key, replica.seen());
        const Register* const present = replica.map().find(key);
        const bool is_expected = expected != nullptr && expected->kind == OperationKind::put;
        const bool is_there = present != nullptr && !present->is_tombstone();
        if (is_there != is_expected || (is_there && present->dot != expected->dot)) {
          fail("register " + key + " is not what the last writer wrote");
        }
      }
    }
  }

  /// As an observed-remove set with tombstones has it: an addition is there unless an operation
  /// that took its place was seen.
  [[nodiscard]] std::set<std::string> expected_elements(const CausalContext& seen) const {
    std::set<Dot> removed;
    for (const Operation& operation : operations_) {
      if (!is_of_map(operation.kind) && seen.contains(operation.dot)) {
        removed.insert(operation.replaced.begin(), operation.replaced.end());
      }
    }
    std::set<std::string> elements;
    for (const Operation& operation : operations_) {
      if (operation.kind == OperationKind::add && seen.contains(operation.dot) &&
          !removed.contains(operation.dot)) {
        elements.insert(operation.key);
      }
    }
    return elements;
  }

  /// A repair that breaks off may have brought a removal that does not count as seen yet, so an
  /// element may be gone early; it may never be there when it was removed.
  void check_elements() {
    for (const Replica& replica : replicas_) {
      const std::set<std::string> expected = expected_elements(replica.seen());
      for (const auto& [name, additions] : replica.set().elements()) {
        if (!expected.contains(name)) {
          fail("element " + name + " is there, though it was removed");
        }
      }
    }
  }

  /// Clocks come together, reports go round, repairs run to their end; then all hold the same.
  void heal() {
    std::ranges::fill(offsets_, Duration{});
    while (!sessions_.empty()) {
      end(0);
    }
    reports_.clear();
    now_ += 10s;
    for (int round = 0; round < 6; ++round) {
      repair_all();
      report_all();
      for (std::uint32_t i = 0; i < size_; ++i) {
        replicas_[i].collect(stabilities_[i]);
      }
    }
    check_healed();
  }

  void repair_all() {
    for (std::uint32_t i = 0; i < size_; ++i) {
      for (std::uint32_t j = 0; j < size_; ++j) {
        if (i != j) {
          Session session;
          session.driver = i;
          session.partner = j;
          session.driver_seen = replicas_[i].seen();
          while (advance(session)) {
          }
        }
      }
    }
  }

  void report_all() {
    now_ += 1s;
    for (std::uint32_t from = 0; from < size_; ++from) {
      const HybridTime clock = replicas_[from].stamp(now(from));
      for (std::uint32_t to = 0; to < size_; ++to) {
        if (to != from) {
          stabilities_[to].report(ReplicaId{from}, replicas_[from].seen(), clock);
        }
      }
    }
  }

  void check_healed() {
    check_registers();
    CausalContext everything;
    for (const Operation& operation : operations_) {
      everything.add(operation.dot);
    }
    for (const Replica& replica : replicas_) {
      std::set<std::string> elements;
      for (const auto& [name, additions] : replica.set().elements()) {
        elements.insert(name);
      }
      if (elements != expected_elements(everything)) {
        fail("a set has not what was added and not removed");
      }
      if (replica.seen() != everything) {
        fail("an operation has not come everywhere");
      }
      if (!replica.map().tombstones().empty()) {
        fail("a deletion that nobody needs is remembered");
      }
      if (replica.summary_of({}) != replicas_[0].summary_of({})) {
        fail("two replicas have not the same digest");
      }
    }
  }

  RandomStream random_;
  std::uint32_t size_;
  Duration now_ = 1000s;
  std::vector<Duration> offsets_;
  std::vector<Replica> replicas_;
  std::vector<Stability> stabilities_;
  std::vector<Operation> operations_;
  std::vector<std::size_t> sent_;  ///< Of the operations, those that may arrive by themselves.
  std::deque<Report> reports_;
  std::deque<Session> sessions_;
  std::optional<std::string> breach_;
};

}  // namespace

std::optional<std::string> breach_of(std::uint64_t seed, StampKind stamps) {
  return Swarm{seed, stamps}.run();
}

namespace {

TEST(ReplicaSwarm, HoldsWhatTheOperationsComeToHoweverTheyCame) {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    for (const StampKind stamps : {StampKind::hybrid, StampKind::wall}) {
      const auto breach = breach_of(seed, stamps);
      ASSERT_FALSE(breach) << *breach << ", seed " << seed
                           << (stamps == StampKind::wall ? ", wall" : ", hybrid");
    }
  }
}

}  // namespace

}  // namespace windtunnel::replica
