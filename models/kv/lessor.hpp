// When leases expire: the deadlines that only the leader keeps, in its memory. Renewing writes
// nothing to the log, so a new leader knows of no renewal and grants every lease its full time
// again. A lease may live longer than it was promised, never shorter. Behaviour of etcd 3.5's
// server/lease/lessor.go without checkpoints: under leader changes more frequent than a lease's
// time to live, it never expires.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "models/kv/lease_table.hpp"
#include "models/kv/self_preservation.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::kv {

struct LessorOptions {
  /// How often the leader looks for what has expired.
  Duration sweep = std::chrono::milliseconds{500};
  /// At most this many are revoked each second; half of it in a sweep of half a second. When leases
  /// would pile up behind it after a leader change, they are spread to three quarters of it.
  std::uint32_t revocations_per_second = 1000;
  /// A revocation that was proposed and has not been applied after this long is proposed again.
  Duration retry_after = std::chrono::seconds{3};
  /// What a new leader adds to every lease: clients need to find it first. etcd: the election
  /// timeout.
  Duration extension = std::chrono::seconds{1};
  /// Absent: a lease that runs out expires, whatever happens to the others.
  std::optional<SelfPreservationOptions> preservation{};
};

class Lessor {
 public:
  explicit Lessor(LessorOptions options) : options_(options) {}

  /// Leadership was won: every lease gets its full time from now on.
  void promote(Instant now, const LeaseTable& leases);
  /// Leadership was lost: nothing expires here any more.
  void demote();
  [[nodiscard]] bool is_primary() const { return is_primary_; }

  /// A grant was applied. Nothing to do where this is not the primary.
  void grant(Instant now, LeaseId id, Duration ttl);
  /// A revocation was applied.
  void remove(LeaseId id) { terms_.erase(id); }

  /// The lease's full time, counted from when the client's request arrived; nothing where it does
  /// not exist or has run out (it then may be on its way out already). Allocates nothing. O(log n).
  [[nodiscard]] std::optional<Duration> renew(Instant asked_at, Instant now, LeaseId id);

  /// What is to be revoked now, in the order of the deadlines, appended to `expired`.
  void collect_expired(Instant now, std::vector<LeaseId>& expired);

  [[nodiscard]] const LessorOptions& options() const { return options_; }
  [[nodiscard]] bool is_preserving() const {
    return preservation_ && preservation_->is_preserving();
  }

 private:
  struct Term {
    Duration ttl{};
    Instant deadline{};
    bool is_ending = false;  ///< Its revocation has been proposed: too late to renew.
    Instant
        appointed_at{};  ///< The one appointment that counts; an id may have had an earlier life.
  };
  /// A lease is looked at not later than its deadline. Renewals do not move this: whoever looks too
  /// early puts it back.
  struct Appointment {
    Instant at{};
    LeaseId id{};
    /// For a heap with the earliest on top; ids make the order total.
    friend bool operator<(const Appointment& a, const Appointment& b) {
      return a.at != b.at ? a.at > b.at : a.id > b.id;
    }
  };

  void spread_pile_up(Instant now);
  void appoint(Term& term, Instant at, LeaseId id);
  [[nodiscard]] std::size_t sweep_limit(Instant now);

  LessorOptions options_;
  bool is_primary_ = false;
  std::map<LeaseId, Term> terms_;
  std::vector<Appointment> appointments_;
  std::optional<SelfPreservation> preservation_;
};

}  // namespace windtunnel::kv
