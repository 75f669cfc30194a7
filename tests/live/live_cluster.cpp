#include "tests/live/live_cluster.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace windtunnel::live {

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "windtunnel-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("no temporary directory can be made");
  }
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

LiveHost& LiveCluster::start(HostId id, TransportOptions options) {
  const auto known = endpoints_.find(id);
  LiveHostOptions host_options{
      .id = id,
      .name = "host-" + std::to_string(id.value()),
      .listen = known != endpoints_.end() ? known->second : *parse_endpoint("127.0.0.1:0"),
      .data_directory = directory_.path() / std::to_string(id.value()),
      .seed = 1,
      .observer = [this, id](WallInstant, const TypeDescription& type,
                             const void*) { facts_[id].emplace_back(type.name); },
      .transport = options};
  TypeRegistry types;
  types.add<Ping, Pong>();
  HostTable table;
  for (const auto& [other, endpoint] : endpoints_) {
    table.add(other, {"", endpoint});
  }
  auto host = std::make_unique<LiveHost>(context_, host_options, types, table);
  endpoints_.insert_or_assign(id, host->endpoint());
  for (const auto& [other, running] : hosts_) {
    running->hosts().add(id, {"", host->endpoint()});
  }
  return *(hosts_[id] = std::move(host));
}

void LiveCluster::run_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the condition did not come true";
    context_.run_one_until(deadline);
    context_.restart();
  }
}

int LiveCluster::facts(HostId host, std::string_view name) const {
  const auto recorded = facts_.find(host);
  return recorded == facts_.end()
             ? 0
             : static_cast<int>(std::count(recorded->second.begin(), recorded->second.end(), name));
}

}  // namespace windtunnel::live
