#include "chaos/run/runner.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "chaos/judge/judgement.hpp"
#include "chaos/run/fact_collector.hpp"
#include "chaos/run/fact_text.hpp"
#include "chaos/run/fault_injector.hpp"
#include "chaos/run/final_reads.hpp"
#include "chaos/run/requests_of_plan.hpp"
#include "chaos/run/run_failure.hpp"
#include "chaos/run/stopwatch.hpp"
#include "chaos/run/world_of_plan.hpp"
#include "runtime/check.hpp"
#include "sim/livelock.hpp"

namespace windtunnel::chaos {

namespace {

double seconds_of(TrueInstant at) {
  return static_cast<double>(nanoseconds_of(at)) / 1e9;
}

/// One run from its first event to its record.
class Run {
 public:
  Run(const Plan& plan, const RunOptions& options)
      : plan_(plan),
        options_(options),
        context_{plan, record_, nullptr, known_services_of(plan), proxy_numbers_of(plan)},
        world_(world_of(context_)),
        collector_(*world_, record_),
        injector_(*world_, plan, record_) {
    const std::vector<std::size_t> rooms = requests_to_reserve(plan);
    for (const PlannedService& service : plan.services) {
      record_.services.push_back({service.name,
                                  patience_with(plan, service.name),
                                  {},
                                  service.on,
                                  callers_of(plan, service.name),
                                  versions_of(service)});
      record_.services.back().requests.reserve(rooms[record_.services.size() - 1]);
    }
    record_.proxies = proxy_count(plan);
    record_.gossip_members = gossip_members_of(plan);
    record_.scenario = plan.name;
    record_.seed = plan.seed;
    record_.length = plan.duration;
    for (const PlannedHost& host : plan.hosts) {
      record_.host_names.push_back(host.name);
    }
    if (plan.replication) {
      record_.replication.emplace().replicas = plan.replication->on;
    }
    injector_.ask(options.decisions);
    if (options.trace != nullptr) {
      world_->digest().keep_trace();
    }
  }

  RunRecord complete() {
    const Stopwatch stopwatch;
    for (std::uint32_t i = 0; i < plan_.hosts.size(); ++i) {
      world_->host(HostId{i}).start();
    }
    const TrueInstant end{plan_.duration};
    if (const auto first = injector_.first_strike()) {
      advance(*first - Duration{1});
      record_.ended_at = world_->now();
      record_.missed_gates = missed_gates(record_, plan_.expectations, measure_options_of(plan_));
      if (record_.missed_gates.empty()) {
        injector_.arm();
      }
    }
    advance(end);
    record_.ended_at = world_->now();
    collector_.close();
    if (record_.breaches.empty()) {
      settle();
    }
    injector_.settle();
    finish(stopwatch);
    return std::move(record_);
  }

  /// What a mistake of our own looked like from outside.
  [[nodiscard]] std::string describe(const std::exception& mistake) {
    std::string text =
        fmt::format("{}\n  seed {}, at {} s of virtual time; the last facts:", mistake.what(),
                    plan_.seed, seconds_of(world_->now()));
    const sim::FactLog& facts = world_->facts();
    constexpr std::size_t kTail = 12;
    for (std::size_t i = facts.size() - std::min(facts.size(), kTail); i < facts.size(); ++i) {
      text += "\n  " + fact_text(facts[i], record_.host_names);
    }
    return text;
  }

 private:
  void advance(TrueInstant end) {
    // Slices of a hundredth, so that progress can be shown; the world does not notice them.
    const Duration slice = std::max<Duration>(plan_.duration / 100, std::chrono::milliseconds{1});
    while (world_->now() < end && record_.breaches.empty()) {
      world_->run_until(std::min(end, world_->now() + slice));
      if (options_.on_progress) {
        options_.on_progress(static_cast<double>(world_->now().time_since_epoch().count()) /
                             static_cast<double>(plan_.duration.count()));
      }
    }
  }

  /// Heals everything, lets the operations under way end, and reads.
  void settle() {
    injector_.heal_everything();
    Duration longest{};
    for (const Load& load : plan_.loads) {
      longest = std::max(longest, load.deadline);
    }
    world_->run_until(world_->now() + longest);
    if (plan_.replication) {
      hold_up_replicas(*world_, plan_, record_);
    }
    record_.final_reads = read_everything(*world_, plan_, record_, collector_.writes());
  }

  void finish(const Stopwatch& stopwatch) {
    end_unfinished(record_.operations);
    for (ServiceRecord& service : record_.services) {
      end_unfinished(service.requests);
    }
    record_.digest = world_->digest().hex();
    record_.events = world_->scheduler().fired();
    record_.messages = world_->network().counters().sent;
    record_.wall_seconds = stopwatch.seconds();
    if (options_.trace != nullptr) {
      *options_.trace = world_->digest().take_trace();
    }
  }

  void end_unfinished(std::vector<OperationRecord>& operations) const {
    for (OperationRecord& operation : operations) {
      if (operation.outcome == OperationOutcome::unfinished) {
        operation.ended_at = record_.ended_at;
      }
    }
  }

  const Plan& plan_;
  const RunOptions& options_;
  RunRecord record_;
  RunContext context_;
  std::unique_ptr<sim::World> world_;
  FactCollector collector_;
  FaultInjector injector_;
};

}  // namespace

RunRecord run_plan(const Plan& plan, const RunOptions& options) {
  Run run{plan, options};
  try {
    return run.complete();
  } catch (const ProgrammingError& mistake) {
    throw RunFailure{run.describe(mistake)};
  } catch (const sim::Livelock& livelock) {
    throw RunFailure{run.describe(livelock)};
  }
}

MeasureOptions measure_options_of(const Plan& plan) {
  MeasureOptions options;
  options.recovery = plan.recovery;
  for (const Load& load : plan.loads) {
    options.client_timeout = std::max(options.client_timeout, load.timeout);
  }
  return options;
}

}  // namespace windtunnel::chaos
