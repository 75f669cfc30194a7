// A load on replicated data: clients who write and read through the replica next to them, open
// loop, and never ask another one. Keys are few enough to be written on several sides at once.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "models/client/zipf.hpp"
#include "models/replica/call_kind.hpp"
#include "models/replica/messages.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::replica {

/// A client asks; `number` counts from zero on each host and load.
struct CallInvoked {
  static constexpr std::string_view kWireName = "replica.call_invoked";
  std::uint32_t load = 0;
  std::uint64_t number = 0;
  CallKind kind = CallKind::put;
  std::string key{};
};
BOOST_DESCRIBE_STRUCT(CallInvoked, (), (load, number, kind, key))

struct CallEnded {
  static constexpr std::string_view kWireName = "replica.call_ended";
  std::uint32_t load = 0;
  std::uint64_t number = 0;
  bool is_answered = false;  ///< Else nobody knows what became of it.
  std::optional<Dot> dot{};  ///< Of the operation, or of the write that was read.
};
BOOST_DESCRIBE_STRUCT(CallEnded, (), (load, number, is_answered, dot))

struct WorkloadOptions {
  std::uint32_t load = 0;  ///< Tells several loads of one host apart.
  HostId replica{};
  double rate_per_second = 0;
  std::array<std::uint32_t, kCallKinds> mix{4, 1, 2, 1, 2};  ///< How often each kind comes.
  std::uint64_t keys = 100;                                  ///< Of the map, and of the set.
  double skew = 0;                                           ///< Zipf's exponent.
  Duration timeout = std::chrono::seconds{1};
  Duration lasts{};  ///< No call starts after this.
};

/// One load of one host. Part of a Program; starts at once.
class Workload {
 public:
  Workload(Host& host, const WorkloadOptions& options);
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

 private:
  asio::awaitable<void> run();
  void start(std::uint64_t number);
  asio::awaitable<void> call(CallInvoked invoked);
  asio::awaitable<void> write(const CallInvoked& invoked, CallEnded& ended);
  asio::awaitable<void> read(const CallInvoked& invoked, CallEnded& ended);
  [[nodiscard]] CallKind draw_kind();

  Host& host_;
  WorkloadOptions options_;
  std::uint64_t weights_ = 0;
  client::Zipf keys_;
  RandomStream arrivals_;
  RandomStream choices_;
};

}  // namespace windtunnel::replica
