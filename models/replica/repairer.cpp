#include "models/replica/repairer.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include "models/replica/facts.hpp"

namespace windtunnel::replica {

namespace {

std::uint64_t items_in(const RepairStep& step) {
  std::uint64_t items = 0;
  for (const RangeContent& content : step.contents) {
    items += content.registers.size() + content.elements.size();
  }
  return items;
}

}  // namespace

Repairer::Repairer(Host& host, ReplicaStore& store, RepairerOptions options)
    : host_(host),
      store_(store),
      options_(std::move(options)),
      random_(host.random("replica.repairs")),
      patience_(host, [this] { give_up(); }) {}

void Repairer::start() {
  hellos_ = host_.messages().serve<RepairHello>(
      [this](HostId from, RepairHello& hello, const ReplyTo& reply) {
        answer(from, hello, reply);
      });
  requests_ = host_.messages().serve<RepairRequest>(
      [this](HostId from, RepairRequest& request, const ReplyTo& reply) {
        answer(from, request, reply);
      });
  if (options_.every && options_.replicas.size() > 1) {
    spawn(host_, run());
  }
}

asio::awaitable<void> Repairer::run() {
  const ReplicaId self = store_.replica().self();
  const auto count = static_cast<std::uint32_t>(options_.replicas.size());
  for (std::uint32_t partner = self.value();;) {
    // Apart from each other: of two that call each other at once, both are busy.
    co_await sleep_for(host_, random_.uniform(*options_.every / 2, *options_.every * 3 / 2));
    partner = (partner + 1) % count;
    partner = ReplicaId{partner} == self ? (partner + 1) % count : partner;
    if (!is_busy()) {
      is_driving_ = true;
      co_await repair_with(ReplicaId{partner});
      is_driving_ = false;
    }
  }
}

asio::awaitable<std::optional<RepairOpened>> Repairer::open(HostId partner) {
  RepairHello hello;
  hello.seen = store_.replica().seen();
  co_await store_.async_durable(asio::deferred);
  auto [error, opened] = co_await host_.messages().async_call<RepairOpened>(
      partner, std::move(hello), options_.timeout, asio::as_tuple(asio::deferred));
  if (error || !opened.session) {
    co_return std::nullopt;
  }
  co_return std::move(opened);
}

asio::awaitable<void> Repairer::repair_with(ReplicaId partner) {
  const HostId host = options_.replicas[partner.value()];
  std::optional<RepairOpened> opened = co_await open(host);
  RepairEnded ended;
  ended.partner = partner;
  if (!opened) {
    host_.journal().record(ended);
    co_return;
  }
  store_.open_repair(opened->step.seen);
  RepairStep received = std::move(opened->step);
  for (;;) {
    ++ended.steps;
    ended.items += items_in(received);
    RepairRequest request;
    request.session = *opened->session;
    request.step = store_.next_step(received);
    ended.is_complete = request.step.is_empty();
    if (ended.is_complete) {
      store_.complete_repair();
    }
    co_await store_.async_durable(asio::deferred);
    auto [error, response] = co_await host_.messages().async_call<RepairResponse>(
        host, std::move(request), options_.timeout, asio::as_tuple(asio::deferred));
    if (ended.is_complete || error || !response.is_open) {
      break;
    }
    received = std::move(response.step);
  }
  store_.abandon_repair();
  host_.journal().record(ended);
}

void Repairer::answer(HostId from, const RepairHello& hello, const ReplyTo& reply) {
  RepairOpened opened;
  if (!is_busy()) {
    // Never one of before a restart: the clock has gone on since.
    session_ = Session{static_cast<std::uint64_t>(nanoseconds_of(host_.now())) + ++sessions_, from};
    patience_.expires_after(2 * options_.timeout);
    store_.open_repair(hello.seen);
    opened.session = session_->id;
    opened.step = first_step(store_.replica());
  }
  store_.when_durable([this, reply, opened] { host_.messages().reply(reply, opened); });
}

void Repairer::answer(HostId from, const RepairRequest& request, const ReplyTo& reply) {
  RepairResponse response;
  if (session_ && session_->partner == from && session_->id == request.session) {
    response.is_open = true;
    if (request.step.is_empty()) {
      store_.complete_repair();
      give_up();
    } else {
      patience_.expires_after(2 * options_.timeout);
      response.step = store_.next_step(request.step);
    }
  }
  store_.when_durable([this, reply, response] { host_.messages().reply(reply, response); });
}

void Repairer::give_up() {
  patience_.cancel();
  session_.reset();
  store_.abandon_repair();
}

}  // namespace windtunnel::replica
