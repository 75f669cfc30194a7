// The durable side of one replica: a file of checksummed records on its host's disk, from which a
// restart begins. What is written while an fsync is under way shares the next one. It is never
// compacted.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include "models/replica/replica.hpp"
#include "runtime/host.hpp"

namespace windtunnel::replica {

/// Something that changed a replica; one of the three. A content goes with what its sender had
/// seen, and a context by itself is one that was joined.
struct Change {
  std::optional<Operation> operation{};
  std::optional<RangeContent> content{};
  std::optional<CausalContext> seen{};
};
BOOST_DESCRIBE_STRUCT(Change, (), (operation, content, seen))

class ChangeLog {
 public:
  /// `on_failure` is called once when the disk fails; nothing is durable from then on.
  ChangeLog(Host& host, std::function<void()> on_failure);

  /// What the file holds, up to the first record that is torn or corrupt, where it is cut. Must
  /// complete before the first write.
  [[nodiscard]] asio::awaitable<std::vector<Change>> load();

  void write(const Change& change);
  /// Runs `then` as soon as all that was written before is durable: now, where it is.
  void when_durable(Completion<void()> then);
  /// The same for coroutines.
  template <typename Token>
  auto async_durable(Token&& token) {
    return asio::async_initiate<Token, void()>(
        [this](auto handler) {
          auto then = completion_on<void()>(host_.executor(), std::move(handler));
          if (is_idle()) {
            asio::post(host_.executor(), std::move(then));
          } else {
            when_durable(std::move(then));
          }
        },
        token);
  }

 private:
  [[nodiscard]] bool is_idle() const { return !has_unsynced_ && !is_syncing_ && !has_failed_; }
  void sync();
  void finish(error_code error);
  void fail();

  Host& host_;
  std::function<void()> on_failure_;
  std::vector<Completion<void()>> waiting_;
  std::vector<Completion<void()>> syncing_;  ///< Those that the fsync under way is for.
  bool has_unsynced_ = false;
  bool is_syncing_ = false;
  bool has_failed_ = false;
};

}  // namespace windtunnel::replica
