#include "sim/simulated_host.hpp"

#include <algorithm>

#include "sim/cache_line.hpp"
#include "sim/stream_table.hpp"
#include "sim/world.hpp"

namespace windtunnel::sim {

/// A function handed to the executor, until it runs.
struct SimulatedHost::Posted {
  SimulatedHost* host = nullptr;
  Waiter<void()> waiter;
  EventId event;
  bool is_scheduled = false;
};

/// A message that waits for a core.
struct SimulatedHost::Arrival {
  SimulatedHost* host = nullptr;
  HostId from;
  Envelope envelope;
  std::uint32_t incarnation = 0;
};

namespace {

class HostJournal final : public Journal {
 public:
  HostJournal(World& world, HostId host) : world_(world), host_(host) {}
  void append(const TypeDescription& type, const void* fact) override {
    world_.record(host_, type, fact);
  }

 private:
  World& world_;
  HostId host_;
};

}  // namespace

asio::execution_context& HostExecutor::query(asio::execution::context_t) const noexcept {
  return host_->world().execution_context();
}

void HostExecutor::post(Completion<void()> function) const {
  host_->post(std::move(function));
}

SimulatedHost::SimulatedHost(World& world, HostId id, std::string name, HostOptions options)
    : Host(HostExecutor{*this}),
      world_(world),
      id_(id),
      message_cost_(options.message_cost),
      clock_(options.clock, world.wall_epoch()),
      name_(std::move(name)),
      disk_(*this, options.disk),
      journal_(std::make_unique<HostJournal>(world, id)),
      streams_(std::make_unique<StreamTable>(*this)),
      core_busy_until_(std::max<std::uint32_t>(options.cores, 1)) {}

SimulatedHost::~SimulatedHost() {
  stop_process();
}

Instant SimulatedHost::now() const {
  return clock_.at(world_.now());
}
WallInstant SimulatedHost::wall_now() const {
  return clock_.wall_at(world_.now());
}
Journal& SimulatedHost::journal() {
  return *journal_;
}

RandomStream SimulatedHost::random(std::string_view purpose) {
  std::string key{name_};
  key += '/';
  key += purpose;
  // A restarted process must not repeat the draws of its last life.
  key += '#';
  key += std::to_string(incarnation_);
  return world_.random(key);
}

Acceptor SimulatedHost::listen(Port port) {
  return Acceptor{executor(), streams_->listen(port)};
}

void SimulatedHost::connect(HostId to, Port port, Completion<void(error_code, ByteStream)> done) {
  streams_->connect(to, port, std::move(done));
}

Alarm& SimulatedHost::alarm_of(AlarmId alarm) {
  return *reinterpret_cast<Alarm*>(static_cast<std::uintptr_t>(alarm));
}

AlarmId SimulatedHost::create_alarm(void (*handler)(void*), void* context) {
  if (free_alarms_.empty()) {
    alarms_.push_back(&world_.alarm_pool().add());
    free_alarms_.push_back(alarms_.back());
  }
  Alarm& alarm = *free_alarms_.back();
  free_alarms_.pop_back();
  alarm.host = this;
  alarm.handler = handler;
  alarm.context = context;
  alarm.timeout =
      world_.scheduler().create_timeout(&SimulatedHost::alarm_fired, &alarm, id_.value());
  return reinterpret_cast<std::uintptr_t>(&alarm);
}

void SimulatedHost::set_alarm(AlarmId alarm, Instant deadline) {
  Alarm& state = alarm_of(alarm);
  state.deadline = deadline;
  state.is_deferred = false;
  world_.scheduler().arm(state.timeout, std::max(world_.now(), clock_.when(deadline)));
}

void SimulatedHost::clear_alarm(AlarmId alarm) {
  Alarm& state = alarm_of(alarm);
  state.is_deferred = false;
  world_.scheduler().disarm(state.timeout);
}

void SimulatedHost::destroy_alarm(AlarmId alarm) {
  Alarm& state = alarm_of(alarm);
  world_.scheduler().destroy(state.timeout);
  state.handler = nullptr;
  state.is_deferred = false;
  free_alarms_.push_back(&state);
}

void SimulatedHost::alarm_fired(void* context) {
  auto& alarm = *static_cast<Alarm*>(context);
  alarm.host->fire(alarm);
}

void SimulatedHost::fire(Alarm& alarm) {
  if (must_defer_) {
    alarm.is_deferred = true;
    defer(Completion<void()>{[this, &alarm] {
      // What ran before it at resumption may have destroyed, cleared or moved it.
      if (std::exchange(alarm.is_deferred, false)) {
        run_alarm(alarm);
      }
    }});
    return;
  }
  run_alarm(alarm);
}

void SimulatedHost::run_alarm(Alarm& alarm) {
  world_.trace(id_, EventKind::alarm_fired, 0, 0, 0);
  alarm.handler(alarm.context);
}

void SimulatedHost::transmit(HostId to, Envelope&& envelope) {
  if (is_running_) {
    world_.network().transmit(id_, to, std::move(envelope));
  }
}

void SimulatedHost::abandon_connection(HostId peer) {
  world_.network().abandon_connection(id_, peer);
}

void SimulatedHost::note_working_set(const WorkingSet& working_set) {
  std::array<const void*, 2> alarm_lines{};
  if (working_set.alarm != 0) {
    const Alarm& alarm = alarm_of(working_set.alarm);
    alarm_lines = {&alarm, world_.scheduler().memory_of(alarm.timeout)};
  }
  const std::size_t lines = (working_set.bytes + kCacheLineBytes - 1) / kCacheLineBytes;
  world_.network().note_working_lines(id_, working_set.begin, lines, alarm_lines);
}

void SimulatedHost::expect_transmission(HostId to) {
  world_.network().expect_transmission(id_, to);
}

void SimulatedHost::prefetch_alarm(const void* context) {
  const auto& alarm = *static_cast<const Alarm*>(context);
  alarm.host->prefetch();
  __builtin_prefetch(alarm.context);
}

void SimulatedHost::post(Completion<void()> function) {
  if (!is_running_) {
    return;  // Destroying the function destroys the coroutine that it would have resumed.
  }
  if (free_posted_.empty()) {
    free_posted_.push_back(&posted_.emplace_back());
    free_posted_.back()->host = this;
  }
  Posted& posted = *free_posted_.back();
  free_posted_.pop_back();
  posted.waiter.wait(pending(), std::move(function));
  posted.is_scheduled = true;
  posted.event = world_.scheduler().schedule(
      world_.now(), [&posted] { posted.host->run_posted(posted); }, id_.value());
}

void SimulatedHost::run_posted(Posted& posted) {
  auto function = posted.waiter.release();
  posted.is_scheduled = false;
  free_posted_.push_back(&posted);
  if (must_defer_) {
    defer(std::move(function));
    return;
  }
  world_.trace(id_, EventKind::function_run, 0, 0, 0);
  function();
}

void SimulatedHost::run_or_defer(Completion<void()> function) {
  if (must_defer_) {
    defer(std::move(function));
  } else {
    function();
  }
}

void SimulatedHost::defer(Completion<void()> function) {
  deferred_.push_back(std::move(function));
}

void SimulatedHost::schedule_deferred() {
  deferred_event_ = world_.scheduler().schedule(
      world_.now(), [this] { run_deferred(); }, id_.value());
}

void SimulatedHost::run_deferred() {
  if (is_paused_ || deferred_.empty()) {
    return;
  }
  world_.trace(id_, EventKind::function_run, 0, 0, 0);
  auto function = std::move(deferred_.front());
  deferred_.pop_front();
  // Before it runs: what it throws must not strand the others.
  if (deferred_.empty()) {
    must_defer_ = false;
  } else {
    schedule_deferred();
  }
  function();
}

void SimulatedHost::receive(HostId from, Envelope&& envelope) {
  if (message_cost_ == Duration::zero()) [[likely]] {
    dispatch(from, std::move(envelope));
    return;
  }
  // The core that is free first takes it.
  TrueInstant& busy_until = *std::min_element(core_busy_until_.begin(), core_busy_until_.end());
  busy_until = std::max(busy_until, world_.now()) + message_cost_;
  if (free_arrivals_.empty()) {
    free_arrivals_.push_back(&arrivals_.emplace_back());
    free_arrivals_.back()->host = this;
  }
  Arrival& arrival = *free_arrivals_.back();
  free_arrivals_.pop_back();
  arrival.from = from;
  arrival.envelope = std::move(envelope);
  arrival.incarnation = incarnation_;
  world_.scheduler().schedule(
      busy_until,
      [&arrival] {
        SimulatedHost& host = *arrival.host;
        Envelope handled = std::move(arrival.envelope);
        host.free_arrivals_.push_back(&arrival);
        if (host.is_running_ && arrival.incarnation == host.incarnation_) {
          host.dispatch(arrival.from, std::move(handled));
        }
      },
      id_.value());
}

void SimulatedHost::dispatch(HostId from, Envelope&& envelope) {
  if (must_defer_) {
    defer(Completion<void()>{
        [this, from, held = std::make_unique<Envelope>(std::move(envelope))]() mutable {
          hand_over(from, std::move(*held));
        }});
    return;
  }
  hand_over(from, std::move(envelope));
}

void SimulatedHost::hand_over(HostId from, Envelope&& envelope) {
  if (envelope.payload.empty() || !envelope.payload.holds<StreamSegment>()) {
    messages().deliver(from, std::move(envelope));
  } else {
    streams_->receive(from, envelope.payload.as<StreamSegment>());
  }
}

void SimulatedHost::lose_connection(HostId peer, ConnectionLoss loss) {
  run_or_defer(Completion<void()>{[this, peer, loss] {
    messages().connection_lost(peer);
    streams_->connection_lost(peer, loss);
  }});
}

void SimulatedHost::start() {
  check(!is_running_, "a process starts where none runs");
  check(static_cast<bool>(boot_), "a host that starts has a program installed");
  has_power_ = true;
  is_running_ = true;
  ++incarnation_;
  std::fill(core_busy_until_.begin(), core_busy_until_.end(), TrueInstant{});
  world_.trace(id_, EventKind::host_started, incarnation_, 0, 0);
  program_ = boot_(*this);
}

void SimulatedHost::stop_process() {
  if (!is_running_) {
    return;
  }
  is_running_ = false;
  is_paused_ = false;
  must_defer_ = false;
  world_.trace(id_, EventKind::host_stopped, incarnation_, 0, 0);
  world_.scheduler().cancel(deferred_event_);
  deferred_.clear();
  pending().abandon_all();
  for (Posted& posted : posted_) {
    if (posted.is_scheduled) {
      world_.scheduler().cancel(posted.event);
      posted.is_scheduled = false;
      free_posted_.push_back(&posted);
    }
  }
  note_working_set({});
  program_.reset();
  messages().forget_everything();
  streams_->forget_everything();
  pending().abandon_all();
}

void SimulatedHost::crash() {
  if (is_running_) {
    stop_process();
    world_.network().reset_connections_of(id_);
  }
}

void SimulatedHost::lose_power() {
  if (!has_power_) {
    return;
  }
  stop_process();
  has_power_ = false;
  disk_.lose_power();
  world_.network().drop_connections_of(id_);
}

void SimulatedHost::pause() {
  if (is_running_ && !is_paused_) {
    is_paused_ = true;
    must_defer_ = true;
    world_.trace(id_, EventKind::host_paused, 0, 0, 0);
  }
}

void SimulatedHost::resume() {
  if (!is_paused_) {
    return;
  }
  is_paused_ = false;
  world_.trace(id_, EventKind::host_resumed, 0, 0, 0);
  if (deferred_.empty()) {
    must_defer_ = false;
  } else {
    schedule_deferred();
  }
}

void SimulatedHost::set_clock_drift(std::int64_t drift_ppb) {
  clock_.set_drift(world_.now(), drift_ppb);
  for (const Alarm* const alarm : alarms_) {
    if (alarm->handler != nullptr && world_.scheduler().is_armed(alarm->timeout)) {
      world_.scheduler().arm(alarm->timeout, std::max(world_.now(), clock_.when(alarm->deadline)));
    }
  }
}

}  // namespace windtunnel::sim
