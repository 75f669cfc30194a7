#include "models/config/config_publisher.hpp"

#include <algorithm>
#include <utility>

#include "models/config/facts.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::config {

ConfigPublisher::ConfigPublisher(Host& host, kv::Node& node, ConfigPublisherOptions options)
    : host_(host),
      node_(node),
      options_(std::move(options)),
      distributor_(options_.push),
      timer_(host, [this] { run(); }),
      sweeper_(host, [this] { forget_silent(); }) {
  node.observe([this](const kv::Event& event) { observe(event); });
  serve_subscribers();
}

void ConfigPublisher::serve_subscribers() {
  Messenger& messages = host_.messages();
  handlers_.push_back(messages.serve<SubscribeRequest>(
      [this](HostId from, const SubscribeRequest& request, const ReplyTo& reply) {
        subscribe(from, {request.process, request.held, {}}, reply);
      }));
  handlers_.push_back(messages.serve<SubscribeToRequest>(
      [this](HostId from, SubscribeToRequest& request, const ReplyTo& reply) {
        subscribe(from, {request.process, request.held, Interest::in(std::move(request.wanted))},
                  reply);
      }));
  handlers_.push_back(messages.on<Unsubscribe>([this](HostId from, const Unsubscribe& message) {
    const Member* const member = members_.find(from);
    if (member != nullptr && member->process == message.process) {
      leave(from, *member);
      run();
    }
  }));
  handlers_.push_back(messages.on<PushAnswer>(
      [this](HostId from, const PushAnswer& answer) { hear(from, answer); }));
}

// Runs while the node applies its log: only notes what is to be done.
void ConfigPublisher::observe(const kv::Event& event) {
  const Feed* const feed = feed_of(event.key());
  if (feed == nullptr) {
    return;
  }
  if (feed->store_prefix != kConfigPrefix) {
    std::string name{feed->document_prefix};
    name += event.key().substr(feed->store_prefix.size());
    host_.journal().record(
        ConfigFed{std::move(name), event.revision, event.kind == kv::EventKind::deletion});
  }
  gathered_.push_back(event);
  distributor_.change(host_.now(), event.revision);
  if (const auto deadline = distributor_.next_deadline()) {
    timer_.expires_at(*deadline);
  }
}

const Feed* ConfigPublisher::feed_of(std::string_view key) const {
  const auto feed =
      std::find_if(options_.feeds.begin(), options_.feeds.end(),
                   [&](const Feed& candidate) { return key.starts_with(candidate.store_prefix); });
  return feed == options_.feeds.end() ? nullptr : &*feed;
}

void ConfigPublisher::subscribe(HostId from, const Wish& wish, const ReplyTo& reply) {
  if (!node_.leader()) {
    host_.messages().reply(reply,
                           SubscribeResponse{SubscribeStatus::no_leader, distributor_.revision()});
    return;
  }
  Member* member = members_.find(from);
  const bool is_known = member != nullptr && member->process == wish.process;
  if (!is_known) {
    if (member != nullptr) {
      leave(from, *member);
    }
    if (members_.empty()) {
      sweeper_.expires_after(options_.subscription_lasts);
    }
    const SubscriberId id = distributor_.subscribe(host_.now(), wish.held);
    if (host_of_.size() <= id.value()) {
      host_of_.resize(id.value() + 1);
    }
    host_of_[id.value()] = from;
    const auto [interest, is_new] =
        interests_.try_emplace(wish.interest, static_cast<std::uint32_t>(interests_.size()));
    if (is_new) {
      interest_of_.push_back(&interest->first);
    }
    member = &members_.add(from, {id, wish.process, {}, interest->second});
  }
  member->renewed_at = host_.now();
  host_.messages().reply(reply, SubscribeResponse{SubscribeStatus::ok, distributor_.revision()});
  run();
}

void ConfigPublisher::hear(HostId from, const PushAnswer& answer) {
  const Member* const member = members_.find(from);
  if (member == nullptr) {
    return;
  }
  const Instant now = host_.now();
  const SubscriberId id = member->id;
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

void ConfigPublisher::leave(HostId host, const Member& member) {
  distributor_.unsubscribe(member.id);
  members_.remove(host);
}

void ConfigPublisher::forget_silent() {
  const std::vector<HostId> silent = members_.select([this](const Member& member) {
    return host_.now() - member.renewed_at >= options_.subscription_lasts;
  });
  for (const HostId host : silent) {
    leave(host, *members_.find(host));
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
    members_.remove(host_of_[forgotten.value()]);
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
    settle(event);
  }
  gathered_.clear();
  prepared_.clear();
  documents_.advance_to(revision);
  host_.journal().record(ConfigSettled{revision, members_.size()});
}

void ConfigPublisher::settle(const kv::Event& event) {
  const Feed& feed = *feed_of(event.key());
  std::string name{feed.document_prefix};
  name += event.key().substr(feed.store_prefix.size());
  if (event.kind == kv::EventKind::deletion) {
    documents_.remove(name, event.revision);
    return;
  }
  SharedBytes content = event.now.shared_value();
  const Document* const before = documents_.find(name);
  // An instance that comes back as it was, under a new lease, is no news to anybody.
  if (feed.store_prefix == kConfigPrefix || before == nullptr || before->content != content) {
    documents_.write({std::move(name), std::move(content), event.revision});
  }
}

void ConfigPublisher::send(const Push& push) {
  const HostId to = host_of_[push.subscriber.value()];
  const Prepared& what = prepared(members_.find(to)->interest, push.held);
  if (!what.brings_something) {
    distributor_.pass_over(push);
    return;
  }
  PushMessage message = what.message;
  message.nonce = push.nonce;
  bytes_pushed_ += message.update.size();
  if (on_push_) {
    on_push_({to, message.to, message.update.size()});
  }
  host_.messages().send(to, std::move(message));
}

const ConfigPublisher::Prepared& ConfigPublisher::prepared(std::uint32_t interest,
                                                           std::uint64_t held) {
  const auto known = prepared_.find({interest, held});
  if (known != prepared_.end()) {
    return known->second;
  }
  const Interest& wanted = *interest_of_[interest];
  const std::optional<Update> change = documents_.delta(held, wanted);
  const Update update =
      change && options_.mode == PushMode::delta ? *change : documents_.snapshot(wanted);
  bool brings_something = true;  // Whoever wants everything hears of every version.
  if (!wanted.is_everything() && change) {
    brings_something = !change->written.empty() || !change->removed.empty();
  } else if (!wanted.is_everything()) {
    // It may hold what is gone by now, and learns so from its absence.
    brings_something = held != 0 || !update.written.empty();
  }
  Prepared fresh{{0, update.from, update.to, SharedBytes{encoded(update)}}, brings_something};
  return prepared_.emplace(std::pair{interest, held}, std::move(fresh)).first->second;
}

}  // namespace windtunnel::config
