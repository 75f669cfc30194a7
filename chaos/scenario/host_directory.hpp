// Who is who: the hosts of a plan by name, zone and region, and which of them form the control
// plane and each service.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/id.hpp"

namespace windtunnel::chaos {

struct DirectoryEntry {
  std::string name;
  std::string zone;
  std::string region;
  friend bool operator==(const DirectoryEntry&, const DirectoryEntry&) = default;
};

/// Hosts are numbered from 0 in the order in which they were added.
class HostDirectory {
 public:
  /// False, and nothing changes, where a host of that name is there already.
  [[nodiscard]] bool add(DirectoryEntry entry);
  void add_service(std::string name, std::vector<HostId> hosts) {
    services_.emplace(std::move(name), std::move(hosts));
  }
  void set_control_plane(std::vector<HostId> members) { control_plane_ = std::move(members); }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const DirectoryEntry& operator[](HostId host) const {
    return entries_[host.value()];
  }
  [[nodiscard]] std::optional<HostId> find(std::string_view name) const;
  [[nodiscard]] const std::vector<DirectoryEntry>& entries() const { return entries_; }
  /// Ascending.
  [[nodiscard]] const std::vector<HostId>& control_plane() const { return control_plane_; }

  /// The hosts of each service, ascending.
  [[nodiscard]] const std::map<std::string, std::vector<HostId>, std::less<>>& services() const {
    return services_;
  }

  friend bool operator==(const HostDirectory&, const HostDirectory&) = default;

 private:
  std::vector<DirectoryEntry> entries_;
  std::map<std::string, HostId, std::less<>> ids_;
  std::vector<HostId> control_plane_;
  std::map<std::string, std::vector<HostId>, std::less<>> services_;
};

}  // namespace windtunnel::chaos
