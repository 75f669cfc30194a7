#include "chaos/run/rollout_writer.hpp"

#include <utility>

#include "models/kv/client.hpp"
#include "models/rollout/begin_rollout.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::chaos {

namespace {

asio::awaitable<void> write(Host& host, std::vector<HostId> control_plane,
                            rollout::RolloutSpec spec, std::function<void()> on_committed) {
  kv::ClientOptions options;
  options.nodes = std::move(control_plane);
  kv::Client client{host, std::move(options)};
  co_await rollout::begin_rollout(host, client, std::move(spec));
  on_committed();
}

}  // namespace

void write_rollout(Host& host, std::vector<HostId> control_plane, rollout::RolloutSpec spec,
                   std::function<void()> on_committed) {
  spawn(host, write(host, std::move(control_plane), std::move(spec), std::move(on_committed)));
}

}  // namespace windtunnel::chaos
