#include "models/service/caller.hpp"

#include <utility>

#include <boost/asio/deferred.hpp>

namespace windtunnel::service {

CallOutcome outcome_of(const error_code& error, Status status) {
  if (error == asio::error::timed_out) {
    return CallOutcome::timed_out;
  }
  if (error || status == Status::wrong_service) {
    return CallOutcome::unreachable;
  }
  switch (status) {
    case Status::ok:
      return CallOutcome::ok;
    case Status::overloaded:
      return CallOutcome::overloaded;
    case Status::expired:
      return CallOutcome::expired;
    default:
      return CallOutcome::failed;
  }
}

asio::awaitable<CallResult> Caller::call(std::string_view service, CallRequest request) {
  co_return co_await asio::async_initiate<const asio::deferred_t, void(CallResult)>(
      [this, service, &request](auto handler) {
        start(service, std::move(request),
              completion_on<void(CallResult)>(host_.executor(), std::move(handler)));
      },
      asio::deferred);
}

}  // namespace windtunnel::service
