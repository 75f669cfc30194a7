#include "models/config/config_publisher.hpp"

#include <utility>

#include "models/config/facts.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::config {

ConfigPublisher::ConfigPublisher(Host& host, kv::Node& node, ConfigPublisherOptions options)
    : host_(host),
      node_(node),
      options_(options),
      distributor_(options.push),
      timer_(host, [this] { run(); }),
      sweeper_(host, [this] { forget_silent(); }) {
  node.observe([this](const kv::Event& event) { observe(event); });
  Messenger& messages = host.messages();
  handlers_.push_back(messages.serve<SubscribeRequest>(
      [this](HostId from, const SubscribeRequest& request, const ReplyTo& reply) {
        subscribe(from, request, reply);
      }));
  handlers_.push_back(messages.on<Unsubscribe>([this](HostId from, const Unsubscribe& message) {
    const auto member = members_.find(from);
    if (member != members_.end() && member->second.process == message.process) {
      leave(member);
      run();
    }
  }));
  handlers_.push_back(messages.on<PushAnswer>(
      [this](HostId from, const PushAnswer& answer) { hear(from, answer); }));
}

// Runs while the node applies its log: only notes what is to be done.
void ConfigPublisher::observe(const kv::Event& event) {
  if (!event.key().starts_with(kConfigPrefix)) {
    return;
  }
  gathered_.push_back(event);
  distributor_.change(host_.now(), event.revision);
  if (const auto deadline = distributor_.next_deadline()) {
    timer_.expires_at(*deadline);
  }
}

void ConfigPublisher::subscribe(HostId from, const SubscribeRequest& request,
                                const ReplyTo& reply) {
  if (!node_.leader()) {
    host_.messages().reply(reply,
                           SubscribeResponse{SubscribeStatus::no_leader, distributor_.revision()});
    return;
  }
  auto member = members_.find(from);
  const bool is_known = member != members_.end() && member->second.process == request.process;
  if (!is_known) {
    if (member != members_.end()) {
      leave(member);
    }
    if (members_.empty()) {
      sweeper_.expires_after(options_.subscription_lasts);
    }
    const SubscriberId id = distributor_.subscribe(host_.now(), request.held);
    if (host_of_.size() <= id.value()) {
      host_of_.resize(id.value() + 1);
    }
    host_of_[id.value()] = from;
    member = members_.emplace(from, Member{id, request.process, {}}).first;
  }
  member->second.renewed_at = host_.now();
  host_.messages().reply(reply, SubscribeResponse{SubscribeStatus::ok, distributor_.revision()});
  run();
}

void ConfigPublisher::hear(HostId from, const PushAnswer& answer) {
  const auto member = members_.find(from);
  if (member == members_.end()) {
    return;
  }
  const Instant now = host_.now();
  const SubscriberId id = member->second.id;
  if (answer.refusal) {
    if (const auto refused = distributor_.reject(now, id, answer.nonce)) {
      host_.journal().record(ConfigRefused{from, *refused, *answer.refusal});
    }
  } else if (const auto pushed = distributor_.acknowledge(now, id, answer.nonce)) {
    const auto& [debounce, queue, push] = pushed->times;
    host_.journal().record(ConfigPushed{from, pushed->revision, debounce, queue, push});
  }
  run();
}

void ConfigPublisher::leave(Members::iterator member) {
  distributor_.unsubscribe(member->second.id);
  members_.erase(member);
}

void ConfigPublisher::forget_silent() {
  for (auto member = members_.begin(); member != members_.end();) {
    const auto current = member++;
    if (host_.now() - current->second.renewed_at >= options_.subscription_lasts) {
      leave(current);
    }
  }
  if (!members_.empty()) {
    sweeper_.expires_after(options_.subscription_lasts / 3);
  }
  run();
}

void ConfigPublisher::run() {
  const Instant now = host_.now();
  if (const auto revision = distributor_.advance(now)) {
    settle(*revision);
  }
  for (const SubscriberId forgotten : distributor_.take_forgotten()) {
    members_.erase(host_of_[forgotten.value()]);
  }
  while (const auto push = distributor_.next(now)) {
    send(*push);
  }
  if (const auto deadline = distributor_.next_deadline()) {
    timer_.expires_at(*deadline);
  } else {
    timer_.cancel();
  }
}

void ConfigPublisher::settle(std::uint64_t revision) {
  for (const kv::Event& event : gathered_) {
    const std::string_view name = event.key().substr(kConfigPrefix.size());
    if (event.kind == kv::EventKind::put) {
      documents_.write({std::string{name}, event.now.shared_value(), event.revision});
    } else {
      documents_.remove(name, event.revision);
    }
  }
  gathered_.clear();
  messages_.clear();
  documents_.advance_to(revision);
  host_.journal().record(ConfigSettled{revision, members_.size()});
}

void ConfigPublisher::send(const Push& push) {
  PushMessage message = message_from(push.held);
  message.nonce = push.nonce;
  bytes_pushed_ += message.update.size();
  if (on_push_) {
    on_push_({host_of_[push.subscriber.value()], message.to, message.update.size()});
  }
  host_.messages().send(host_of_[push.subscriber.value()], std::move(message));
}

const PushMessage& ConfigPublisher::message_from(std::uint64_t held) {
  const std::uint64_t from = options_.mode == PushMode::delta ? held : 0;
  const auto known = messages_.find(from);
  if (known != messages_.end()) {
    return known->second;
  }
  auto update = documents_.delta(from);
  if (!update) {
    update = documents_.snapshot();
  }
  return messages_
      .emplace(from, PushMessage{0, update->from, update->to, SharedBytes{encoded(*update)}})
      .first->second;
}

}  // namespace windtunnel::config
