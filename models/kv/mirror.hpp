// A local copy of all keys under a prefix, kept by listing and watching. Where a watch has to be
// given up, the list is taken anew and only the differences are reported: the copy moves from one
// state of the store to a later one, never back, and stays readable while no node can be reached.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "models/kv/client.hpp"
#include "models/kv/watch_client.hpp"

namespace windtunnel::kv {

struct MirrorHandlers {
  /// A key has a new value (or its first).
  std::function<void(const KeyAndValue&)> on_put;
  std::function<void(std::string_view key)> on_deletion;
  /// What was reported so far is the whole state of this revision.
  std::function<void(std::uint64_t revision)> on_revision;
};

class Mirror {
 public:
  /// Begins to list at once. The clients must outlive it.
  Mirror(Host& host, Client& client, WatchClient& watches, std::string prefix,
         MirrorHandlers handlers);
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  using Entries = std::map<std::string, KeyAndValue, std::less<>>;
  [[nodiscard]] const Entries& entries() const { return entries_; }
  /// The copy equals the store's state of this revision; 0 before the first list.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  /// Lists taken, the first included.
  [[nodiscard]] std::uint64_t lists() const { return lists_; }

 private:
  asio::awaitable<void> list_and_watch();
  /// Page by page, all of one revision. Nothing where that revision was compacted meanwhile or the
  /// store could not be reached.
  asio::awaitable<std::optional<std::vector<KeyAndValue>>> list(std::uint64_t& revision);
  void adopt(std::vector<KeyAndValue>&& listed, std::uint64_t revision);
  void follow(const WatchBatch& batch);

  Host& host_;
  Client& client_;
  WatchClient& watches_;
  std::string prefix_;
  MirrorHandlers handlers_;
  Entries entries_;
  std::uint64_t revision_ = 0;
  std::uint64_t lists_ = 0;
};

}  // namespace windtunnel::kv
