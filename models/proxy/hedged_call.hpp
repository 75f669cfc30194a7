// One request sent to several endpoints, each copy a little later than the one before, until one
// answers: carries out what retry::Hedging decides, on a Host.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>

#include "models/proxy/hedge.hpp"
#include "models/proxy/route.hpp"
#include "models/retry/hedging.hpp"
#include "models/retry/previous_hosts.hpp"
#include "models/service/caller.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::proxy {

/// What one hedged call works with. All of it outlives the call.
struct HedgedCallInput {
  Host& host;
  Route& route;
  Hedge& hedge;
  std::string_view service;
  const service::CallRequest& request;
  std::function<HostId(balance::EndpointId)> host_of;
  std::function<std::uint64_t()> next_id;  ///< Of requests, for Cancel.
  std::function<void(const Attempt&, service::CallOutcome)> on_answer;  ///< Or what came instead.
  std::function<void(const Attempt&)> on_outrun;  ///< A later copy was answered first.
  std::function<void()> on_attempt_ended;
  /// Makes sure of a host within that time before a copy goes there; false: it does not. None: a
  /// copy needs nothing but the network.
  std::function<asio::awaitable<bool>(HostId, Duration)> connect;
  std::uint32_t version = 0;  ///< Of the service that is asked for; 0: any.
};

/// Lives in the frame of the coroutine that runs it.
class HedgedCall {
 public:
  /// `began` is when the request was admitted; its deadline counts from there.
  HedgedCall(HedgedCallInput input, Instant began);
  HedgedCall(const HedgedCall&) = delete;
  HedgedCall& operator=(const HedgedCall&) = delete;

  /// Once. Ends when one copy has been answered, or none can be any more, and nothing is under way;
  /// fills in all of `result` but the policy.
  [[nodiscard]] asio::awaitable<void> run(service::CallResult& result);

 private:
  struct Copy {
    Attempt attempt;
    HostId to{};
    std::uint64_t id = 0;
    bool is_under_way = false;
    service::CallOutcome outcome = service::CallOutcome::timed_out;
    std::uint32_t version = 0;
    asio::cancellation_signal given_up;
  };

  [[nodiscard]] Instant now() const { return input_.host.now(); }
  /// Takes what the core wants done, and does it; doing it may bring the core something new.
  void carry_out(retry::Hedging::Actions actions);
  void send(std::uint32_t number);
  void transmit(std::uint32_t number, Copy& copy);
  void ask(std::uint32_t number, service::Request message, Duration timeout);
  asio::awaitable<void> connect_and_ask(std::uint32_t number, service::Request message,
                                        Duration timeout);
  void hear(std::uint32_t number, const error_code& error, const service::Response& response);
  /// A copy that is still under way when the call ends so.
  void give_up(std::uint32_t number, const retry::Finish& end);
  void tell_endpoint(const Copy& copy);
  void finish(const retry::Finish& end);
  void wake_if_over();

  HedgedCallInput input_;
  Duration timeout_;
  bool is_cancelled_at_endpoint_;
  retry::HedgingOptions options_;
  retry::Deadline deadline_;
  retry::Hedging hedging_;
  retry::PreviousHosts tried_;
  std::array<Copy, retry::Hedging::kAttemptsMax> copies_;
  std::vector<retry::HedgingAction> todo_;
  bool is_carrying_out_ = false;
  std::uint32_t open_ = 0;  ///< Copies whose handler has not run yet, given up or not.
  service::CallResult* result_ = nullptr;
  Timeout timer_;
  Waiter<void(error_code)> waiter_;
};

/// Makes a HedgedCall and runs it; in a frame of its own, so that other calls need not be as large.
[[nodiscard]] asio::awaitable<void> call_hedged(HedgedCallInput input, Instant began,
                                                service::CallResult& result);

}  // namespace windtunnel::proxy
