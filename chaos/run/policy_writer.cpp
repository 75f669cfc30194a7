#include "chaos/run/policy_writer.hpp"

#include <string>
#include <utility>

#include "models/kv/client.hpp"
#include "models/proxy/policy_documents.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::chaos {

namespace {

asio::awaitable<void> write_all(Host& host, std::vector<HostId> control_plane,
                                std::vector<proxy::RoutePolicy> policies,
                                std::function<void(std::uint64_t)> on_committed) {
  constexpr Duration kPause = std::chrono::milliseconds{100};
  kv::ClientOptions options;
  options.nodes = std::move(control_plane);
  kv::Client client{host, std::move(options)};
  config::ConfigClient configuration{host, client};
  for (const proxy::RoutePolicy& policy : policies) {
    for (;;) {
      std::string name = proxy::document_name_of(policy);
      SharedBytes content = proxy::document_content_of(policy);
      const config::WriteResult result =
          co_await configuration.write(std::move(name), std::move(content), std::nullopt);
      if (result.outcome == config::WriteOutcome::written) {
        on_committed(result.revision);
        break;
      }
      co_await sleep_for(host, kPause);
    }
  }
}

}  // namespace

void write_policies(Host& host, std::vector<HostId> control_plane,
                    std::vector<proxy::RoutePolicy> policies,
                    std::function<void(std::uint64_t revision)> on_committed) {
  spawn(host,
        write_all(host, std::move(control_plane), std::move(policies), std::move(on_committed)));
}

}  // namespace windtunnel::chaos
