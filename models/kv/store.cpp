#include "models/kv/store.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace windtunnel::kv {

namespace {

constexpr std::size_t kChunkEntries = 256;

KeyAndValue entry_of(const Version& version, const ScanRequest& request) {
  return {std::string{version.key}, request.keys_only ? SharedBytes{} : version.shared_value(),
          version.revision, version.created, version.lease};
}

bool is_within(std::string_view key, const ScanRequest& request) {
  return key >= request.from && key.starts_with(request.prefix);
}

}  // namespace

Applied Store::apply(std::uint64_t revision, const SharedBytes& command) {
  revision_ = revision;
  const auto decoded = decoded_command(command.view());
  if (!decoded) {
    return {};
  }
  return std::visit([&](const auto& one) { return carry_out(one, command); }, *decoded);
}

Applied Store::carry_out(const Put& put, const SharedBytes& command) {
  if (put.lease != LeaseId{} && !leases_.exists(put.lease)) {
    return {ChangeOutcome::lease_not_found, 0};
  }
  Event event{EventKind::put,
              revision_,
              {put.key, put.value, command, revision_, revision_, put.lease},
              {}};
  event.before = write(event.now);
  if (event.before.revision != 0) {
    event.now.created = event.before.created;
  }
  if (put.lease != event.before.lease) {
    leases_.move(put.key, event.before.lease, put.lease);
  }
  history_.record(std::move(event));
  return {ChangeOutcome::done, revision_};
}

Applied Store::carry_out(const Delete& deletion, const SharedBytes& /*command*/) {
  return {erase(deletion.key) ? ChangeOutcome::done : ChangeOutcome::not_found, 0};
}

Applied Store::carry_out(const CompareAndSet& compare_and_set, const SharedBytes& command) {
  const Version* found = find(compare_and_set.key);
  const std::uint64_t present = found == nullptr ? 0 : found->revision;
  if (present != compare_and_set.expected) {
    return {ChangeOutcome::conflict, present};
  }
  if (compare_and_set.value) {
    return carry_out(Put{compare_and_set.key, *compare_and_set.value, compare_and_set.lease},
                     command);
  }
  return carry_out(Delete{compare_and_set.key}, command);
}

Applied Store::carry_out(const GrantLease& grant, const SharedBytes& /*command*/) {
  return {
      leases_.grant(LeaseId{revision_}, grant.ttl) ? ChangeOutcome::done : ChangeOutcome::conflict,
      0};
}

Applied Store::carry_out(const RevokeLease& revocation, const SharedBytes& /*command*/) {
  const auto lease = leases_.revoke(revocation.id);
  if (!lease) {
    return {ChangeOutcome::lease_not_found, 0};
  }
  for (const std::string& key : lease->keys) {
    erase(key);
  }
  return {ChangeOutcome::done, 0};
}

Version Store::write(const Version& version) {
  const std::string_view key = version.key;
  // Keys that are made in order sort last: one comparison finds their place, and full chunks stay
  // full.
  if (chunks_.empty() || chunks_.back().back().key < key) {
    if (chunks_.empty() || chunks_.back().size() == kChunkEntries) {
      chunks_.emplace_back().reserve(kChunkEntries);
    }
    chunks_.back().push_back(version);
    ++size_;
    return {};
  }
  const Place place = place_of(key);
  Chunk& chunk = chunks_[place.chunk];
  if (holds(place, key)) {
    Version& entry = chunk[place.slot];
    Version before = std::exchange(entry, version);
    entry.created = before.created;
    return before;
  }
  chunk.insert(chunk.begin() + static_cast<std::ptrdiff_t>(place.slot), version);
  ++size_;
  if (chunk.size() > kChunkEntries) {
    split(place.chunk);
  }
  return {};
}

bool Store::erase(std::string_view key) {
  const Place place = place_of(key);
  if (!holds(place, key)) {
    return false;
  }
  Chunk& chunk = chunks_[place.chunk];
  Event event{EventKind::deletion, revision_, {}, std::move(chunk[place.slot])};
  chunk.erase(chunk.begin() + static_cast<std::ptrdiff_t>(place.slot));
  if (chunk.empty()) {
    chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(place.chunk));
  }
  --size_;
  leases_.move(event.before.key, event.before.lease, LeaseId{});
  history_.record(std::move(event));
  return true;
}

Store::Place Store::place_of(std::string_view key) const {
  // The last chunk that begins at or before the key.
  const auto after = std::upper_bound(
      chunks_.begin(), chunks_.end(), key,
      [](std::string_view k, const Chunk& chunk) { return k < chunk.front().key; });
  const auto chunk = after == chunks_.begin() ? after : std::prev(after);
  if (chunk == chunks_.end()) {
    return {};
  }
  const auto slot =
      std::lower_bound(chunk->begin(), chunk->end(), key,
                       [](const Version& entry, std::string_view k) { return entry.key < k; });
  return {static_cast<std::size_t>(chunk - chunks_.begin()),
          static_cast<std::size_t>(slot - chunk->begin())};
}

bool Store::holds(Place place, std::string_view key) const {
  return place.chunk < chunks_.size() && place.slot < chunks_[place.chunk].size() &&
         chunks_[place.chunk][place.slot].key == key;
}

void Store::split(std::size_t at) {
  Chunk upper;
  upper.reserve(kChunkEntries);
  Chunk& lower = chunks_[at];
  const auto middle = lower.begin() + static_cast<std::ptrdiff_t>(lower.size() / 2);
  upper.assign(std::move_iterator{middle}, std::move_iterator{lower.end()});
  lower.erase(middle, lower.end());
  chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(upper));
}

const Version* Store::find(std::string_view key) const {
  const Place place = place_of(key);
  return holds(place, key) ? &chunks_[place.chunk][place.slot] : nullptr;
}

ScanResponse Store::scan(const ScanRequest& request) const {
  if (request.revision == 0 || request.revision >= revision_) {
    return scan_now(request);
  }
  if (request.revision < history_.compacted()) {
    ScanResponse response;
    response.status = Status::compacted;
    response.revision = history_.compacted();
    return response;
  }
  return scan_past(request);
}

ScanResponse Store::scan_now(const ScanRequest& request) const {
  ScanResponse response;
  response.status = Status::ok;
  response.revision = revision_;
  const std::string_view from = std::max<std::string_view>(request.from, request.prefix);
  Place place = place_of(from);
  for (; place.chunk < chunks_.size(); ++place.chunk, place.slot = 0) {
    const Chunk& chunk = chunks_[place.chunk];
    for (; place.slot < chunk.size(); ++place.slot) {
      const Version& version = chunk[place.slot];
      if (!version.key.starts_with(request.prefix)) {
        return response;
      }
      if (response.found.size() == request.limit) {
        response.has_more = true;
        return response;
      }
      response.found.push_back(entry_of(version, request));
    }
  }
  return response;
}

// The present, with what happened since undone: the first event of a key after the revision knows
// what stood there. Costs the events since and the whole range.
ScanResponse Store::scan_past(const ScanRequest& request) const {
  std::map<std::string_view, const Version*> past;
  for (std::uint64_t n = history_.first_after(request.revision); n < history_.end(); ++n) {
    const Event& event = history_.at(n);
    if (is_within(event.key(), request)) {
      past.try_emplace(event.key(), &event.before);
    }
  }
  const std::string_view from = std::max<std::string_view>(request.from, request.prefix);
  for (Place place = place_of(from); place.chunk < chunks_.size(); ++place.chunk, place.slot = 0) {
    const Chunk& chunk = chunks_[place.chunk];
    for (; place.slot < chunk.size(); ++place.slot) {
      if (!chunk[place.slot].key.starts_with(request.prefix)) {
        break;
      }
      past.try_emplace(chunk[place.slot].key, &chunk[place.slot]);
    }
  }
  ScanResponse response;
  response.status = Status::ok;
  response.revision = request.revision;
  for (const auto& [key, version] : past) {
    if (version->revision == 0) {
      continue;
    }
    if (response.found.size() == request.limit) {
      response.has_more = true;
      break;
    }
    response.found.push_back(entry_of(*version, request));
  }
  return response;
}

}  // namespace windtunnel::kv
