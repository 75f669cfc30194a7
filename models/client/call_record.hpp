// What a load reports about each of its calls, and to whom.
#pragma once

#include <cstdint>
#include <optional>

#include "models/service/caller.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::client {

/// How one call went, on the load's host's clock.
struct CallRecord {
  std::uint64_t number = 0;  ///< What the sink called it when it began.
  /// When it was due, not when it was sent: a load that waits for a slow answer before it sends
  /// the next request would measure the stall once and leave out everyone who met it ("coordinated
  /// omission", Tene).
  Instant due{};
  Instant ended{};
  service::CallOutcome outcome = service::CallOutcome::ok;
  std::uint32_t attempts = 0;
  std::uint32_t version = 0;     ///< Of the service, where it answered.
  std::uint64_t policy = 0;      ///< Revision of the configuration that it was made under.
  std::optional<HostId> picked;  ///< Where its first attempt went.
  std::uint8_t business = 0;     ///< The call's business priority.

  [[nodiscard]] Duration latency() const { return ended - due; }
};

class CallSink {
 public:
  CallSink() = default;
  CallSink(const CallSink&) = delete;
  CallSink& operator=(const CallSink&) = delete;
  virtual ~CallSink() = default;

  /// A call was due at `due`. Those that have not ended when a run does are known by this alone.
  /// Returns what the sink wants to know it by when it ends.
  virtual std::uint64_t begin(Instant due) = 0;
  virtual void end(const CallRecord& record) = 0;
};

}  // namespace windtunnel::client
