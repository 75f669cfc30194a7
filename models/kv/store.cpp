#include "models/kv/store.hpp"

#include <utility>

#include "runtime/codec.hpp"

namespace windtunnel::kv {

void Store::apply(std::uint64_t revision, const SharedBytes& command) {
  const auto decoded_command = decoded<Command>(command.view());
  if (!decoded_command) {
    return;
  }
  // Keys that are made in order sort last: one comparison finds their place.
  const bool is_last = !entries_.empty() && entries_.rbegin()->first < decoded_command->key;
  const auto found = is_last ? entries_.end() : entries_.lower_bound(decoded_command->key);
  Entry entry{command, decoded_command->value, revision};
  if (found == entries_.end() || found->first != decoded_command->key) {
    entries_.emplace_hint(found, decoded_command->key, std::move(entry));
    return;
  }
  // The key is a view into the old command, which goes: the node takes the new view.
  const auto next = std::next(found);
  auto node = entries_.extract(found);
  node.key() = decoded_command->key;
  node.mapped() = std::move(entry);
  entries_.insert(next, std::move(node));
}

const Store::Entry* Store::find(std::string_view key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

ScanResponse Store::scan(std::string_view from, std::uint32_t limit) const {
  ScanResponse response;
  response.status = Status::ok;
  auto at = entries_.lower_bound(from);
  for (; at != entries_.end() && response.found.size() < limit; ++at) {
    const auto& [key, entry] = *at;
    response.found.push_back({std::string{key}, entry.command.slice(entry.value), entry.revision});
  }
  response.has_more = at != entries_.end();
  return response;
}

}  // namespace windtunnel::kv
