#include "chaos/run/rotation_writer.hpp"

#include <utility>

#include "models/kv/client.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::chaos {

namespace {

asio::awaitable<void> write(Host& host, std::vector<HostId> control_plane,
                            identity::RotationSpec spec, identity::IssuingOptions issuing,
                            std::function<void(identity::KeyId)> on_committed) {
  kv::ClientOptions options;
  options.nodes = std::move(control_plane);
  kv::Client client{host, std::move(options)};
  const identity::KeyId new_root =
      co_await identity::begin_rotation(host, client, std::move(spec), std::move(issuing));
  on_committed(new_root);
}

}  // namespace

void write_rotation(Host& host, std::vector<HostId> control_plane, identity::RotationSpec spec,
                    identity::IssuingOptions issuing,
                    std::function<void(identity::KeyId)> on_committed) {
  spawn(host, write(host, std::move(control_plane), std::move(spec), std::move(issuing),
                    std::move(on_committed)));
}

}  // namespace windtunnel::chaos
