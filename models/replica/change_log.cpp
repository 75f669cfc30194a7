#include "models/replica/change_log.hpp"

#include <string_view>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include "runtime/codec.hpp"
#include "runtime/crc32c.hpp"

namespace windtunnel::replica {

namespace {

constexpr std::string_view kFile = "replica.log";
// Ahead of each record: its length and its checksum.
constexpr std::size_t kHeaderBytes = 8;

/// The next whole record, or nothing where the file ends or is damaged.
std::optional<Change> next_change(ByteReader& in) {
  if (in.remaining() < kHeaderBytes) {
    return std::nullopt;
  }
  const std::uint32_t length = in.fixed32();
  const std::uint32_t checksum = in.fixed32();
  const std::string_view body = in.raw(length);
  if (!in.ok() || crc32c(body) != checksum) {
    return std::nullopt;
  }
  return decoded<Change>(body);
}

}  // namespace

ChangeLog::ChangeLog(Host& host, std::function<void()> on_failure)
    : host_(host), on_failure_(std::move(on_failure)) {}

asio::awaitable<std::vector<Change>> ChangeLog::load() {
  std::vector<Change> changes;
  auto [error, content] = co_await host_.disk().async_read(kFile, asio::as_tuple(asio::deferred));
  if (error == boost::system::errc::no_such_file_or_directory) {
    co_return changes;
  }
  if (error) {
    fail();
    co_return changes;
  }
  ByteReader in{content.view()};
  std::size_t whole = 0;
  while (auto change = next_change(in)) {
    changes.push_back(*std::move(change));
    whole = content.size() - in.remaining();
  }
  if (whole < content.size()) {
    auto [cut_error] =
        co_await host_.disk().async_truncate(kFile, whole, asio::as_tuple(asio::deferred));
    if (cut_error) {
      fail();
    }
  }
  // What a crashed process had appended may be in the cache only, and is about to count as durable.
  auto [sync_error] = co_await host_.disk().async_sync(kFile, asio::as_tuple(asio::deferred));
  if (sync_error) {
    fail();
  }
  co_return changes;
}

void ChangeLog::write(const Change& change) {
  ByteBuffer record;
  ByteWriter out{record};
  // The header comes first and is known last.
  out.fixed32(0);
  out.fixed32(0);
  encode(out, change);
  const std::string_view body = record.view().substr(kHeaderBytes);
  const std::uint32_t checksum = crc32c(body);
  record.overwrite_fixed32(0, static_cast<std::uint32_t>(body.size()));
  record.overwrite_fixed32(4, checksum);
  host_.disk().write_behind(kFile, record.view());
  has_unsynced_ = true;
}

void ChangeLog::when_durable(Completion<void()> then) {
  if (has_failed_) {
    return;
  }
  if (is_idle()) {
    then();
    return;
  }
  waiting_.push_back(std::move(then));
  if (!is_syncing_) {
    sync();
  }
}

void ChangeLog::sync() {
  is_syncing_ = true;
  has_unsynced_ = false;
  syncing_ = std::exchange(waiting_, {});
  host_.disk().async_sync(kFile, [this](error_code error) { finish(error); });
}

void ChangeLog::finish(error_code error) {
  if (error) {
    fail();
    return;
  }
  for (Completion<void()>& then : std::exchange(syncing_, {})) {
    then();
  }
  is_syncing_ = false;
  if (!waiting_.empty()) {
    sync();
  }
}

void ChangeLog::fail() {
  if (!std::exchange(has_failed_, true)) {
    waiting_.clear();
    syncing_.clear();
    on_failure_();
  }
}

}  // namespace windtunnel::replica
