#include "models/registry/registry_view.hpp"

#include <utility>

#include "runtime/codec.hpp"

namespace windtunnel::registry {

RegistryView::RegistryView(Host& host, kv::Client& client, kv::WatchClient& watches,
                           std::string prefix, std::function<void(const RegistryView&)> on_change)
    : host_(host),
      on_change_(std::move(on_change)),
      mirror_(host, client, watches, std::move(prefix),
              {.on_put = [this](const kv::KeyAndValue& entry) { put(entry); },
               .on_deletion = [this](std::string_view key) { remove(key); },
               .on_revision =
                   [this](std::uint64_t) {
                     if (std::exchange(has_changed_, false) && on_change_) {
                       on_change_(*this);
                     }
                   }}) {}

void RegistryView::put(const kv::KeyAndValue& entry) {
  auto instance = decoded<Instance>(entry.value.view());
  if (!instance) {
    ++unreadable_;
    return;
  }
  host_.journal().record(InstanceSeen{instance->service, instance->id, entry.revision});
  instances_.insert_or_assign(entry.key, *std::move(instance));
  has_changed_ = true;
}

void RegistryView::remove(std::string_view key) {
  const auto found = instances_.find(key);
  if (found != instances_.end()) {
    host_.journal().record(InstanceGone{found->second.service, found->second.id});
    instances_.erase(found);
    has_changed_ = true;
  }
}

}  // namespace windtunnel::registry
