#include "models/proxy/endpoint_directory.hpp"

#include <algorithm>

#include "models/proxy/route_parts.hpp"

namespace windtunnel::proxy {

void EndpointDirectory::put(const registry::Instance& instance) {
  const auto [number, is_new] = number_of_.try_emplace(instance.id, known_.size());
  if (is_new) {
    known_.emplace_back();
  }
  Known& known = known_[number->second];
  registered_ += known.is_registered ? 0U : 1U;
  known = {instance.id, instance.host, instance.zone, instance.version, true, instance.labels};
}

void EndpointDirectory::remove(std::string_view id) {
  const auto number = number_of_.find(id);
  if (number != number_of_.end() && known_[number->second].is_registered) {
    known_[number->second].is_registered = false;
    --registered_;
  }
}

void EndpointDirectory::settle() {
  if (registered_ == 0) {
    return;
  }
  in_use_.clear();
  // In the order of their ids, which is that of every other proxy: subsets go by it.
  for (const auto& [id, number] : number_of_) {
    if (known_[number].is_registered) {
      in_use_.push_back(number);
    }
  }
}

std::vector<balance::Endpoint> EndpointDirectory::endpoints() const {
  std::vector<balance::Endpoint> endpoints;
  for (const std::size_t number : in_use_) {
    balance::Endpoint& endpoint = endpoints.emplace_back();
    endpoint.id = balance::EndpointId{static_cast<balance::EndpointId::rep>(number)};
    endpoint.address = known_[number].id;
    endpoint.zone = known_[number].zone;
    if (!known_[number].version.empty()) {
      endpoint.labels.emplace_back(kVersionLabel, known_[number].version);
    }
    for (const registry::Label& label : known_[number].labels) {
      endpoint.labels.emplace_back(label.name, label.value);
    }
    std::sort(endpoint.labels.begin(), endpoint.labels.end());
  }
  return endpoints;
}

}  // namespace windtunnel::proxy
