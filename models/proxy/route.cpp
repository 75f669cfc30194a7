#include "models/proxy/route.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "models/balance/deterministic_subset.hpp"
#include "models/proxy/route_parts.hpp"
#include "models/proxy/subset_labels.hpp"

namespace windtunnel::proxy {

namespace {

/// A stream of its own for each component, so that a draw added in one moves nothing in another.
RandomStream branch(RandomStream& random, std::string_view purpose) {
  return RandomStream{random.next(), purpose};
}

breaker::Outcome breaker_outcome_of(service::CallOutcome outcome) {
  switch (outcome) {
    case service::CallOutcome::ok:
      return breaker::Outcome::succeeded;
    case service::CallOutcome::expired:
    case service::CallOutcome::rejected:
      // The caller's own business: the endpoint was not at fault.
      return breaker::Outcome::ignored;
    default:
      return breaker::Outcome::failed;
  }
}

/// Empty where the endpoint has none.
std::string_view version_of(const balance::Endpoint& endpoint) {
  const auto label = std::find_if(
      endpoint.labels.begin(), endpoint.labels.end(),
      [](const balance::Label& candidate) { return candidate.first == kVersionLabel; });
  return label == endpoint.labels.end() ? std::string_view{} : std::string_view{label->second};
}

/// A proxy that uses a subset uses one of each version: it could not follow a split otherwise.
std::vector<std::vector<std::uint32_t>> positions_by_version(
    const std::vector<balance::Endpoint>& endpoints) {
  std::map<std::string_view, std::vector<std::uint32_t>> positions;
  for (std::uint32_t i = 0; i < endpoints.size(); ++i) {
    positions[version_of(endpoints[i])].push_back(i);
  }
  std::vector<std::vector<std::uint32_t>> all;
  for (auto& [version, of_version] : positions) {
    all.push_back(std::move(of_version));
  }
  return all;
}

}  // namespace

Route::Route(const RouteInput& input, RoutePolicy policy, std::vector<balance::Endpoint> endpoints,
             Instant now)
    : zone_(input.zone),
      number_(input.number),
      random_(input.random),
      policy_(std::move(policy)),
      known_(std::move(endpoints)),
      retry_options_(retry_options_of(policy_.retry, policy_.timeout)),
      retry_budget_(retry_budget_of(policy_.retry, policy_.retry_quota)),
      proxy_(input.proxy) {
  choose_endpoints();
  make_outliers(now);
  make_balancer(now);
  make_breaker();
  if (policy_.rate_limit) {
    rate_limit_.emplace(*policy_.rate_limit, now);
  }
  make_admission(now);
  make_hedge();
  make_quota(now);
  make_levels();
  make_hierarchical_limit(now);
}

void Route::choose_endpoints() {
  if (policy_.balance.subset_size == 0) {
    endpoints_ = known_;
    return;
  }
  endpoints_.clear();
  for (const std::vector<std::uint32_t>& version : positions_by_version(known_)) {
    const balance::SubsetRequest request{.endpoints = static_cast<std::uint32_t>(version.size()),
                                         .size = policy_.balance.subset_size,
                                         .caller = number_};
    for (const std::uint32_t position : balance::deterministic_subset(request)) {
      balance::Endpoint& endpoint = endpoints_.emplace_back(known_[version[position]]);
      endpoint.id = number_of(endpoint.id);
    }
  }
}

void Route::renumber() {
  instances_.clear();
  ++numbering_epoch_;
  if (levels_) {
    levels_.emplace(levels_->settings());
  }
  choose_endpoints();
}

bool Route::has_idle_numbers() const {
  constexpr std::size_t kFew = 64;
  return instances_.size() > 4 * endpoints_.size() + kFew;
}

/// The same for the same instance as long as numbers are not begun anew. Linear: a subset is small.
balance::EndpointId Route::number_of(balance::EndpointId instance) {
  const auto known = std::find(instances_.begin(), instances_.end(), instance);
  const auto number = static_cast<std::uint32_t>(known - instances_.begin());
  if (known == instances_.end()) {
    instances_.push_back(instance);
  }
  return balance::EndpointId{number};
}

/// Of those that are in the subset.
retry::PreviousHosts Route::numbers_of(std::span<const balance::EndpointId> tried) const {
  retry::PreviousHosts numbers;
  if (instances_.empty()) {
    for (const balance::EndpointId endpoint : tried) {
      numbers.add(endpoint);
    }
    return numbers;
  }
  for (const balance::EndpointId instance : tried) {
    const auto known = std::find(instances_.begin(), instances_.end(), instance);
    if (known != instances_.end()) {
      numbers.add(balance::EndpointId{static_cast<std::uint32_t>(known - instances_.begin())});
    }
  }
  return numbers;
}

bool Route::has_versions() const {
  return std::any_of(endpoints_.begin(), endpoints_.end(), [](const balance::Endpoint& endpoint) {
    return !version_of(endpoint).empty();
  });
}

void Route::make_balancer(Instant now) {
  balance::BalancerOptions options = balancer_options_of(policy_.balance, policy_.locality, zone_);
  is_divided_ = has_versions();
  if (is_divided_) {
    options.subsets = subsets_by_version();
  } else if (policy_.subsets) {
    options.subsets = subset_options_of(*policy_.subsets);
  }
  note_wanted_labels();
  balancer_ = std::make_unique<balance::Balancer>(
      policy_factory_of(policy_.balance), std::move(options), branch(random_, "proxy.balancer"));
  ++balancer_epoch_;
  refresh_balancer(now);
}

void Route::note_wanted_labels() {
  wanted_labels_.clear();
  if (policy_.subsets && !is_divided_) {
    wanted_labels_ = wanted_labels_of(*policy_.subsets);
  }
}

void Route::make_breaker() {
  ++breaker_epoch_;
  breaker_.reset();
  if (policy_.breaker) {
    breaker_ = std::make_unique<breaker::Breaker>(breaker_options_of(*policy_.breaker),
                                                  branch(random_, "proxy.breaker"));
  }
}

void Route::make_outliers(Instant now) {
  outliers_.reset();
  if (policy_.outlier) {
    outliers_ = std::make_unique<health::OutlierDetector>(outlier_options_of(*policy_.outlier), now,
                                                          branch(random_, "proxy.outliers"));
    outliers_->update_endpoints(endpoints_);
    for (std::uint32_t id = 0; id < failed_checks_.size(); ++id) {
      if (failed_checks_[id]) {
        outliers_->report_active_check(now, balance::EndpointId{id}, false);
      }
    }
  }
}

void Route::make_admission(Instant now) {
  const bool is_wanted = policy_.adaptive_concurrency || policy_.throttle;
  if (!admission_ && is_wanted) {
    admission_ = std::make_unique<AttemptAdmission>(branch(random_, "proxy.admission"));
  }
  if (admission_) {
    admission_->apply(now, policy_.adaptive_concurrency, policy_.throttle);
  }
}

void Route::make_hedge() {
  if (hedge_ && under_way_ > 0) {
    replaced_.hedges.push_back(std::move(hedge_));
  }
  hedge_.reset();
  if (policy_.hedge) {
    hedge_ = std::make_unique<Hedge>(*policy_.hedge);
  }
}

void Route::make_quota(Instant now) {
  quota_.reset();
  if (policy_.quota) {
    // The clock of a host runs on while its processes come and go, so it tells them apart.
    const auto incarnation = static_cast<std::uint64_t>(nanoseconds_of(now)) + 1;
    quota_ = std::make_unique<QuotaShare>(*policy_.quota, proxy_, incarnation, now);
  }
}

void Route::make_levels() {
  if (!policy_.admission) {
    levels_.reset();
  } else if (!levels_ || levels_->settings() != *policy_.admission) {
    levels_.emplace(*policy_.admission);
  }
}

void Route::make_hierarchical_limit(Instant now) {
  if (!policy_.hierarchical_limit) {
    hierarchical_limit_.reset();
  } else if (!hierarchical_limit_) {
    hierarchical_limit_.emplace(*policy_.hierarchical_limit);
  } else {
    hierarchical_limit_->apply(now, *policy_.hierarchical_limit);
  }
}

void Route::apply(Instant now, RoutePolicy policy) {
  const std::vector<balance::EndpointId> ejected_before = ejected_instances();
  const RoutePolicy before = std::exchange(policy_, std::move(policy));
  const bool is_renumbered = policy_.balance.subset_size != before.balance.subset_size;
  if (is_renumbered) {
    renumber();
  }
  const bool has_new_outliers = is_renumbered || policy_.outlier != before.outlier;
  if (has_new_outliers) {
    make_outliers(now);
    note_forgotten(now, ejected_before);
  }
  note_wanted_labels();
  if (policy_.balance != before.balance || policy_.locality != before.locality ||
      policy_.subsets != before.subsets) {
    make_balancer(now);
  } else if (has_new_outliers) {
    refresh_balancer(now);
  }
  if (policy_.breaker != before.breaker) {
    make_breaker();
  }
  if (policy_.retry != before.retry || policy_.retry_quota != before.retry_quota) {
    if (retry_budget_ && under_way_ > 0) {
      replaced_.budgets.push_back(std::move(retry_budget_));
    }
    retry_budget_ = retry_budget_of(policy_.retry, policy_.retry_quota);
  }
  if (policy_.hedge != before.hedge) {
    make_hedge();
  }
  make_admission(now);
  // The policy's name is the quota's.
  const bool is_same_quota = policy_.caller == before.caller && quota_ && policy_.quota &&
                             policy_.quota->burst == before.quota->burst;
  if (is_same_quota) {
    quota_->apply(*policy_.quota);
  } else if (quota_ || policy_.quota) {
    make_quota(now);
  }
  retry_options_ = retry_options_of(policy_.retry, policy_.timeout);
  if (!policy_.rate_limit) {
    rate_limit_.reset();
  } else if (!rate_limit_) {
    rate_limit_.emplace(*policy_.rate_limit, now);
  } else {
    rate_limit_->apply(now, *policy_.rate_limit);
  }
  if (policy_.hierarchical_limit != before.hierarchical_limit) {
    make_hierarchical_limit(now);
  }
  make_levels();
  give_places();
}

void Route::update(Instant now, std::vector<balance::Endpoint> endpoints) {
  const std::vector<balance::EndpointId> ejected_before = ejected_instances();
  known_ = std::move(endpoints);
  choose_endpoints();
  const bool is_renumbered = has_idle_numbers();
  if (is_renumbered) {
    renumber();
    make_outliers(now);
  } else if (outliers_) {
    outliers_->update_endpoints(endpoints_);
  }
  note_forgotten(now, ejected_before);
  if (is_renumbered || is_divided_ != has_versions()) {
    make_balancer(now);
  } else {
    refresh_balancer(now);
  }
}

void Route::refresh_balancer(Instant now) {
  is_balancer_behind_ = false;
  if (!balancer_) {
    return;
  }
  std::vector<balance::Endpoint> seen = endpoints_;
  if (policy_.locality && policy_.locality->kind == LocalityKind::failover) {
    set_priorities(seen, zone_);
  }
  for (balance::Endpoint& endpoint : seen) {
    const std::size_t id = endpoint.id.value();
    const bool has_failed = id < failed_checks_.size() && failed_checks_[id];
    if (has_failed || (outliers_ && outliers_->is_ejected(endpoint.id))) {
      endpoint.health = balance::EndpointHealth::unhealthy;
    }
  }
  for (const balance::EndpointId gone : gone_) {
    const auto found = std::find_if(seen.begin(), seen.end(),
                                    [&](const balance::Endpoint& one) { return one.id == gone; });
    if (found != seen.end()) {
      found->health = balance::EndpointHealth::unhealthy;
    }
  }
  balancer_->update(now, seen);
}

void Route::set_gone(std::vector<balance::EndpointId> gone) {
  is_balancer_behind_ = is_balancer_behind_ || gone != gone_;
  gone_ = std::move(gone);
}

void Route::set_health(Instant now, balance::EndpointId endpoint, bool is_healthy) {
  failed_checks_.resize(std::max<std::size_t>(failed_checks_.size(), endpoint.value() + 1));
  failed_checks_[endpoint.value()] = !is_healthy;
  is_balancer_behind_ = true;
  if (outliers_) {
    outliers_->report_active_check(now, endpoint, is_healthy);
    follow_outliers(now);
  }
}

void Route::note_passed_check(Instant now, balance::EndpointId endpoint) {
  if (outliers_ && outliers_->is_ejected(endpoint)) {
    outliers_->report_active_check(now, endpoint, true);
    follow_outliers(now);
  }
}

void Route::forget_health() {
  is_balancer_behind_ = is_balancer_behind_ || !failed_checks_.empty();
  failed_checks_.clear();
  if (outliers_) {
    outliers_->forget_active_checks();
  }
}

bool Route::waits_at_entrance() const {
  return policy_.bulkhead ||
         (policy_.rate_limit && policy_.rate_limit->form.kind == RateLimitKind::pacing);
}

bool Route::ask_hierarchical_limit(Instant now, std::string_view key, std::uint8_t business) {
  const bool is_admitted = hierarchical_limit_->admit(now, key, business);
  if (!is_admitted) {
    ++counters_.requests;
    ++counters_.over_hierarchical_limit;
  }
  return is_admitted;
}

std::optional<Refused> Route::admit(Instant now) {
  const limit::Decision turn = take_turn(now, Duration::zero());
  return turn.admitted ? come_in(now) : std::optional{Refused::rate_limit};
}

limit::Decision Route::take_turn(Instant now, Duration patience) {
  ++counters_.requests;
  if (!rate_limit_) {
    return limit::Decision::pass();
  }
  const limit::Decision decision = rate_limit_->admit(now, patience);
  if (!decision.admitted) {
    ++counters_.rate_limited;
  }
  return decision;
}

bool Route::is_full() const {
  return policy_.bulkhead && under_way_ >= policy_.bulkhead->concurrency;
}

bool Route::queue_up(PlaceSeeker& seeker) {
  if (!policy_.bulkhead || queue_.size() >= policy_.bulkhead->queue) {
    ++counters_.over_concurrency;
    return false;
  }
  queue_.join(seeker);
  return true;
}

void Route::give_places() {
  const std::uint32_t places =
      policy_.bulkhead ? policy_.bulkhead->concurrency : policy_.concurrency.value_or(UINT32_MAX);
  while (queue_.size() > 0 && under_way_ < places) {
    ++under_way_;
    queue_.give_place();
  }
}

std::optional<Refused> Route::come_in_to_place(Instant now) {
  if (quota_ && !quota_->admit(now)) {
    ++counters_.over_quota;
    end_request();
    return Refused::quota;
  }
  return std::nullopt;
}

std::optional<Refused> Route::come_in(Instant now) {
  if (policy_.concurrency && under_way_ >= *policy_.concurrency) {
    ++counters_.over_concurrency;
    return Refused::concurrency;
  }
  if (quota_ && !quota_->admit(now)) {
    ++counters_.over_quota;
    return Refused::quota;
  }
  ++under_way_;
  return std::nullopt;
}

void Route::end_request() {
  check(under_way_ > 0, "a request ends once");
  --under_way_;
  if (queue_.size() > 0) {
    give_places();
  }
  if (under_way_ == 0 && !replaced_.is_empty()) {
    replaced_ = {};
  }
}

std::optional<balance::EndpointId> Route::pick(Instant now, const balance::PickRequest& request,
                                               std::uint32_t version) {
  if (version == 0) {
    return balancer_->pick(now, balance::BalanceRequest{.pick = request, .subset = wanted_labels_});
  }
  if (!is_divided_) {
    return std::nullopt;  // Nobody here says which version it is.
  }
  std::array<char, std::numeric_limits<std::uint32_t>::digits10 + 1> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), version);
  const std::array wanted{
      balance::LabelMatch{kVersionLabel, std::string_view{text.data(), written.ptr}}};
  return balancer_->pick(now, balance::BalanceRequest{.pick = request, .subset = wanted});
}

std::optional<balance::EndpointId> Route::pick_another(Instant now,
                                                       const balance::PickRequest& request,
                                                       std::uint32_t version,
                                                       service::DagorLevel priority,
                                                       balance::EndpointId refusing) {
  retry::PreviousHosts avoided = numbers_of(request.tried);
  balance::PickRequest other = request;
  balance::EndpointId last = refusing;
  for (std::uint32_t asked = 0; asked < levels_->settings().others; ++asked) {
    avoided.add(last);
    other.tried = avoided.tried();
    const std::optional<balance::EndpointId> picked = pick(now, other, version);
    if (!picked || *picked == last) {
      break;
    }
    last = *picked;
    if (!levels_->would_be_refused(now, last, priority)) {
      break;
    }
  }
  return last;
}

std::variant<Attempt, Refused> Route::begin_attempt(Instant now,
                                                    const balance::PickRequest& request,
                                                    std::uint32_t version,
                                                    service::DagorLevel priority) {
  sweep(now);
  if (is_balancer_behind_) {
    refresh_balancer(now);
  }
  Attempt attempt{.endpoint = {},
                  .began = now,
                  .permit = {},
                  .ticket = {},
                  .numbering_epoch = numbering_epoch_,
                  .balancer_epoch = balancer_epoch_,
                  .breaker_epoch = breaker_epoch_,
                  .version = version};
  if (admission_) {
    if (const std::optional<Refused> refused = admission_->admit(now, attempt.ticket)) {
      ++(*refused == Refused::throttle ? counters_.throttled : counters_.over_adaptive_concurrency);
      return *refused;
    }
  }
  std::optional<balance::EndpointId> picked;
  if (instances_.empty() || request.tried.empty()) {
    picked = pick(now, request, version);
  } else {
    const retry::PreviousHosts tried = numbers_of(request.tried);
    balance::PickRequest renumbered = request;
    renumbered.tried = tried.tried();
    picked = pick(now, renumbered, version);
  }
  if (picked && levels_ && levels_->settings().others > 0 &&
      levels_->would_be_refused(now, *picked, priority)) {
    picked = pick_another(now, request, version, priority, *picked);
  }
  if (picked) {
    attempt.endpoint = *picked;
  } else {
    ++counters_.nobody;
  }
  std::optional<Refused> refused;
  if (!picked) {
    refused = Refused::no_endpoint;
  } else if (levels_ && levels_->would_be_refused(now, *picked, priority)) {
    ++counters_.not_admitted;
    refused = Refused::admission;
  } else {
    refused = ask_breaker(now, attempt);
  }
  if (refused) {
    if (admission_) {
      admission_->abandon(now, attempt.ticket);
    }
    return *refused;
  }
  balancer_->begin(attempt.endpoint);
  if (outliers_) {
    outliers_->expect_report(attempt.endpoint);
  }
  ++counters_.attempts;
  return attempt;
}

std::optional<Refused> Route::ask_breaker(Instant now, Attempt& attempt) {
  if (!breaker_) {
    return std::nullopt;
  }
  const breaker::Admission admission = breaker_->admit(now);
  if (std::holds_alternative<breaker::Refusal>(admission)) {
    ++counters_.breaker_refused;
    return Refused::breaker;
  }
  attempt.permit = std::get<breaker::Permit>(admission);
  return std::nullopt;
}

void Route::release(Instant now, const Attempt& attempt, breaker::Outcome outcome) {
  if (attempt.balancer_epoch == balancer_epoch_) {
    balancer_->end(attempt.endpoint);
  }
  if (attempt.permit && breaker_ && attempt.breaker_epoch == breaker_epoch_) {
    static_cast<void>(breaker_->settle(now, *attempt.permit, outcome));
  }
}

void Route::abandon_attempt(Instant now, const Attempt& attempt) {
  release(now, attempt, breaker::Outcome::ignored);
  if (admission_) {
    admission_->abandon(now, attempt.ticket);
  }
}

void Route::note_outrun(Instant now, const Attempt& attempt) {
  if (outliers_ && attempt.numbering_epoch == numbering_epoch_) {
    report(now, attempt.endpoint, service::CallOutcome::timed_out);
  }
}

void Route::end_attempt(Instant now, const Attempt& attempt, service::CallOutcome outcome) {
  release(now, attempt, breaker_outcome_of(outcome));
  if (attempt.balancer_epoch == balancer_epoch_) {
    balancer_->observe(now, {.endpoint = attempt.endpoint,
                             .latency = now - attempt.began,
                             .succeeded = outcome == service::CallOutcome::ok});
  }
  if (admission_) {
    admission_->settle(now, attempt.ticket, outcome);
  }
  if (outliers_ && attempt.numbering_epoch == numbering_epoch_) {
    report(now, attempt.endpoint, outcome);
  }
}

void Route::note_admitted(Instant now, const Attempt& attempt, service::DagorLevel admitted) {
  if (levels_ && attempt.numbering_epoch == numbering_epoch_) {
    levels_->note(now, attempt.endpoint, admitted);
  }
}

void Route::report(Instant now, balance::EndpointId endpoint, service::CallOutcome outcome) {
  constexpr std::uint16_t kOk = 200;
  constexpr std::uint16_t kServerError = 500;
  constexpr std::uint16_t kUnavailable = 503;
  switch (outcome) {
    case service::CallOutcome::ok:
      outliers_->report_response(now, endpoint, kOk);
      break;
    case service::CallOutcome::failed:
      outliers_->report_response(now, endpoint, kServerError);
      break;
    case service::CallOutcome::overloaded:
      outliers_->report_response(now, endpoint, kUnavailable);
      break;
    case service::CallOutcome::timed_out:
      outliers_->report(now, endpoint, health::OriginResult::local_origin_timeout);
      break;
    case service::CallOutcome::unreachable:
      outliers_->report(now, endpoint, health::OriginResult::local_origin_connect_failed);
      break;
    case service::CallOutcome::expired:
    case service::CallOutcome::rejected:
      return;
  }
  follow_outliers(now);
}

/// Sweeps take place when somebody asks: a proxy that nobody asks costs nothing.
void Route::sweep(Instant now) {
  if (!outliers_ || now < outliers_->next_deadline()) {
    return;
  }
  while (outliers_->next_deadline() <= now) {
    outliers_->on_deadline(outliers_->next_deadline());
  }
  follow_outliers(now);
}

void Route::follow_outliers(Instant now) {
  if (outliers_->events().empty()) {
    return;
  }
  for (health::OutlierEvent event : outliers_->events()) {
    event.endpoint = instance_of(event.endpoint);
    outlier_events_.push_back(event);
  }
  outliers_->clear_events();
  refresh_balancer(now);
}

std::vector<balance::EndpointId> Route::ejected_instances() const {
  std::vector<balance::EndpointId> found;
  if (ejected() == 0) {
    return found;
  }
  for (const balance::Endpoint& endpoint : endpoints_) {
    if (outliers_->is_ejected(endpoint.id)) {
      found.push_back(instance_of(endpoint.id));
    }
  }
  return found;
}

void Route::note_forgotten(Instant now, std::span<const balance::EndpointId> ejected_before) {
  if (ejected_before.empty()) {
    return;
  }
  const std::vector<balance::EndpointId> still = ejected_instances();
  for (const balance::EndpointId instance : ejected_before) {
    if (std::find(still.begin(), still.end(), instance) == still.end()) {
      health::OutlierEvent event;
      event.at = now;
      event.endpoint = instance;
      event.action = health::OutlierAction::forgotten;
      outlier_events_.push_back(event);
    }
  }
}

std::vector<health::OutlierEvent> Route::take_outlier_events() {
  return std::exchange(outlier_events_, {});
}

}  // namespace windtunnel::proxy
