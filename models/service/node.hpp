// One instance of a service: takes requests through its station, makes the calls that the service
// makes downstream, and answers.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "models/service/caller.hpp"
#include "models/service/facts.hpp"
#include "models/service/station.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::service {

/// Whether the answer depends on a downstream call.
enum class Need : std::uint8_t { required, optional };

struct DownstreamCall {
  std::string service;
  Duration timeout = std::chrono::seconds{1};
  Need need = Need::required;
};

/// `sequential` stops at the first required call that fails; `parallel` waits for all.
enum class FanOut : std::uint8_t { sequential, parallel };

/// `propagate`: no call downstream outlives the deadline of the request it is made for.
enum class Deadlines : std::uint8_t { propagate, ignore };

struct ServiceOptions {
  std::string service;
  std::uint32_t version = 1;
  Probability errors{};  ///< Of failing after the work was done: a bad version.
  WorkerHold workers = WorkerHold::until_served;
  std::vector<DownstreamCall> downstream{};
  FanOut fan_out = FanOut::sequential;
  Deadlines deadlines = Deadlines::propagate;
  StationOptions station{};
  std::optional<DagorOptions> admission{};
  std::optional<Duration> pushback{};  ///< What whoever is turned away for overload is told.
};

struct ServiceCounters {
  std::uint64_t received = 0;
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;
  std::uint64_t overloaded = 0;  ///< Not admitted, refused, displaced or shed.
  std::uint64_t expired = 0;
  std::uint64_t wrong_service = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t downstream_calls = 0;
  std::uint64_t downstream_failures = 0;
};

/// A request's business priority is its level in the station's queue (the last level where there
/// are fewer). Part of a Program; the caller must outlive it. Work stands still with a host that is
/// paused: noticed when the next job was due, up to which it counts as done.
class ServiceNode {
 public:
  ServiceNode(Host& host, ServiceOptions options, Caller& caller);
  ServiceNode(const ServiceNode&) = delete;
  ServiceNode& operator=(const ServiceNode&) = delete;

  [[nodiscard]] const ServiceOptions& options() const { return options_; }
  [[nodiscard]] const ServiceCounters& counters() const { return counters_; }
  [[nodiscard]] const Station& station() const { return station_; }

  // What faults do to a machine or a process.
  void stall(Duration span);
  void set_speed(SpeedPermille speed);

 private:
  static constexpr std::uint32_t kNoRequest = std::numeric_limits<std::uint32_t>::max();
  struct OpenRequest {
    HostId from;
    std::uint32_t next_free = 0;
    std::uint64_t call = 0;  ///< Of the messenger, to answer it.
    std::uint64_t id = 0;
    JobId job;
    Instant deadline{};
    DagorLevel priority;
    bool is_open = false;
    std::string key;  ///< Only where it is needed: for calls downstream.
  };
  struct Gathering;

  void serve(HostId from, Request& request, const ReplyTo& reply);
  void cancel(HostId from, std::uint64_t id);
  /// The time, after making up for a standstill of the process.
  [[nodiscard]] Instant wake();
  [[nodiscard]] std::uint32_t open(HostId from, Request& request, const ReplyTo& reply);
  void close(std::uint32_t index);
  [[nodiscard]] Job job_of(std::uint32_t index) const;
  /// Tells what the station ended and waits for what is next.
  void pump();
  void arm();
  void job_ended(const FinishedJob& job);
  void job_served(std::uint32_t index);
  void observe(const FinishedJob& job);

  asio::awaitable<void> call_downstream(std::uint32_t index);
  asio::awaitable<Status> call_in_turn(std::uint32_t index);
  asio::awaitable<Status> call_all(std::uint32_t index);
  asio::awaitable<void> gather(std::uint32_t index, const DownstreamCall& call,
                               Gathering& gathering);
  asio::awaitable<Status> call_one(std::uint32_t index, const DownstreamCall& call);
  [[nodiscard]] Duration time_for(std::uint32_t index, const DownstreamCall& call) const;

  void answer(std::uint32_t index, Status status);
  void reply_to(const ReplyTo& reply, Status status);
  void turned_away(JobOutcome how);
  void note_served();

  // What every request touches lies together: among thousands of instances none of it is in the
  // cache when the next request comes.
  Station station_;
  std::optional<Instant> armed_;
  std::uint64_t turned_away_ = 0;  // Since shedding started; 0 while it has not.
  std::unique_ptr<DagorAdmission> admission_;
  Host& host_;
  std::uint32_t first_free_ = kNoRequest;
  boost::container::small_vector<OpenRequest, 1> requests_;  // One is open at a time, mostly.
  Timeout due_;
  ServiceCounters counters_;
  ServiceOptions options_;
  Caller& caller_;
  Instant last_turned_away_{};
  RandomStream errors_;
  std::vector<Subscription> subscriptions_;
};

}  // namespace windtunnel::service
