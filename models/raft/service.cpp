#include "models/raft/service.hpp"

#include <utility>
#include <variant>

namespace windtunnel::raft {

Service::Service(Host& host, ServiceOptions options, ServiceEvents events)
    : host_(host),
      options_(std::move(options)),
      events_(std::move(events)),
      log_(host, "raft.wal",
           {.on_durable = [this](StorageAppend& append) { on_durable(append); },
            .on_synced = [this] { events_.on_log_synced(); },
            .on_failure =
                [this](error_code error) {
                  host_.journal().record(StorageFailed{error.message()});
                  core_.reset();
                }}),
      ticker_(host) {
  for (const HostId voter : options_.voters) {
    if (voter != host.id()) {
      silences_.push_back({voter, false, 0});
    }
  }
  subscription_ = host.messages().on<Message>(
      [this](HostId from, Message& message) { receive(from, message); });
  spawn(host, run());
}

Options Service::core_options() {
  return Options{.id = host_.id(),
                 .voters = options_.voters,
                 .timeouts = host_.random("raft.election_timeout"),
                 .election_ticks = options_.election_ticks,
                 .heartbeat_ticks = options_.heartbeat_ticks,
                 .pre_vote = options_.pre_vote,
                 .check_quorum = options_.check_quorum,
                 .max_entries_bytes_per_append = options_.max_bytes_per_append,
                 .max_entries_per_append = options_.max_entries_per_append,
                 .uncommitted_bytes_max = options_.uncommitted_bytes_max,
                 .commit_notice = options_.commit_notice};
}

asio::awaitable<void> Service::run() {
  PersistentState state = co_await log_.load();
  core_.emplace(core_options(), std::move(state));
  process();
  // Nodes tick in different phases, drawn at each start: the phase of a failure against them is
  // part of the experiment.
  Instant next = host_.now() + host_.random("raft.tick_phase").uniform(Duration{1}, options_.tick);
  for (;;) {
    ticker_.expires_at(next);
    co_await ticker_.async_wait(asio::deferred);
    next += options_.tick;
    tick();
  }
}

void Service::tick() {
  if (core_) {
    core_->tick();
    watch_silence();
    process();
  }
}

void Service::watch_silence() {
  for (PeerSilence& silence : silences_) {
    if (silence.awaits_answer && ++silence.ticks >= options_.election_ticks) {
      // The kernel would go on retransmitting with ever longer pauses; a fresh connection notices a
      // heal sooner.
      host_.abandon_connection(silence.peer);
      core_->report_unreachable(silence.peer);
      silence = {silence.peer, false, 0};
    }
  }
}

void Service::receive(HostId from, Message& message) {
  if (!core_ || is_storage_response(message.type) || message.from != from ||
      message.to != host_.id()) {
    return;
  }
  for (PeerSilence& silence : silences_) {
    if (silence.peer == from) {
      silence = {from, false, 0};
    }
  }
  core_->step(std::move(message));
  process();
}

Proposal Service::propose(std::span<SharedBytes> batch) {
  if (!core_) {
    return {};
  }
  Proposal proposal = core_->propose(batch);
  process();
  return proposal;
}

ReadOutcome Service::read_index(std::uint64_t context) {
  if (!core_) {
    return ReadOutcome::no_leader;
  }
  const ReadOutcome outcome = core_->read_index(context);
  process();
  return outcome;
}

bool Service::is_leader() const {
  return core_ && core_->state().role == Role::leader;
}

std::optional<HostId> Service::leader() const {
  return core_ ? core_->state().leader : std::nullopt;
}

Term Service::term() const {
  return core_ ? core_->state().term : Term{};
}

void Service::send(Message&& message) {
  const HostId to = message.to;
  for (PeerSilence& silence : silences_) {
    if (silence.peer == to) {
      silence.awaits_answer = true;
    }
  }
  host_.messages().send(to, std::move(message));
}

void Service::record(const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    std::visit([this](const auto& f) { host_.journal().record(f); }, fact);
  }
}

void Service::on_durable(StorageAppend& append) {
  record(append.facts);
  for (Message& response : append.responses) {
    if (response.to != host_.id()) {
      send(std::move(response));
    } else if (core_) {
      core_->step(std::move(response));
    }
  }
  if (core_) {
    core_->recycle(std::move(append));
  }
  process();
}

void Service::process() {
  // The application may propose from within on_apply; what that makes ready is taken by the loop
  // that is running.
  if (std::exchange(is_processing_, true)) {
    return;
  }
  while (core_ && core_->has_ready()) {
    core_->ready(ready_);
    record(ready_.facts);
    if (ready_.soft_state) {
      events_.on_role_change(*ready_.soft_state);
    }
    for (Message& message : ready_.messages) {
      send(std::move(message));
    }
    if (ready_.append) {
      log_.write(*std::move(ready_.append));
    }
    if (ready_.apply) {
      for (const Entry& entry : ready_.apply->entries) {
        events_.on_apply(entry);
      }
      core_->step(std::move(ready_.apply->response));
    }
    for (const ReadState& read : ready_.read_states) {
      events_.on_read_ready(read);
    }
  }
  is_processing_ = false;
}

}  // namespace windtunnel::raft
