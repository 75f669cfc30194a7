// What one host knows of the registry: the instances of a service (or of all), kept current by a
// watch. While the control plane cannot be reached the last view stays, as a client's cache does.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "models/kv/mirror.hpp"
#include "models/registry/facts.hpp"
#include "models/registry/instance.hpp"

namespace windtunnel::registry {

class RegistryView {
 public:
  /// By key: service by service, and by id within one.
  using Instances = std::map<std::string, Instance, std::less<>>;

  /// `on_change` runs after each batch of changes, with a view of one revision.
  RegistryView(Host& host, kv::Client& client, kv::WatchClient& watches, std::string prefix,
               std::function<void(const RegistryView&)> on_change = {});

  [[nodiscard]] const Instances& instances() const { return instances_; }
  /// 0 until the first list has come.
  [[nodiscard]] std::uint64_t revision() const { return mirror_.revision(); }
  /// Values under the prefix that no instance could be read from.
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  void put(const kv::KeyAndValue& entry);
  void remove(std::string_view key);

  Host& host_;
  Instances instances_;
  std::function<void(const RegistryView&)> on_change_;
  bool has_changed_ = false;
  std::uint64_t unreadable_ = 0;
  kv::Mirror mirror_;
};

}  // namespace windtunnel::registry
