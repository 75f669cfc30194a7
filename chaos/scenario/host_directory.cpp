#include "chaos/scenario/host_directory.hpp"

#include <cstdint>
#include <utility>

namespace windtunnel::chaos {

bool HostDirectory::add(DirectoryEntry entry) {
  const HostId id{static_cast<std::uint32_t>(entries_.size())};
  if (!ids_.emplace(entry.name, id).second) {
    return false;
  }
  entries_.push_back(std::move(entry));
  return true;
}

std::optional<HostId> HostDirectory::find(std::string_view name) const {
  const auto it = ids_.find(name);
  return it == ids_.end() ? std::nullopt : std::optional{it->second};
}

}  // namespace windtunnel::chaos
