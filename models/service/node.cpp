#include "models/service/node.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/deferred.hpp>

namespace windtunnel::service {

namespace {

// Shedding has ended once nothing was turned away for this long.
constexpr Duration kQuiet = std::chrono::seconds{1};
// An alarm is never so late while the process runs.
constexpr Duration kStandstill = std::chrono::milliseconds{5};

}  // namespace

ServiceNode::ServiceNode(Host& host, ServiceOptions options, Caller& caller)
    : station_(options.station,
               {host.random("service.work:" + options.service),
                host.random("service.pauses:" + options.service)},
               host.now()),
      host_(host),
      due_(host,
           [this] {
             station_.on_deadline(wake());
             armed_.reset();
             pump();
           }),
      options_(std::move(options)),
      caller_(caller),
      errors_(host.random("service.errors:" + options_.service)) {
  if (options_.admission) {
    admission_ = std::make_unique<DagorAdmission>(host.now(), *options_.admission);
  }
  Messenger& messages = host.messages();
  subscriptions_.push_back(
      messages.serve<Request>([this](HostId from, Request& request, const ReplyTo& reply) {
        serve(from, request, reply);
      }));
  subscriptions_.push_back(messages.on<Cancel>(
      [this](HostId from, const Cancel& message) { cancel(from, message.id); }));
  const auto* const begin = reinterpret_cast<const std::byte*>(&station_);
  const auto* const end = reinterpret_cast<const std::byte*>(&options_.downstream);
  host.note_working_set({begin, static_cast<std::size_t>(end - begin), due_.alarm()});
  host.journal().record(ServiceStarted{options_.service, options_.version});
}

void ServiceNode::stall(Duration span) {
  station_.stall(wake(), span);
  pump();
}

void ServiceNode::set_speed(SpeedPermille speed) {
  station_.set_speed(wake(), speed);
  pump();
}

void ServiceNode::serve(HostId from, Request& request, const ReplyTo& reply) {
  ++counters_.received;
  if (request.service != options_.service) {
    ++counters_.wrong_service;
    reply_to(reply, Status::wrong_service);
    return;
  }
  if (admission_ && !admission_->admit(host_.now(), request.priority)) {
    turned_away(JobOutcome::refused);
    reply_to(reply, Status::overloaded);
    return;
  }
  const std::uint32_t index = open(from, request, reply);
  const JobId job = station_.arrive(wake(), job_of(index));
  requests_[index].job = job;
  pump();
}

Instant ServiceNode::wake() {
  const Instant now = host_.now();
  if (armed_ && now - *armed_ > kStandstill) {
    station_.stall(*armed_, now - *armed_);
    armed_.reset();
  }
  return now;
}

std::uint32_t ServiceNode::open(HostId from, Request& request, const ReplyTo& reply) {
  if (first_free_ == kNoRequest) {
    first_free_ = static_cast<std::uint32_t>(requests_.size());
    requests_.emplace_back().next_free = kNoRequest;
  }
  const std::uint32_t index = first_free_;
  OpenRequest& opened = requests_[index];
  first_free_ = opened.next_free;
  opened.is_open = true;
  opened.from = from;
  opened.call = reply.call();
  opened.id = request.id;
  if (!options_.downstream.empty()) {
    opened.key = std::move(request.key);
  }
  opened.deadline = instant_after(host_.now(), request.remaining);
  opened.priority = request.priority;
  return index;
}

void ServiceNode::close(std::uint32_t index) {
  requests_[index].is_open = false;
  requests_[index].next_free = std::exchange(first_free_, index);
}

Job ServiceNode::job_of(std::uint32_t index) const {
  const OpenRequest& request = requests_[index];
  Job job;
  job.tag = index;
  job.priority = std::min<std::uint32_t>(request.priority.business, station_.priorities() - 1);
  job.deadline = request.deadline;
  job.hold = options_.workers;
  return job;
}

/// Linear in the requests that are open; cancelling is rarer than serving.
void ServiceNode::cancel(HostId from, std::uint64_t id) {
  const auto found =
      std::find_if(requests_.begin(), requests_.end(), [&](const OpenRequest& request) {
        return request.is_open && request.from == from && request.id == id;
      });
  if (found != requests_.end()) {
    // One that has been served goes on with what it calls downstream.
    (void)station_.cancel(wake(), found->job);
    pump();
  }
}

void ServiceNode::pump() {
  for (FinishedJob job; station_.poll(job);) {
    job_ended(job);
  }
  arm();
}

void ServiceNode::arm() {
  const auto next = station_.next_deadline();
  if (next == armed_) {
    return;
  }
  armed_ = next;
  if (next) {
    due_.expires_at(*next);
  } else {
    due_.cancel();
  }
}

void ServiceNode::job_ended(const FinishedJob& job) {
  observe(job);
  const auto index = static_cast<std::uint32_t>(job.tag);
  switch (job.outcome) {
    case JobOutcome::served:
      job_served(index);
      return;
    case JobOutcome::cancelled:
      ++counters_.cancelled;
      close(index);
      return;
    case JobOutcome::expired:
      answer(index, Status::expired);
      return;
    default:
      turned_away(job.outcome);
      answer(index, Status::overloaded);
      return;
  }
}

void ServiceNode::observe(const FinishedJob& job) {
  if (admission_ && job.outcome != JobOutcome::cancelled) {
    admission_->observe(host_.now(), job.started - job.arrived);
  }
}

void ServiceNode::job_served(std::uint32_t index) {
  note_served();
  if (options_.errors.parts() != 0 && errors_.chance(options_.errors)) {
    answer(index, Status::failed);
  } else if (options_.downstream.empty()) {
    answer(index, Status::ok);
  } else {
    spawn(host_, call_downstream(index));
  }
}

asio::awaitable<void> ServiceNode::call_downstream(std::uint32_t index) {
  const Status status = options_.fan_out == FanOut::sequential ? co_await call_in_turn(index)
                                                               : co_await call_all(index);
  answer(index, status);
  pump();
}

asio::awaitable<Status> ServiceNode::call_in_turn(std::uint32_t index) {
  for (const DownstreamCall& call : options_.downstream) {
    const Status status = co_await call_one(index, call);
    if (status != Status::ok && call.need == Need::required) {
      co_return status;
    }
  }
  co_return Status::ok;
}

/// The calls of one request that are under way together.
struct ServiceNode::Gathering {
  std::size_t left = 0;
  Status status = Status::ok;  ///< Of the first required call that failed.
  Waiter<void(error_code)> waiter;
};

asio::awaitable<Status> ServiceNode::call_all(std::uint32_t index) {
  Gathering gathering;
  gathering.left = options_.downstream.size();
  for (const DownstreamCall& call : options_.downstream) {
    spawn(host_, gather(index, call, gathering));
  }
  if (gathering.left > 0) {
    co_await asio::async_initiate<const asio::deferred_t, void(error_code)>(
        [this, &gathering](auto handler) {
          wait_for(host_.executor(), host_.pending(), gathering.waiter, std::move(handler));
        },
        asio::deferred);
  }
  co_return gathering.status;
}

asio::awaitable<void> ServiceNode::gather(std::uint32_t index, const DownstreamCall& call,
                                          Gathering& gathering) {
  const Status status = co_await call_one(index, call);
  if (status != Status::ok && call.need == Need::required && gathering.status == Status::ok) {
    gathering.status = status;
  }
  if (--gathering.left == 0 && gathering.waiter.is_waiting()) {
    gathering.waiter.complete(error_code{});
  }
}

asio::awaitable<Status> ServiceNode::call_one(std::uint32_t index, const DownstreamCall& call) {
  CallRequest request;
  request.key = requests_[index].key;
  request.timeout = time_for(index, call);
  request.priority = requests_[index].priority;
  if (request.timeout <= Duration::zero()) {
    co_return Status::expired;
  }
  ++counters_.downstream_calls;
  const CallResult result = co_await caller_.call(call.service, std::move(request));
  if (result.outcome == CallOutcome::ok) {
    co_return Status::ok;
  }
  ++counters_.downstream_failures;
  // Upstream must not retry what failed for want of capacity down here.
  const bool is_overload =
      result.outcome == CallOutcome::overloaded || result.outcome == CallOutcome::rejected;
  co_return is_overload ? Status::overloaded : Status::failed;
}

Duration ServiceNode::time_for(std::uint32_t index, const DownstreamCall& call) const {
  const Instant deadline = requests_[index].deadline;
  if (options_.deadlines == Deadlines::ignore || deadline == Instant::max()) {
    return call.timeout;
  }
  return std::min(call.timeout, deadline - host_.now());
}

void ServiceNode::answer(std::uint32_t index, Status status) {
  const OpenRequest& request = requests_[index];
  reply_to(ReplyTo{request.from, request.call}, status);
  if (options_.workers == WorkerHold::until_released) {
    (void)station_.release(wake(), request.job);
  }
  close(index);
}

void ServiceNode::reply_to(const ReplyTo& reply, Status status) {
  Response response;
  response.status = status;
  response.version = options_.version;
  if (admission_) {
    response.admitted = admission_->level();
  }
  if (status == Status::overloaded) {
    response.pushback = options_.pushback;
  }
  counters_.ok += status == Status::ok ? 1 : 0;
  counters_.failed += status == Status::failed ? 1 : 0;
  counters_.overloaded += status == Status::overloaded ? 1 : 0;
  counters_.expired += status == Status::expired ? 1 : 0;
  host_.messages().reply(reply, response);
}

void ServiceNode::turned_away(JobOutcome how) {
  if (turned_away_++ == 0) {
    host_.journal().record(SheddingStarted{options_.service, how});
  }
  last_turned_away_ = host_.now();
}

void ServiceNode::note_served() {
  if (turned_away_ > 0 && host_.now() - last_turned_away_ > kQuiet) {
    host_.journal().record(SheddingEnded{options_.service, turned_away_});
    turned_away_ = 0;
  }
}

}  // namespace windtunnel::service
