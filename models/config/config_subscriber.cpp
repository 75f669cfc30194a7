#include "models/config/config_subscriber.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "models/config/steps.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::config {

ConfigSubscriber::ConfigSubscriber(Host& host, ConfigSubscriberOptions options, Hooks hooks)
    : host_(host),
      options_(std::move(options)),
      hooks_(std::move(hooks)),
      random_(host.random("config.subscriber")),
      process_(random_.next()),
      node_(),
      renewal_(host, [this] { subscribe(); }) {
  check(!options_.nodes.empty(), "a subscriber knows at least one node");
  node_ = options_.nodes[static_cast<std::size_t>(random_.below(options_.nodes.size()))];
  handler_ = host.messages().on<PushMessage>([this](HostId from, PushMessage& message) {
    spawn(host_, receive(from, std::move(message)));
  });
  subscribe();
}

void ConfigSubscriber::subscribe() {
  Payload request =
      options_.interest.is_everything()
          ? Payload{SubscribeRequest{process_, revision_}}
          : Payload{SubscribeToRequest{process_, revision_, options_.interest.names()}};
  host_.messages().call<SubscribeResponse>(
      node_, std::move(request), options_.timeout,
      [this](const error_code& error, const SubscribeResponse& response) {
        hear(!error && response.status == SubscribeStatus::ok);
      });
}

void ConfigSubscriber::hear(bool is_subscribed) {
  if (is_subscribed) {
    renewal_.expires_after(options_.renew_every);
    return;
  }
  host_.messages().send(node_, Unsubscribe{process_});
  move_on();
  renewal_.expires_after(random_.uniform(Duration::zero(), options_.pause_max));
}

void ConfigSubscriber::move_on() {
  const auto at = std::find(options_.nodes.begin(), options_.nodes.end(), node_);
  node_ = at + 1 == options_.nodes.end() ? options_.nodes.front() : *(at + 1);
}

asio::awaitable<void> ConfigSubscriber::receive(HostId from, PushMessage message) {
  if (is_applying_) {
    co_return;  // Sent again, or by another node meanwhile: whoever sent it will send it again.
  }
  is_applying_ = true;
  auto refusal = co_await take(message);
  is_applying_ = false;
  PushAnswer answer{message.nonce, std::move(refusal)};
  host_.messages().send(from, std::move(answer));
}

asio::awaitable<std::optional<std::string>> ConfigSubscriber::take(const PushMessage& message) {
  if (message.to <= revision_) {
    co_return std::nullopt;  // It holds that, or better, already.
  }
  if (message.from > revision_) {
    co_return "the delta begins after what is held";
  }
  auto update = decoded<Update>(message.update.view());
  if (!update) {
    co_return "the update does not decode";
  }
  if (auto refusal = hooks_.check(*update)) {
    co_return refusal;
  }
  const Update change = change_by(*std::move(update));
  for (const Update& step : steps_of(change, options_.referred_to)) {
    co_await hooks_.prepare(step);
    hold(step);
    hooks_.apply(step);
  }
  host_.journal().record(ConfigApplied{message.to, std::exchange(revision_, message.to)});
  co_return std::nullopt;
}

Update ConfigSubscriber::change_by(Update update) const {
  if (update.from != 0) {
    return update;
  }
  // What a snapshot does not name does not exist any more.
  std::set<std::string_view> named;
  for (const Document& document : update.written) {
    named.insert(document.name);
  }
  for (const auto& [name, document] : documents_) {
    if (!named.contains(name)) {
      update.removed.push_back(name);
    }
  }
  return update;
}

void ConfigSubscriber::hold(const Update& step) {
  for (const std::string& name : step.removed) {
    documents_.erase(name);
  }
  for (const Document& document : step.written) {
    documents_.insert_or_assign(document.name, document);
  }
}

}  // namespace windtunnel::config
