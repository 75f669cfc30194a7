#include "chaos/run/policy_writer.hpp"

#include <string>
#include <utility>

#include "models/kv/client.hpp"
#include "models/proxy/policy_documents.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::chaos {

namespace {

struct NamedContent {
  std::string name;
  SharedBytes content;
};

asio::awaitable<void> write_all(Host& host, std::vector<HostId> control_plane,
                                std::vector<NamedContent> documents,
                                std::function<void(std::uint64_t)> on_committed) {
  constexpr Duration kPause = std::chrono::milliseconds{100};
  kv::ClientOptions options;
  options.nodes = std::move(control_plane);
  kv::Client client{host, std::move(options)};
  config::ConfigClient configuration{host, client};
  for (const NamedContent& document : documents) {
    for (;;) {
      std::string name = document.name;
      SharedBytes content = document.content;
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
  std::vector<NamedContent> documents;
  for (const proxy::RoutePolicy& policy : policies) {
    documents.push_back({proxy::document_name_of(policy), proxy::document_content_of(policy)});
  }
  spawn(host,
        write_all(host, std::move(control_plane), std::move(documents), std::move(on_committed)));
}

void write_splits(Host& host, std::vector<HostId> control_plane,
                  std::vector<proxy::TrafficSplit> splits,
                  std::function<void(std::uint64_t revision)> on_committed) {
  std::vector<NamedContent> documents;
  for (const proxy::TrafficSplit& split : splits) {
    documents.push_back(
        {proxy::split_document_name(split.service), proxy::split_document_content(split)});
  }
  spawn(host,
        write_all(host, std::move(control_plane), std::move(documents), std::move(on_committed)));
}

}  // namespace windtunnel::chaos
