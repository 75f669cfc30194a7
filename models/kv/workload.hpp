// An open-loop load on the replicated store: operations start when they are due, whether or not
// earlier ones were answered, so that a stall of the store cannot hide itself (no coordinated
// omission). Every write has a key of its own, so that each acknowledged one can be looked for
// afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/kv/client.hpp"
#include "runtime/host.hpp"
#include "runtime/pending.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::kv {

enum class OperationKind : std::uint8_t { write, read };
BOOST_DESCRIBE_ENUM(OperationKind, write, read)

/// An operation began; `number` counts from zero on each host and load.
struct OperationInvoked {
  static constexpr std::string_view kWireName = "kv.operation_invoked";
  std::uint32_t load = 0;
  std::uint64_t number = 0;
  OperationKind kind = OperationKind::write;
};
BOOST_DESCRIBE_STRUCT(OperationInvoked, (), (load, number, kind))

struct OperationEnded {
  static constexpr std::string_view kWireName = "kv.operation_ended";
  std::uint32_t load = 0;
  std::uint64_t number = 0;
  Outcome outcome = Outcome::failed;
  std::uint32_t attempts = 0;
};
BOOST_DESCRIBE_STRUCT(OperationEnded, (), (load, number, outcome, attempts))

enum class Arrivals : std::uint8_t { poisson, constant };

struct WorkloadOptions {
  std::uint32_t load = 0;  ///< Tells several loads of one host apart.
  double rate_per_second = 0;
  Arrivals arrivals = Arrivals::poisson;
  Probability reads;
  std::size_t value_bytes = 64;
  Duration lasts{};  ///< No operation starts after this; those under way finish.
  ClientOptions client;
};

/// The key of a host's write.
[[nodiscard]] std::string key_of(std::string_view host, std::uint32_t load, std::uint64_t number);

/// One load of one host. Part of a Program; starts at once.
class Workload {
 public:
  Workload(Host& host, WorkloadOptions options);

 private:
  struct Operation {
    std::uint64_t number = 0;
    OperationKind kind = OperationKind::write;
  };
  /// Where a coroutine between two operations waits for the next one.
  using Worker = Waiter<void(Operation)>;

  asio::awaitable<void> run();
  /// Hands the operation to a coroutine that has ended an earlier one, if there is any.
  void start(Operation operation);
  asio::awaitable<void> work(Operation operation);
  asio::awaitable<void> operate(Operation operation);
  template <typename Token>
  auto async_next(Worker& worker, Token&& token);
  [[nodiscard]] Duration next_gap();

  Host& host_;
  WorkloadOptions options_;
  Client client_;
  SharedBytes value_;  ///< The same for every write; keys tell them apart.
  RandomStream arrivals_;
  RandomStream choices_;
  std::vector<Worker*> idle_;
};

}  // namespace windtunnel::kv
