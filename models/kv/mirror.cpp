#include "models/kv/mirror.hpp"

#include <utility>

#include "runtime/timer.hpp"

namespace windtunnel::kv {

namespace {

constexpr std::uint32_t kPage = 500;
constexpr Duration kPause = std::chrono::milliseconds{200};

}  // namespace

Mirror::Mirror(Host& host, Client& client, WatchClient& watches, std::string prefix,
               MirrorHandlers handlers)
    : host_(host),
      client_(client),
      watches_(watches),
      prefix_(std::move(prefix)),
      handlers_(std::move(handlers)) {
  spawn(host, list_and_watch());
}

asio::awaitable<void> Mirror::list_and_watch() {
  for (;;) {
    std::uint64_t revision = 0;
    auto listed = co_await list(revision);
    if (listed) {
      adopt(std::move(*listed), revision);
      break;
    }
    co_await sleep_for(host_, kPause);
  }
  WatchHandlers handlers{[this](const WatchBatch& batch) { follow(batch); },
                         [this](WatchEnd) { spawn(host_, list_and_watch()); }};
  watches_.start({prefix_, WatchMatch::prefix}, revision_, std::move(handlers));
}

asio::awaitable<std::optional<std::vector<KeyAndValue>>> Mirror::list(std::uint64_t& revision) {
  std::vector<KeyAndValue> all;
  ScanRequest request;
  request.limit = kPage;
  request.prefix = prefix_;
  for (;;) {
    auto page = co_await client_.scan(request);
    if (page.outcome != Outcome::ok) {
      co_return std::nullopt;
    }
    revision = page.response.revision;
    request.revision = revision;
    for (KeyAndValue& entry : page.response.found) {
      all.push_back(std::move(entry));
    }
    if (!page.response.has_more) {
      co_return all;
    }
    request.from = all.back().key + '\0';
  }
}

void Mirror::adopt(std::vector<KeyAndValue>&& listed, std::uint64_t revision) {
  // Linearizable: a list asked for after a revision was seen is not older than it.
  check(revision >= revision_, "a copy never goes back");
  ++lists_;
  Entries fresh;
  for (KeyAndValue& entry : listed) {
    std::string key = entry.key;
    fresh.emplace(std::move(key), std::move(entry));
  }
  fresh.swap(entries_);
  const Entries& old = fresh;
  for (const auto& [key, entry] : old) {
    if (!entries_.contains(key)) {
      handlers_.on_deletion(key);
    }
  }
  for (const auto& [key, entry] : entries_) {
    const auto known = old.find(key);
    if (known == old.end() || known->second.revision != entry.revision) {
      handlers_.on_put(entry);
    }
  }
  revision_ = revision;
  handlers_.on_revision(revision_);
}

void Mirror::follow(const WatchBatch& batch) {
  for (const WatchEvent& event : batch.events) {
    if (event.kind == EventKind::deletion) {
      entries_.erase(event.key);
      handlers_.on_deletion(event.key);
    } else {
      KeyAndValue& entry = entries_[event.key];
      entry = {event.key, event.value, event.revision, event.created, LeaseId{}};
      handlers_.on_put(entry);
    }
  }
  revision_ = batch.through;
  handlers_.on_revision(revision_);
}

}  // namespace windtunnel::kv
