#include "chaos/run/gate_review.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include "models/kv/client.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::chaos {

namespace {

asio::awaitable<void> review(Host& host, gate::ReviewRequest request,
                             std::function<void(const gate::Decision&)> on_decided) {
  constexpr Duration kPatience = std::chrono::seconds{2};
  auto [error, response] = co_await host.messages().async_call<gate::ReviewResponse>(
      host.id(), std::move(request), kPatience, asio::as_tuple(asio::deferred));
  if (error) {
    response.decision.reason = "the gate did not answer";
  }
  on_decided(response.decision);
}

asio::awaitable<void> write(Host& host, std::vector<HostId> control_plane, SharedBytes content) {
  constexpr Duration kPause = std::chrono::milliseconds{100};
  kv::ClientOptions options;
  options.nodes = std::move(control_plane);
  kv::Client client{host, std::move(options)};
  for (;; co_await sleep_for(host, kPause)) {
    const auto written = co_await client.write(std::string{gate::kBundleKey}, content);
    if (written.outcome == kv::Outcome::ok) {
      co_return;
    }
  }
}

}  // namespace

void review_change(Host& host, gate::ReviewRequest request,
                   std::function<void(const gate::Decision&)> on_decided) {
  spawn(host, review(host, std::move(request), std::move(on_decided)));
}

void write_bundle(Host& host, std::vector<HostId> control_plane,
                  const std::optional<gate::Bundle>& bundle) {
  SharedBytes content = bundle ? gate::bundle_content_of(*bundle) : SharedBytes{"no bundle"};
  spawn(host, write(host, std::move(control_plane), std::move(content)));
}

}  // namespace windtunnel::chaos
