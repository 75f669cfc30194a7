#include "models/raft/write_ahead_log.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/describe/class.hpp>

#include "models/raft/facts.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::raft {

namespace {

/// What one write leaves in the file: length, checksum, and this.
struct Record {
  std::optional<HardState> hard_state{};
  std::vector<Entry> entries{};
};
BOOST_DESCRIBE_STRUCT(Record, (), (hard_state, entries))

// Ahead of each record: its length and its checksum.
constexpr std::size_t kHeaderBytes = 4 + 8;

/// Writes the record over what is in `record`.
void write_record(const StorageAppend& write, ByteBuffer& record) {
  record.clear();
  ByteWriter out{record};
  // The header comes first and is known last.
  out.fixed32(0);
  out.fixed64(0);
  encode(out, write.hard_state);
  encode(out, write.entries);
  const std::string_view body = record.view().substr(kHeaderBytes);
  record.overwrite_fixed32(0, static_cast<std::uint32_t>(body.size()));
  record.overwrite_fixed64(4, checksum_of(body));
}

/// The next whole record, or nothing where the file ends or is damaged.
std::optional<Record> next_record(ByteReader& in) {
  if (in.remaining() < kHeaderBytes) {
    return std::nullopt;
  }
  const std::uint32_t length = in.fixed32();
  const std::uint64_t checksum = in.fixed64();
  const std::string_view body = in.raw(length);
  if (!in.ok() || checksum_of(body) != checksum) {
    return std::nullopt;
  }
  return decoded<Record>(body);
}

/// Later entries replace earlier ones from their index on, as they did in the log of the node that
/// wrote them.
void replay(Record record, PersistentState& state) {
  if (record.hard_state) {
    state.hard_state = *record.hard_state;
  }
  for (Entry& entry : record.entries) {
    const std::uint64_t kept = entry.index - state.base.index - 1;
    check(kept <= state.entries.size(), "a write-ahead log has no gaps");
    state.entries.resize(static_cast<std::size_t>(kept));
    state.entries.push_back(std::move(entry));
  }
}

}  // namespace

WriteAheadLog::WriteAheadLog(Host& host, std::string file, Events events)
    : host_(host), file_(std::move(file)), events_(std::move(events)) {}

asio::awaitable<PersistentState> WriteAheadLog::load() {
  PersistentState state;
  auto [error, content] = co_await host_.disk().async_read(file_, asio::as_tuple(asio::deferred));
  if (error == boost::system::errc::no_such_file_or_directory) {
    co_return state;
  }
  if (error) {
    fail(error);
    co_return state;
  }
  ByteReader in{content.view()};
  std::size_t whole = 0;
  while (auto record = next_record(in)) {
    replay(*std::move(record), state);
    whole = content.size() - in.remaining();
  }
  if (whole < content.size()) {
    auto [cut_error] =
        co_await host_.disk().async_truncate(file_, whole, asio::as_tuple(asio::deferred));
    if (cut_error) {
      fail(cut_error);
    }
  }
  // What a crashed process had appended may still be in the cache only. It is about to count as
  // durable: make it so.
  auto [sync_error] = co_await host_.disk().async_sync(file_, asio::as_tuple(asio::deferred));
  if (sync_error) {
    fail(sync_error);
  }
  // The commit index may be ahead of a torn tail only if nothing behind it was promised.
  const Index last = state.base.index + state.entries.size();
  state.hard_state.commit = std::min(state.hard_state.commit, last);
  co_return state;
}

void WriteAheadLog::write(StorageAppend&& append) {
  if (has_failed_) {
    return;
  }
  const bool is_hint_only = append.entries.empty() && !append.must_sync;
  if (append.hard_state && is_hint_only) {
    // A commit index by itself promises nothing: it goes out with the next record that does.
    hint_ = append.hard_state;
    append.hard_state.reset();
  }
  if (is_hint_only && append.responses.empty() && append.facts.empty()) {
    return;
  }
  if (append.hard_state || !append.entries.empty()) {
    if (!append.hard_state) {
      append.hard_state = hint_;
    }
    hint_.reset();
    write_record(append, record_);
    host_.disk().write_behind(file_, record_.view());
  }
  pending_.push_back(std::move(append));
  if (!is_syncing_) {
    sync();
  }
}

void WriteAheadLog::sync() {
  if (pending_.empty() || has_failed_) {
    return;
  }
  const bool must_sync = std::any_of(pending_.begin(), pending_.end(),
                                     [](const StorageAppend& write) { return write.must_sync; });
  is_syncing_ = true;
  if (!must_sync) {
    // Still not in place: the core that asks for a write is not to be answered before it has
    // finished asking.
    asio::post(host_.executor(), [this, count = pending_.size()] { acknowledge(count); });
    return;
  }
  host_.disk().async_sync(file_, [this, count = pending_.size()](error_code error) {
    if (error) {
      fail(error);
    } else {
      acknowledge(count);
    }
  });
}

void WriteAheadLog::acknowledge(std::size_t count) {
  for (; count > 0 && !has_failed_; --count) {
    StorageAppend durable = std::move(pending_.front());
    pending_.pop_front();
    events_.on_durable(durable);
  }
  is_syncing_ = false;
  if (!has_failed_) {
    events_.on_synced();
  }
  if (!is_syncing_) {
    sync();
  }
}

void WriteAheadLog::fail(error_code error) {
  if (!std::exchange(has_failed_, true)) {
    pending_.clear();
    events_.on_failure(error);
  }
}

}  // namespace windtunnel::raft
