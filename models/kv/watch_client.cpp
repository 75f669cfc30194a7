#include "models/kv/watch_client.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

namespace windtunnel::kv {

WatchClient::WatchClient(Host& host, WatchClientOptions options)
    : host_(host),
      options_(std::move(options)),
      random_(host.random("kv.watch_client")),
      next_number_(random_.next()) {
  check(!options_.nodes.empty(), "a watcher knows at least one node");
  Messenger& messages = host.messages();
  subscriptions_.push_back(messages.on<WatchBatch>(
      [this](HostId from, const WatchBatch& batch) { receive(from, batch); }));
  subscriptions_.push_back(messages.on<WatchEnded>(
      [this](HostId from, const WatchEnded& ended) { receive_end(from, ended); }));
}

std::uint64_t WatchClient::start(WatchRange range, std::uint64_t after, WatchHandlers handlers) {
  const std::uint64_t number = next_number_++;
  const HostId node =
      options_.nodes[static_cast<std::size_t>(random_.below(options_.nodes.size()))];
  auto watch = std::make_shared<Watch>(host_, std::move(range), after, std::move(handlers), node);
  watches_.emplace(number, watch);
  spawn(host_, follow(std::move(watch), number));
  return number;
}

void WatchClient::stop(std::uint64_t number) {
  const auto found = watches_.find(number);
  if (found == watches_.end()) {
    return;
  }
  const std::shared_ptr<Watch> watch = found->second;
  watches_.erase(found);
  watch->is_stopped = true;
  if (watch->attempt) {
    host_.messages().send(watch->node, WatchCancel{*watch->attempt});
  }
  watch->silence.cancel();
}

asio::awaitable<void> WatchClient::follow(std::shared_ptr<Watch> watch, std::uint64_t number) {
  while (!watch->is_stopped) {
    co_await follow_node(*watch, number);
    if (watch->is_stopped) {
      break;
    }
    ++resumptions_;
    move_on(*watch);
    co_await sleep_for(host_, random_.uniform(Duration::zero(), options_.pause_max));
  }
}

asio::awaitable<void> WatchClient::follow_node(Watch& watch, std::uint64_t number) {
  const std::uint64_t attempt = next_number_++;
  // Batches may follow the answer so closely that they are handled before this coroutine goes on.
  watch.attempt = attempt;
  watch.heard_at = host_.now();
  const WatchCreateRequest request{attempt, watch.range, watch.through};
  auto [error, response] = co_await host_.messages().async_call<WatchCreateResponse>(
      watch.node, request, options_.create_timeout, asio::as_tuple(asio::deferred));
  if (error) {
    watch.attempt.reset();
    co_return;
  }
  if (response.status == Status::compacted && !watch.is_stopped) {
    end(watch, number, WatchEnd::compacted);
  }
  while (!watch.is_stopped && watch.attempt == attempt) {
    const Instant silent_at = instant_after(watch.heard_at, options_.silence_max);
    if (host_.now() >= silent_at) {
      host_.messages().send(watch.node, WatchCancel{attempt});
      break;
    }
    watch.silence.expires_at(silent_at);
    co_await watch.silence.async_wait(asio::as_tuple(asio::deferred));
  }
  watch.attempt.reset();
}

std::shared_ptr<WatchClient::Watch> WatchClient::find(HostId from, std::uint64_t attempt) const {
  for (const auto& [number, watch] : watches_) {
    if (watch->attempt == attempt && watch->node == from) {
      return watch;
    }
  }
  return nullptr;
}

void WatchClient::receive(HostId from, const WatchBatch& batch) {
  const std::shared_ptr<Watch> watch = find(from, batch.watch);
  if (!watch) {
    host_.messages().send(from, WatchCancel{batch.watch});
    return;
  }
  if (batch.after != watch->through) {
    // A batch in between was lost with its connection.
    host_.messages().send(from, WatchCancel{batch.watch});
    watch->attempt.reset();
    watch->silence.cancel();
    return;
  }
  watch->through = batch.through;
  watch->heard_at = host_.now();
  watch->handlers.on_batch(batch);
  host_.messages().send(from, WatchAcknowledge{batch.watch, batch.through});
}

void WatchClient::receive_end(HostId from, const WatchEnded& ended) {
  for (const auto& [number, watch] : watches_) {
    if (watch->attempt == ended.watch && watch->node == from) {
      const std::shared_ptr<Watch> kept = watch;
      end(*kept, number, ended.reason);
      return;
    }
  }
}

void WatchClient::end(Watch& watch, std::uint64_t number, WatchEnd reason) {
  watch.is_stopped = true;
  watch.silence.cancel();
  const auto on_end = watch.handlers.on_end;
  watches_.erase(number);
  on_end(reason);
}

void WatchClient::move_on(Watch& watch) {
  const auto& nodes = options_.nodes;
  const auto at = std::find(nodes.begin(), nodes.end(), watch.node);
  watch.node = at + 1 == nodes.end() ? nodes.front() : *(at + 1);
}

}  // namespace windtunnel::kv
