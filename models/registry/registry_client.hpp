// Keeps the instances of one host registered: each hangs on a lease of its own, one request renews
// them all, and what was lost is registered again. The registry has no server besides the
// replicated store's nodes: a heartbeat renews leases in the leader's memory and writes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/kv/client.hpp"
#include "models/registry/facts.hpp"
#include "models/registry/instance.hpp"
#include "runtime/host.hpp"
#include "runtime/random.hpp"

namespace windtunnel::registry {

struct RegistryClientOptions {
  /// Heartbeats come every ttl / heartbeats_per_ttl, less up to a tenth of it: hosts that started
  /// together drift apart. etcd's clients renew at a third too.
  std::uint32_t heartbeats_per_ttl = 3;
  /// Between attempts to register.
  Duration retry = std::chrono::milliseconds{500};
};

class RegistryClient {
 public:
  RegistryClient(Host& host, kv::Client& client, RegistryClientOptions options = {});
  RegistryClient(const RegistryClient&) = delete;
  RegistryClient& operator=(const RegistryClient&) = delete;

  /// Registers the instance and keeps it so until it is withdrawn or the host dies. One instance of
  /// that service and id at a time.
  void enroll(Instance instance);
  /// Takes the instance out at once. What the store does not hear of, the lease's end makes good.
  [[nodiscard]] asio::awaitable<void> withdraw(std::string service, std::string id);

  [[nodiscard]] bool is_registered(std::string_view service, std::string_view id) const;

 private:
  struct Registration {
    Instance instance;
    kv::LeaseId lease{};
    bool is_registered = false;
    bool was_registered = false;
    bool is_registering = false;
  };
  using Registrations = std::map<std::string, Registration, std::less<>>;  // By key.

  /// Until it succeeds, or the instance has been withdrawn.
  asio::awaitable<void> make_registered(std::string key);
  /// By compare-and-set: a request of an earlier attempt that arrives late must not move the key
  /// back to a lease that nobody renews.
  asio::awaitable<bool> try_register(std::string key);
  asio::awaitable<void> beat();
  asio::awaitable<void> beat_once();
  [[nodiscard]] Duration next_interval();

  Host& host_;
  kv::Client& client_;
  RegistryClientOptions options_;
  RandomStream random_;
  Registrations registrations_;
  bool is_beating_ = false;
};

}  // namespace windtunnel::registry
