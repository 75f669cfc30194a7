#include "models/rollout/begin_rollout.hpp"

#include <optional>
#include <string>
#include <utility>

#include "models/rollout/rollout_document.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::rollout {

namespace {

bool is_of(const kv::ReadResponse& present, const RolloutSpec& spec) {
  const std::optional<RolloutRecord> record = rollout_of(present.value);
  return present.exists && record && record->spec == spec;
}

}  // namespace

asio::awaitable<void> begin_rollout(Host& host, kv::Client& client, RolloutSpec spec) {
  constexpr Duration kPause = std::chrono::milliseconds{100};
  const std::string key = rollout_key_of(spec.service);
  // What the last attempt, of which nobody knows how it ended, expected to find.
  std::optional<std::uint64_t> attempted;
  for (;;) {
    const auto present = co_await client.read(key);
    if (present.outcome == kv::Outcome::ok) {
      const std::uint64_t revision = present.response.revision;
      if (attempted && *attempted != revision && is_of(present.response, spec)) {
        co_return;
      }
      attempted = revision;
      kv::ChangeRequest request;
      request.key = key;
      request.value = rollout_content_of(RolloutRecord{spec, {}});
      request.expected = revision;
      const auto written = co_await client.change(std::move(request));
      if (written.outcome == kv::Outcome::ok &&
          written.response.outcome == kv::ChangeOutcome::done) {
        co_return;
      }
    }
    co_await sleep_for(host, kPause);
  }
}

}  // namespace windtunnel::rollout
