#include "models/kv/watch_server.hpp"

#include <utility>

namespace windtunnel::kv {

namespace {

WatchEvent wire_event_of(const Event& event) {
  return {event.kind, std::string{event.key()}, event.now.shared_value(), event.revision,
          event.now.created};
}

}  // namespace

WatchServer::WatchServer(Host& host, const Store& store, WatchServerOptions options)
    : host_(host),
      store_(store),
      options_(options),
      hub_(store.history(), options.backlog_max),
      ticker_(host, [this] { tick(); }) {
  Messenger& messages = host.messages();
  subscriptions_.push_back(messages.serve<WatchCreateRequest>(
      [this](HostId from, WatchCreateRequest& request, const ReplyTo& reply) {
        create(from, request, reply);
      }));
  subscriptions_.push_back(messages.on<WatchAcknowledge>(
      [this](HostId from, const WatchAcknowledge& message) { acknowledge(from, message); }));
  subscriptions_.push_back(
      messages.on<WatchCancel>([this](HostId from, const WatchCancel& message) {
        if (const auto found = streams_.find({from, message.watch}); found != streams_.end()) {
          end(found);
        }
      }));
}

void WatchServer::create(HostId client, WatchCreateRequest& request, const ReplyTo& reply) {
  const std::uint64_t compacted = store_.history().compacted();
  const bool is_possible = request.after >= compacted;
  host_.messages().reply(reply, WatchCreateResponse{is_possible ? Status::ok : Status::compacted,
                                                    store_.revision(), compacted});
  if (!is_possible) {
    return;
  }
  const Name name{client, request.watch};
  if (const auto old = streams_.find(name); old != streams_.end()) {
    end(old);
  }
  if (streams_.empty()) {
    ticker_.expires_after(options_.progress);
  }
  const WatchId watch = hub_.create(std::move(request.range), request.after);
  const auto stream =
      streams_.emplace(name, Stream{watch, 0, request.after, host_.now(), host_.now()}).first;
  if (by_watch_.size() <= watch.value()) {
    by_watch_.resize(watch.value() + 1);
  }
  by_watch_[watch.value()] = stream;
  applied();
}

void WatchServer::acknowledge(HostId client, const WatchAcknowledge& acknowledgement) {
  const auto stream = streams_.find({client, acknowledgement.watch});
  if (stream == streams_.end() || stream->second.unacknowledged == 0) {
    return;
  }
  stream->second.heard_at = host_.now();
  --stream->second.unacknowledged;
  pump(stream);
}

void WatchServer::end(Streams::iterator stream) {
  hub_.cancel(stream->second.watch);
  streams_.erase(stream);
}

void WatchServer::applied() {
  hub_.observe();
  ready_.clear();
  hub_.take_ready(ready_);
  for (const WatchId watch : ready_) {
    pump(by_watch_[watch.value()]);
  }
}

void WatchServer::pump(Streams::iterator stream) {
  while (stream->second.unacknowledged < options_.unacknowledged_max) {
    events_.clear();
    const WatchProgress progress =
        hub_.take(stream->second.watch, store_.revision(), options_.batch_events_max, events_);
    if (progress.ended) {
      const auto& [client, watch] = stream->first;
      host_.messages().send(client,
                            WatchEnded{watch, *progress.ended, store_.history().compacted()});
      end(stream);
      return;
    }
    if (events_.empty()) {
      return;
    }
    send(stream, progress.through);
  }
}

void WatchServer::send(Streams::iterator stream, std::uint64_t through) {
  const auto& [client, watch] = stream->first;
  WatchBatch batch{watch, std::exchange(stream->second.sent_through, through), through, {}};
  batch.events.reserve(events_.size());
  for (const Event* event : events_) {
    batch.events.push_back(wire_event_of(*event));
  }
  ++stream->second.unacknowledged;
  stream->second.sent_at = host_.now();
  host_.messages().send(client, std::move(batch));
}

void WatchServer::tick() {
  const Instant now = host_.now();
  for (auto stream = streams_.begin(); stream != streams_.end();) {
    const auto current = stream++;
    if (now - current->second.heard_at >= options_.abandon_after) {
      end(current);
      continue;
    }
    const bool is_idle = now - current->second.sent_at >= options_.progress;
    if (is_leader_known_ && is_idle && current->second.unacknowledged == 0) {
      events_.clear();
      const WatchProgress progress =
          hub_.take(current->second.watch, store_.revision(), options_.batch_events_max, events_);
      check(!progress.ended, "a watch without a backlog has seen everything");
      send(current, progress.through);
    }
  }
  if (!streams_.empty()) {
    ticker_.expires_after(options_.progress);
  }
}

}  // namespace windtunnel::kv
