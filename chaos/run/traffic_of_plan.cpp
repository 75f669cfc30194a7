#include "chaos/run/traffic_of_plan.hpp"

#include <utility>
#include <vector>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

client::RequestShape requests_of(const Load& load) {
  client::RequestShape requests;
  requests.service = load.to;
  // How long a request may take is the policy's business.
  requests.timeout = Duration::max();
  requests.users = load.keys.users;
  requests.skew = load.keys.skew;
  requests.business_weights = load.priorities;
  return requests;
}

client::RateProfile rate_profile_of(const Load& load) {
  if (load.profile.empty()) {
    return client::RateProfile{rate_per_host(load.rate, load)};
  }
  std::vector<client::RatePoint> points;
  for (const RateSetting& point : load.profile) {
    points.push_back({point.at, rate_per_host(point.rate, load), point.then});
  }
  return client::RateProfile{std::move(points)};
}

client::BurstyArrivals bursts_of(const Load& load) {
  return {.on_per_second = rate_per_host(load.bursts.on, load),
          .off_per_second = rate_per_host(load.bursts.off, load),
          .mean_on = load.bursts.mean_on,
          .mean_off = load.bursts.mean_off};
}

/// The hosts take the arrivals of a trace in turn.
client::ReplayedArrivals replay_of(const LoadOnHost& own) {
  client::ReplayedArrivals replay;
  for (std::size_t i = own.place; i < own.load.trace.size(); i += own.load.from.size()) {
    replay.offsets.push_back(own.load.trace[i]);
  }
  return replay;
}

client::Arrivals arrivals_of(const LoadOnHost& own) {
  switch (own.load.arrivals) {
    case Arrivals::poisson:
      return client::PoissonArrivals{rate_profile_of(own.load)};
    case Arrivals::constant:
      return client::ConstantArrivals{rate_profile_of(own.load)};
    case Arrivals::bursty:
      return bursts_of(own.load);
    case Arrivals::replay:
      return replay_of(own);
  }
  check(false, "arrivals outside their enumeration");
  return client::ReplayedArrivals{};
}

service::Discipline discipline_of(QueueOrder order) {
  switch (order) {
    case QueueOrder::fifo:
      return service::Discipline::fifo;
    case QueueOrder::lifo:
      return service::Discipline::lifo;
    case QueueOrder::codel:
    case QueueOrder::adaptive_lifo:
      return service::Discipline::adaptive_lifo;
  }
  check(false, "an order outside its enumeration");
  return service::Discipline::fifo;
}

}  // namespace

double rate_per_host(Rate rate, const Load& load) {
  return static_cast<double>(rate.events) * 1e9 / static_cast<double>(rate.per.count()) /
         static_cast<double>(load.from.size());
}

client::OpenLoopOptions open_loop_of(const LoadOnHost& own) {
  client::OpenLoopOptions options;
  options.load = own.number;
  options.requests = requests_of(own.load);
  options.arrivals = arrivals_of(own);
  options.lasts = own.lasts;
  return options;
}

client::ClosedLoopOptions closed_loop_of(const LoadOnHost& own) {
  check(own.load.users.has_value(), "a closed loop has users");
  const auto hosts = static_cast<std::uint32_t>(own.load.from.size());
  const std::uint32_t count = own.load.users->count;
  client::ClosedLoopOptions options;
  options.load = own.number;
  options.requests = requests_of(own.load);
  options.concurrent = count / hosts + (own.place < count % hosts ? 1 : 0);
  options.think = own.load.users->think;
  options.lasts = own.lasts;
  return options;
}

void describe_station(const PlannedService& planned, service::ServiceOptions& options) {
  service::StationOptions& station = options.station;
  station.workers = planned.workers;
  station.queue_max = planned.queue;
  station.priorities = planned.priorities;
  station.discipline = discipline_of(planned.order);
  if (planned.order == QueueOrder::codel) {
    station.delay_control = service::QueueTimeout{};
  }
  station.expired = planned.drops_expired ? service::Expired::drop : service::Expired::serve;
  station.work = planned.service_time;
  station.warm_up = planned.warm_up;
  station.pauses = planned.pauses;
  options.errors = planned.errors;
  options.workers = planned.worker;
  for (const PlannedCall& call : planned.calls) {
    options.downstream.push_back({call.to, call.timeout, call.need});
  }
  options.fan_out = planned.fan_out;
  options.deadlines = planned.deadlines;
  options.admission = planned.admission;
  options.pushback = planned.pushback;
}

}  // namespace windtunnel::chaos
