#include "models/registry/registry_client.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/codec.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::registry {

RegistryClient::RegistryClient(Host& host, kv::Client& client, RegistryClientOptions options)
    : host_(host), client_(client), options_(options), random_(host.random("registry.client")) {
  check(options_.heartbeats_per_ttl > 1, "one lost heartbeat must not lose the lease");
}

void RegistryClient::enroll(Instance instance) {
  const std::string key = key_of(instance);
  const auto [registration, is_new] = registrations_.try_emplace(key);
  check(is_new, "an instance is enrolled once");
  registration->second.instance = std::move(instance);
  spawn(host_, make_registered(key));
  if (!std::exchange(is_beating_, true)) {
    spawn(host_, beat());
  }
}

bool RegistryClient::is_registered(std::string_view service, std::string_view id) const {
  const auto found = registrations_.find(prefix_of(service) += id);
  return found != registrations_.end() && found->second.is_registered;
}

asio::awaitable<void> RegistryClient::withdraw(std::string service, std::string id) {
  const auto found = registrations_.find(prefix_of(service) += id);
  if (found == registrations_.end()) {
    co_return;
  }
  const kv::LeaseId lease = found->second.lease;
  registrations_.erase(found);
  if (lease != kv::LeaseId{}) {
    co_await client_.revoke(lease);
  }
}

asio::awaitable<void> RegistryClient::make_registered(std::string key) {
  if (std::exchange(registrations_.at(key).is_registering, true)) {
    co_return;
  }
  for (;;) {
    const bool is_done = co_await try_register(key);
    const auto found = registrations_.find(key);
    if (found == registrations_.end()) {
      co_return;
    }
    if (is_done) {
      Registration& registration = found->second;
      registration.is_registering = false;
      registration.is_registered = true;
      host_.journal().record(InstanceRegistered{registration.instance.service,
                                                registration.instance.id,
                                                std::exchange(registration.was_registered, true)});
      co_return;
    }
    co_await sleep_for(host_, random_.uniform(options_.retry / 2, options_.retry));
  }
}

asio::awaitable<bool> RegistryClient::try_register(std::string key) {
  const auto present = co_await client_.read(key);
  // The registration may be withdrawn during each wait.
  if (present.outcome != kv::Outcome::ok || !registrations_.contains(key)) {
    co_return false;
  }
  const auto granted = co_await client_.grant(registrations_.at(key).instance.ttl);
  const auto found = registrations_.find(key);
  if (granted.outcome != kv::Outcome::ok || found == registrations_.end()) {
    co_return false;
  }
  const kv::LeaseId lease{granted.response.revision};
  found->second.lease = lease;
  kv::ChangeRequest put;
  put.key = key;
  put.value = SharedBytes{encoded(found->second.instance)};
  put.expected = present.response.revision;
  put.lease = lease;
  const auto written = co_await client_.change(std::move(put));
  if (!registrations_.contains(key)) {
    // The write may have come after the revocation that withdrawing asked for.
    co_await client_.revoke(lease);
    co_return false;
  }
  co_return written.outcome == kv::Outcome::ok&& written.response.outcome ==
      kv::ChangeOutcome::done;
}

Duration RegistryClient::next_interval() {
  // Where nothing is enrolled any more, it only looks whether something is again.
  Duration shortest = registrations_.empty() ? std::chrono::seconds{10} : Duration::max();
  for (const auto& [key, registration] : registrations_) {
    shortest = std::min(shortest, registration.instance.ttl);
  }
  const Duration interval = shortest / options_.heartbeats_per_ttl;
  return random_.uniform(interval - interval / 10, interval);
}

asio::awaitable<void> RegistryClient::beat() {
  for (;;) {
    co_await sleep_for(host_, next_interval());
    co_await beat_once();
  }
}

asio::awaitable<void> RegistryClient::beat_once() {
  std::vector<std::string> keys;
  std::vector<kv::LeaseId> leases;
  for (const auto& [key, registration] : registrations_) {
    if (registration.is_registered) {
      keys.push_back(key);
      leases.push_back(registration.lease);
    }
  }
  if (keys.empty()) {
    co_return;
  }
  const auto renewed = co_await client_.keep_alive(leases);
  if (renewed.outcome != kv::Outcome::ok) {
    co_return;  // The next one is soon; the lease is lost only when the store says so.
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto found = registrations_.find(keys[i]);
    if (renewed.response.ttls.at(i) == Duration::zero() && found != registrations_.end() &&
        found->second.lease == leases[i]) {
      found->second.is_registered = false;
      spawn(host_, make_registered(keys[i]));
    }
  }
}

}  // namespace windtunnel::registry
