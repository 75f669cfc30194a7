#include "models/proxy/entrance.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include "models/proxy/place_queue.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::proxy {

namespace {

asio::awaitable<std::optional<Refused>> enter_by_queue(Host& host, Route& route,
                                                       Duration patience) {
  Timer timer{host};
  PlaceSeeker seeker{[&timer] { timer.cancel(); }};
  // Asked now: the policy may be another when the wait is over.
  const Duration max_wait = route.policy().bulkhead->max_wait;
  if (!route.queue_up(seeker)) {
    co_return Refused::concurrency;
  }
  timer.expires_after(std::min(max_wait, patience));
  co_await timer.async_wait(asio::as_tuple(asio::deferred));
  if (!seeker.has_place()) {
    route.note_overdue();
    co_return Refused::concurrency;
  }
  co_return route.come_in_to_place(host.now());
}

}  // namespace

asio::awaitable<std::optional<Refused>> enter(Host& host, Route& route, Duration patience) {
  const limit::Decision turn = route.take_turn(host.now(), patience);
  if (!turn.admitted) {
    co_return Refused::rate_limit;
  }
  if (turn.wait > Duration::zero()) {
    co_await sleep_for(host, turn.wait);
  }
  if (route.is_full()) {
    co_return co_await enter_by_queue(host, route, patience - turn.wait);
  }
  co_return route.come_in(host.now());
}

}  // namespace windtunnel::proxy
