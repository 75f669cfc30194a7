#include "models/config/interest.hpp"

#include <algorithm>
#include <utility>

namespace windtunnel::config {

Interest Interest::in(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  Interest interest;
  interest.is_everything_ = false;
  interest.names_ = std::move(names);
  return interest;
}

bool Interest::wants(std::string_view document) const {
  return is_everything_ || std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
           return name.ends_with('/') ? document.starts_with(name) : document == name;
         });
}

}  // namespace windtunnel::config
