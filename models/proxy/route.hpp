// The way from one proxy to one service: every component that its policy puts there, in one place.
// A core: it decides who is asked and learns how it went; sending is the Sidecar's business.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/balance/balancer.hpp"
#include "models/breaker/breaker.hpp"
#include "models/health/outlier_detector.hpp"
#include "models/proxy/admission_levels.hpp"
#include "models/proxy/attempt_admission.hpp"
#include "models/proxy/hedge.hpp"
#include "models/proxy/hierarchical_limit.hpp"
#include "models/proxy/place_queue.hpp"
#include "models/proxy/quota_share.hpp"
#include "models/proxy/rate_limiter.hpp"
#include "models/proxy/refused.hpp"
#include "models/proxy/route_policy.hpp"
#include "models/retry/budget.hpp"
#include "models/retry/previous_hosts.hpp"
#include "models/retry/retry_policy.hpp"
#include "models/service/caller.hpp"
#include "runtime/random.hpp"

namespace windtunnel::proxy {

/// One attempt that goes out; to be handed back when it has ended.
struct Attempt {
  balance::EndpointId endpoint{};  ///< In the route's own numbers; instance_of() says who it is.
  Instant began{};
  std::optional<breaker::Permit> permit;
  AdmissionTicket ticket;
  /// Which numbers, balancer and breaker it was begun with: they may be others by the time it ends.
  std::uint32_t numbering_epoch = 0;
  std::uint32_t balancer_epoch = 0;
  std::uint32_t breaker_epoch = 0;
  std::uint32_t version = 0;  ///< That was asked for; 0: any.
};

struct RouteCounters {
  std::uint64_t requests = 0;
  std::uint64_t attempts = 0;
  std::uint64_t rate_limited = 0;
  std::uint64_t over_concurrency = 0;
  std::uint64_t breaker_refused = 0;
  std::uint64_t nobody = 0;
  std::uint64_t over_quota = 0;
  std::uint64_t throttled = 0;
  std::uint64_t over_adaptive_concurrency = 0;
  std::uint64_t not_admitted = 0;  ///< By what an endpoint said it admits.
  std::uint64_t over_hierarchical_limit = 0;
};

struct RouteInput {
  std::string zone;          ///< The proxy's own.
  std::uint32_t number = 0;  ///< Of the proxy among those of its caller, for subsets.
  RandomStream random;
  limit::QuotaClientId proxy{};  ///< Who it is to those who share a quota with it.
};

class Route {
 public:
  Route(const RouteInput& input, RoutePolicy policy, std::vector<balance::Endpoint> endpoints,
        Instant now);
  Route(const Route&) = delete;
  Route& operator=(const Route&) = delete;

  [[nodiscard]] const RoutePolicy& policy() const { return policy_; }

  /// Puts a policy that policy_of() accepts into effect. Components whose settings do not change
  /// keep their state, but that balancer and outlier detection begin anew with another subset; so
  /// does a quota that has the same name and burst, and a rate limit as RateLimiter::apply() says.
  void apply(Instant now, RoutePolicy policy);
  /// The endpoints from now on; ejected ones stay ejected, but one that goes is forgotten (as in
  /// Envoy): should it come back, it is like any other.
  void update(Instant now, std::vector<balance::Endpoint> endpoints);

  /// Those that this proxy uses, in the route's own numbers.
  [[nodiscard]] std::span<const balance::Endpoint> endpoints() const { return endpoints_; }
  /// What the list of endpoints calls the endpoint of an attempt that has just begun.
  [[nodiscard]] balance::EndpointId instance_of(balance::EndpointId endpoint) const {
    return instances_.empty() ? endpoint : instances_[endpoint.value()];
  }

  /// What active checks say of an endpoint; takes effect with the next attempt.
  void set_health(Instant now, balance::EndpointId endpoint, bool is_healthy);
  /// An endpoint that counts as healthy has passed one more check: it is ejected no longer, as
  /// with Envoy's successful_active_health_check_uneject_host. O(1) where it is not ejected.
  void note_passed_check(Instant now, balance::EndpointId endpoint);
  /// All endpoints count as healthy again.
  void forget_health();
  /// Endpoints whose hosts are gone by the word of others, instead of those of before: they count
  /// as unhealthy. In the route's own numbers, which may mean others after update() and apply().
  void set_gone(std::vector<balance::EndpointId> gone);
  [[nodiscard]] bool has_gone() const { return !gone_.empty(); }

  /// Null without a global quota.
  [[nodiscard]] QuotaShare* quota() { return quota_.get(); }

  /// Before everything else: whether a request of that user and business priority keeps the limits
  /// of all levels. What is refused later has taken from them all the same.
  [[nodiscard]] bool keeps_limits(Instant now, std::string_view key, std::uint8_t business) {
    return !hierarchical_limit_ || ask_hierarchical_limit(now, key, business);
  }
  /// Whether one more request may come at all. What was admitted is to be ended. Precondition:
  /// requests do not wait at the entrance.
  [[nodiscard]] std::optional<Refused> admit(Instant now);
  /// Whether a request may be held before it comes in: enter() does that, in these two steps.
  [[nodiscard]] bool waits_at_entrance() const;
  /// Of the rate limit: whether a request that would wait for `patience` gets a turn, and when.
  [[nodiscard]] limit::Decision take_turn(Instant now, Duration patience);
  /// When its turn has come. What came in is to be ended.
  [[nodiscard]] std::optional<Refused> come_in(Instant now);
  /// Whether the bulkhead has no place for one more. A place that becomes free goes at once to who
  /// has waited longest, so that nobody is overtaken.
  [[nodiscard]] bool is_full() const;
  /// Waits for a place behind the bulkhead. False where as many wait as may.
  [[nodiscard]] bool queue_up(PlaceSeeker& seeker);
  /// When a seeker has its place, in come_in()'s stead.
  [[nodiscard]] std::optional<Refused> come_in_to_place(Instant now);
  /// A seeker has waited for as long as it would.
  void note_overdue() { ++counters_.over_concurrency; }
  void end_request();

  [[nodiscard]] const retry::RetryOptions& retry_options() const { return retry_options_; }
  /// Stays valid like hedge().
  [[nodiscard]] retry::Budget* retry_budget() { return retry_budget_.get(); }

  /// Chooses an endpoint, of one version or (0) of any, and asks what it admits and the breaker.
  /// What the request `tried` are instances, as of instance_of(): their numbers may be others by
  /// now. O(log endpoints); allocates only where endpoints have just been ejected or have returned.
  [[nodiscard]] std::variant<Attempt, Refused> begin_attempt(Instant now,
                                                             const balance::PickRequest& request,
                                                             std::uint32_t version = 0,
                                                             service::DagorLevel priority = {});
  void end_attempt(Instant now, const Attempt& attempt, service::CallOutcome outcome);
  /// The endpoint of the attempt answered, and admits what is as urgent as that. Before the attempt
  /// is ended.
  void note_admitted(Instant now, const Attempt& attempt, service::DagorLevel admitted);
  /// Nobody waits for it any more; nothing is learned from it.
  void abandon_attempt(Instant now, const Attempt& attempt);
  /// It was abandoned because a later copy of the request succeeded. Nobody knows how it would have
  /// ended, but outlier detection takes it for a timeout, as Envoy's does a hedge's soft one
  /// (source/common/router/router.cc, onSoftPerTryTimeout): an endpoint that hangs would else stay
  /// in service for as long as others answer in its place.
  void note_outrun(Instant now, const Attempt& attempt);

  /// Null where requests are not hedged. Stays valid while a request is under way, whatever policy
  /// comes meanwhile.
  [[nodiscard]] Hedge* hedge() { return hedge_.get(); }

  [[nodiscard]] const RouteCounters& counters() const { return counters_; }
  /// Attempts begun and neither ended nor abandoned, but for those of a balancer of before.
  [[nodiscard]] std::uint64_t attempts_under_way() const {
    return balancer_->loads().total_active();
  }
  [[nodiscard]] std::uint32_t requests_under_way() const { return under_way_; }
  [[nodiscard]] std::uint32_t ejected() const { return outliers_ ? outliers_->ejected_count() : 0; }
  /// State changes and decisions since they were last taken, for the journal.
  [[nodiscard]] std::optional<breaker::Transition> take_transition() {
    return breaker_ ? breaker_->take_transition() : std::nullopt;
  }
  /// Of instances.
  [[nodiscard]] std::vector<health::OutlierEvent> take_outlier_events();

 private:
  /// What requests under way may still use, though a later policy has put something else there.
  /// Kept until none is under way.
  struct Replaced {
    std::vector<std::unique_ptr<retry::Budget>> budgets;
    std::vector<std::unique_ptr<Hedge>> hedges;

    [[nodiscard]] bool is_empty() const { return budgets.empty() && hedges.empty(); }
  };

  void choose_endpoints();
  void renumber();
  /// Whether most numbers are of instances that are gone: it is time to begin them anew.
  [[nodiscard]] bool has_idle_numbers() const;
  [[nodiscard]] balance::EndpointId number_of(balance::EndpointId instance);
  [[nodiscard]] retry::PreviousHosts numbers_of(std::span<const balance::EndpointId> tried) const;
  void make_balancer(Instant now);
  /// One that admits the request, where that is not `refusing` and the policy has it looked for;
  /// else the last one asked.
  [[nodiscard]] std::optional<balance::EndpointId> pick_another(Instant now,
                                                                const balance::PickRequest& request,
                                                                std::uint32_t version,
                                                                service::DagorLevel priority,
                                                                balance::EndpointId refusing);
  [[nodiscard]] bool has_versions() const;
  /// Anew whenever the policy is another, for they are views of it.
  void note_wanted_labels();
  [[nodiscard]] std::optional<balance::EndpointId> pick(Instant now,
                                                        const balance::PickRequest& request,
                                                        std::uint32_t version);
  void make_breaker();
  void make_outliers(Instant now);
  void make_admission(Instant now);
  void make_hedge();
  void make_quota(Instant now);
  void make_levels();
  void make_hierarchical_limit(Instant now);
  [[nodiscard]] bool ask_hierarchical_limit(Instant now, std::string_view key,
                                            std::uint8_t business);
  /// Those who have waited longest, as far as there are places.
  void give_places();
  /// The reason to send nothing, if there is one.
  [[nodiscard]] std::optional<Refused> ask_breaker(Instant now, Attempt& attempt);
  /// What is done whether something is learned from the attempt or not.
  void release(Instant now, const Attempt& attempt, breaker::Outcome outcome);
  void sweep(Instant now);
  void follow_outliers(Instant now);
  /// Says so of the instances that were ejected, and no longer are for want of who knows it.
  void note_forgotten(Instant now, std::span<const balance::EndpointId> ejected_before);
  [[nodiscard]] std::vector<balance::EndpointId> ejected_instances() const;
  void refresh_balancer(Instant now);
  void report(Instant now, balance::EndpointId endpoint, service::CallOutcome outcome);

  std::string zone_;
  std::uint32_t number_;
  RandomStream random_;
  RoutePolicy policy_;
  std::vector<balance::Endpoint> known_;      // All that there are.
  std::vector<balance::Endpoint> endpoints_;  // Those of them that this proxy uses.
  // Of a subset the endpoints have numbers of their own, without gaps: what is kept by endpoint
  // stays small. Empty where all are used.
  std::vector<balance::EndpointId> instances_;
  std::uint32_t numbering_epoch_ = 0;
  std::unique_ptr<balance::Balancer> balancer_;
  std::uint32_t balancer_epoch_ = 0;
  bool is_divided_ = false;  ///< Whether the balancer's endpoints are divided by version.
  std::vector<balance::LabelMatch> wanted_labels_;  ///< Views of the policy's.
  std::unique_ptr<breaker::Breaker> breaker_;
  std::uint32_t breaker_epoch_ = 0;
  std::unique_ptr<health::OutlierDetector> outliers_;
  std::vector<health::OutlierEvent> outlier_events_;
  std::optional<RateLimiter> rate_limit_;
  std::uint32_t under_way_ = 0;  ///< With those who have a place and are about to come in.
  PlaceQueue queue_;
  retry::RetryOptions retry_options_;
  std::unique_ptr<retry::Budget> retry_budget_;
  std::unique_ptr<AttemptAdmission> admission_;  ///< Null until a policy asks for it.
  std::optional<AdmissionLevels> levels_;
  std::optional<HierarchicalLimit> hierarchical_limit_;
  std::unique_ptr<Hedge> hedge_;
  limit::QuotaClientId proxy_;
  std::unique_ptr<QuotaShare> quota_;
  std::vector<bool> failed_checks_;  ///< By endpoint; empty where none has failed.
  std::vector<balance::EndpointId> gone_;
  bool is_balancer_behind_ = false;  ///< What it knows of health.
  Replaced replaced_;
  RouteCounters counters_;
};

}  // namespace windtunnel::proxy
