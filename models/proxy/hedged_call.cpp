#include "models/proxy/hedged_call.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/deferred.hpp>

#include "models/proxy/attempt_message.hpp"
#include "models/proxy/attempt_outcome.hpp"

namespace windtunnel::proxy {

namespace {

/// Its own, or what limits all extra attempts of the route.
retry::Budget* budget_of(const HedgedCallInput& input) {
  retry::Budget* const own = input.hedge.budget();
  return own != nullptr ? own : input.route.retry_budget();
}

}  // namespace

HedgedCall::HedgedCall(HedgedCallInput input, Instant began)
    : input_(std::move(input)),
      timeout_(input_.route.policy().timeout),
      is_cancelled_at_endpoint_(input_.route.policy().cancel),
      options_(input_.hedge.options(began, timeout_)),
      deadline_(retry::Deadline::after(
          began, std::min(input_.request.timeout, input_.route.policy().deadline))),
      hedging_(options_, deadline_, budget_of(input_)),
      timer_(input_.host, [this] { carry_out(hedging_.on_timer(now())); }) {}

asio::awaitable<void> HedgedCall::run(service::CallResult& result) {
  result_ = &result;
  carry_out(hedging_.start(now()));
  if (!hedging_.is_finished() || open_ > 0) {
    co_await asio::async_initiate<const asio::deferred_t, void(error_code)>(
        [this](auto handler) {
          wait_for(input_.host.executor(), input_.host.pending(), waiter_, std::move(handler));
        },
        asio::deferred);
  }
}

void HedgedCall::carry_out(retry::Hedging::Actions actions) {
  todo_.insert(todo_.end(), actions.begin(), actions.end());
  if (is_carrying_out_) {
    return;
  }
  is_carrying_out_ = true;
  // By index: an attempt that is refused at once adds to the list.
  for (std::size_t i = 0; i < todo_.size(); ++i) {
    const retry::HedgingAction action = todo_[i];
    if (const auto* const copy = std::get_if<retry::SendAttempt>(&action)) {
      send(copy->attempt);
    } else if (const auto* const given_up = std::get_if<retry::CancelAttempt>(&action)) {
      give_up(given_up->attempt, std::get<retry::Finish>(todo_.back()));
    } else {
      finish(std::get<retry::Finish>(action));
    }
  }
  todo_.clear();
  is_carrying_out_ = false;
  if (hedging_.is_finished()) {
    timer_.cancel();
    wake_if_over();
  } else {
    timer_.expires_at(hedging_.next_timer());
  }
}

void HedgedCall::send(std::uint32_t number) {
  const balance::PickRequest pick{
      .key = input_.request.key, .hash = {}, .attempt = number, .tried = tried_.tried()};
  std::variant<Attempt, Refused> begun =
      input_.route.begin_attempt(now(), pick, input_.version, input_.request.priority);
  Copy& copy = copies_[number];
  if (const Refused* const refused = std::get_if<Refused>(&begun)) {
    copy.outcome = outcome_of(*refused);
    input_.on_attempt_ended();
    // Whatever kept this copy back, it ends no other.
    carry_out(hedging_.on_result(now(), number, {.outcome = retry::AttemptOutcome::refused}));
    return;
  }
  copy.attempt = std::get<Attempt>(begun);
  tried_.add(input_.route.instance_of(copy.attempt.endpoint));
  transmit(number, copy);
}

void HedgedCall::transmit(std::uint32_t number, Copy& copy) {
  const Duration timeout = std::min(timeout_, deadline_.remaining(now()));
  copy.id = input_.next_id();
  service::Request message =
      attempt_message(input_.service, input_.request, copy.id, number, timeout);
  copy.to = input_.host_of(copy.attempt.endpoint);
  copy.is_under_way = true;
  result_->picked = result_->picked.value_or(copy.to);
  ++result_->attempts;
  ++open_;
  if (input_.connect) {
    spawn(input_.host, connect_and_ask(number, std::move(message), timeout));
  } else {
    ask(number, std::move(message), timeout);
  }
}

asio::awaitable<void> HedgedCall::connect_and_ask(std::uint32_t number, service::Request message,
                                                  Duration timeout) {
  const Instant began = now();
  const bool is_connected = co_await input_.connect(copies_[number].to, timeout);
  timeout -= now() - began;
  const bool is_wanted = copies_[number].is_under_way;
  if (is_wanted && is_connected && timeout > Duration::zero()) {
    ask(number, std::move(message), timeout);
    co_return;
  }
  --open_;
  hear(number, asio::error::connection_refused, {});
}

void HedgedCall::ask(std::uint32_t number, service::Request message, Duration timeout) {
  Copy& copy = copies_[number];
  input_.host.messages().async_call<service::Response>(
      copy.to, std::move(message), timeout,
      asio::bind_cancellation_slot(copy.given_up.slot(),
                                   [this, number](error_code error, service::Response response) {
                                     --open_;
                                     hear(number, error, response);
                                   }));
}

void HedgedCall::hear(std::uint32_t number, const error_code& error,
                      const service::Response& response) {
  Copy& copy = copies_[number];
  if (!copy.is_under_way) {
    wake_if_over();
    return;
  }
  copy.is_under_way = false;
  if (!error) {
    input_.route.note_admitted(now(), copy.attempt, response.admitted);
  }
  copy.outcome = service::outcome_of(error, response.status);
  copy.version = response.version;
  if (error == asio::error::timed_out) {
    tell_endpoint(copy);
  }
  if (number == 0 && copy.outcome != service::CallOutcome::unreachable) {
    input_.hedge.observe_first(now(), now() - copy.attempt.began);
  }
  input_.route.end_attempt(now(), copy.attempt, copy.outcome);
  input_.on_answer(copy.attempt, copy.outcome);
  input_.on_attempt_ended();
  carry_out(hedging_.on_result(now(), number, {.outcome = attempt_outcome_of(copy.outcome)}));
}

void HedgedCall::give_up(std::uint32_t number, const retry::Finish& end) {
  Copy& copy = copies_[number];
  if (!copy.is_under_way) {
    return;
  }
  copy.is_under_way = false;
  if (number == 0) {
    input_.hedge.observe_first(now(), now() - copy.attempt.began);
  }
  input_.route.abandon_attempt(now(), copy.attempt);
  if (end.result == retry::HedgedResult::succeeded && end.attempt > number) {
    input_.on_outrun(copy.attempt);
    input_.route.note_outrun(now(), copy.attempt);
    input_.on_attempt_ended();
  }
  tell_endpoint(copy);
  copy.given_up.emit(asio::cancellation_type::terminal);
}

void HedgedCall::tell_endpoint(const Copy& copy) {
  if (is_cancelled_at_endpoint_) {
    input_.host.messages().send(copy.to, service::Cancel{copy.id});
  }
}

void HedgedCall::finish(const retry::Finish& end) {
  const Copy& copy = copies_[end.attempt];
  result_->outcome =
      end.result == retry::HedgedResult::deadline ? service::CallOutcome::timed_out : copy.outcome;
  result_->version = copy.attempt.version != 0 ? copy.attempt.version : copy.version;
}

void HedgedCall::wake_if_over() {
  if (hedging_.is_finished() && open_ == 0 && waiter_.is_waiting()) {
    waiter_.complete(error_code{});
  }
}

asio::awaitable<void> call_hedged(HedgedCallInput input, Instant began,
                                  service::CallResult& result) {
  HedgedCall call{std::move(input), began};
  co_await call.run(result);
}

}  // namespace windtunnel::proxy
