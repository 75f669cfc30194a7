// Loads on a service: an open loop, whose requests start when they are due whether or not earlier
// ones have ended, and a closed loop of users who wait for their answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/client/arrival_process.hpp"
#include "models/client/call_record.hpp"
#include "models/client/zipf.hpp"
#include "models/service/caller.hpp"
#include "runtime/distribution.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::client {

/// What the requests of a load look like.
struct RequestShape {
  std::string service;
  Duration timeout = std::chrono::seconds{1};
  std::uint64_t users = 1000;  ///< A request's key is its user's name.
  double skew = 0;             ///< Zipf's exponent; 0: all users alike.
  /// How often each business priority comes, by its level. At least one is not zero.
  std::vector<std::uint32_t> business_weights = {1};
};

/// Draws requests of one shape.
class RequestSource {
 public:
  RequestSource(Host& host, RequestShape shape, std::string_view purpose);

  [[nodiscard]] const std::string& service() const { return shape_.service; }
  [[nodiscard]] service::CallRequest next();

 private:
  [[nodiscard]] std::uint8_t draw_business();

  Host& host_;
  RequestShape shape_;
  Zipf users_;
  std::uint64_t weights_ = 0;
  RandomStream random_;
};

struct OpenLoopOptions {
  std::uint32_t load = 0;  ///< Tells several loads of one host apart.
  RequestShape requests;
  Arrivals arrivals;
  Duration lasts = Duration::max();  ///< Nothing starts after this; what is under way finishes.
};

/// One open-loop load of one host. Part of a Program; starts at once. The caller and the sink must
/// outlive it.
class LoadClient {
 public:
  LoadClient(Host& host, OpenLoopOptions options, service::Caller& caller, CallSink& sink);
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }

 private:
  /// Starts what is due and waits for what is not.
  void go_on();
  void start(Instant due);

  Host& host_;
  OpenLoopOptions options_;
  service::Caller& caller_;
  CallSink& sink_;
  RequestSource source_;
  ArrivalProcess arrivals_;
  Instant began_;
  Instant due_;    ///< Of the next request.
  Timeout timer_;  ///< Until then.
  std::uint64_t in_flight_ = 0;
};

struct ClosedLoopOptions {
  std::uint32_t load = 0;
  RequestShape requests;
  std::uint32_t concurrent = 1;  ///< Users at a time, each with one request under way at most.
  DurationDistribution think = Constant{};
  Duration lasts = Duration::max();
};

/// Users who ask, wait for the answer, think, and ask again. A request is due when its user sends
/// it, so a slow service is asked less often and its stalls are under-reported: that is how such
/// users, and such load generators, behave. Part of a Program; starts at once.
class ClosedLoopClient {
 public:
  ClosedLoopClient(Host& host, ClosedLoopOptions options, service::Caller& caller, CallSink& sink);
  ClosedLoopClient(const ClosedLoopClient&) = delete;
  ClosedLoopClient& operator=(const ClosedLoopClient&) = delete;

 private:
  asio::awaitable<void> be_user();

  Host& host_;
  ClosedLoopOptions options_;
  service::Caller& caller_;
  CallSink& sink_;
  RequestSource source_;
  DurationSampler think_;
  RandomStream thoughts_;
};

}  // namespace windtunnel::client
